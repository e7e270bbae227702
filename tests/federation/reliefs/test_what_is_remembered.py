"""What a process remembers of a relief is what the whole log adds up to, whatever came, in whatever order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from identity.canonical import content_digest
from node.services.reliefs import log as logs
from storage import reliefs, statutes
from storage.records import StatuteRecord
from tests.unit.relief.pages import log_of
from tests.unit.relief.worlds import NOW, World, actor, did, statute

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.engine import Store, Tx
    from storage.records import ReliefEntryRecord, ReliefRecord

MINUTE = timedelta(minutes=1)


@pytest.fixture
def world() -> World:
    world = World().surveyed().stocked()
    plan = world.in_force()
    world.take(world.delivery(plan, "apple", 1, "sent", 33), world.appeal(plan, "dill", 2))
    return world


def entries_of(world: World, record: ReliefRecord) -> list[ReliefEntryRecord]:
    """The log in an order of arrival that brings outcomes before questions and endorsements before plans."""
    documents = [each for each in world.log[1:] if each["governance"]["kind"] != "statute"]
    Random(7).shuffle(documents)
    return [
        logs.entry_of(record.id, document, at=NOW + place * MINUTE, source="peer")
        for place, document in enumerate(documents)
    ]


async def add_statute(tx: Tx, name: str, document: dict[str, Any]) -> None:
    version, digest = document["governance"]["version"], content_digest(document)
    await statutes.add(
        tx,
        StatuteRecord(
            digest=digest,
            assembly_did=did(name),
            assembly_actor=actor(name),
            version=version,
            document=document,
            received_at=NOW,
        ),
    )


async def begin(store: Store, world: World) -> ReliefRecord:
    record = replace(log_of(world).relief, title=store.dialect)
    async with store.write() as tx:
        await reliefs.add(tx, record)
        for name, document in zip(("north", "east", "west"), world.statutes, strict=True):
            await add_statute(tx, name, document)
    return record


async def arrive(store: Store, entries: Sequence[ReliefEntryRecord]) -> None:
    async with store.write() as tx:
        for entry in entries:
            assert await reliefs.append(tx, entry)


async def same(store: Store, record: ReliefRecord) -> logs.Log:
    """What is remembered, after it was compared with the whole."""
    async with store.read() as tx:
        loaded, (whole, _) = await logs.load(tx, record), await logs.whole(tx, record)
    assert (loaded.state, loaded.arrivals, loaded.relief) == (whole.state, whole.arrivals, record)
    assert loaded.statutes == whole.statutes
    assert {content_digest(one) for one, _ in loaded.left} == {content_digest(one) for one, _ in whole.left}
    return loaded


async def test_parts_that_came_in_any_order_add_up_to_the_whole(store: Store, world: World) -> None:
    record = await begin(store, world)
    for entry in entries_of(world, record):
        await arrive(store, [entry])
        found = await same(store, record)

    assert found.state == world.state
    assert not found.left


async def test_only_what_is_new_is_read(store: Store, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    record = await begin(store, world)
    entries = entries_of(world, record)
    await arrive(store, entries[:-2])
    await same(store, record)
    await arrive(store, entries[-2:])
    monkeypatch.setattr(reliefs, "entries", None)
    async with store.read() as tx:
        once, again = await logs.load(tx, record), await logs.load(tx, record)

    assert once.state == again.state == world.state


async def test_what_was_rolled_back_is_not_remembered(store: Store, world: World) -> None:
    record = await begin(store, world)
    entries = entries_of(world, record)
    await arrive(store, entries[:-1])
    async with store.writer.connect() as tx:
        await reliefs.append(tx, entries[-1])
        seen = await logs.load(tx, record)
        await tx.rollback()

    assert len(seen.arrivals) == len(entries)
    assert len((await same(store, record)).arrivals) == len(entries) - 1


async def test_a_new_statute_and_a_great_many_entries_are_read_from_the_beginning(
    store: Store, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = await begin(store, world)
    entries = entries_of(world, record)
    await same(store, record)
    monkeypatch.setattr(logs, "MOST_NEW", 3)
    await arrive(store, entries)
    await same(store, record)
    async with store.write() as tx:
        await add_statute(tx, "east", statute("east", version=2, below=("apple", "birch", "fig")))
    found = await same(store, record)

    assert did("fig") in found.state.roster.bodies


async def test_a_process_remembers_a_bounded_number_of_reliefs(store: Store, world: World) -> None:
    record = await begin(store, world)
    async with store.write() as tx:
        for number in range(logs.REMEMBERED + 1):
            other = replace(record, id=f"{record.id}-{number}", survey_id=str(number), digest=f"sha256:{number}")
            await reliefs.add(tx, other)
            await logs.load(tx, other)

    assert len(logs._remembered) == logs.REMEMBERED
