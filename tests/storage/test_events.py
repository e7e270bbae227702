import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.exc import StatementError

from storage import events
from storage.engine import Store, open_store
from storage.errors import NaiveTimeError
from storage.records import EventRecord
from tests.storage.samples import MINUTE, NOON


async def append(store: Store, subject: str = "motion", *, alone: bool = True, **content: Any) -> EventRecord:
    async with store.write(alone=alone) as tx:
        return await events.append(tx, at=NOON, actor="ana", type="ballot-cast", subject=subject, content=content)


async def walk(store: Store) -> list[EventRecord]:
    async with store.read() as tx:
        return list(await events.walk(tx))


async def test_events_form_a_chain(store: Store) -> None:
    appended = [await append(store, number=number) for number in range(3)]

    found = await walk(store)

    assert found == appended
    assert [event.seq for event in found] == [1, 2, 3]
    assert [event.previous_hash for event in found[1:]] == [event.hash for event in found[:-1]]
    assert events.check_chain(found) is None


async def test_content_that_json_would_bend_still_checks(store: Store) -> None:
    await append(store, big=1e16, small=-0.0, pair=(1, 2), keys={2: "b", 10: "a"}, text="é\u2028", none=None)

    assert events.check_chain(await walk(store)) is None


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "eve"},
        {"type": "x"},
        {"subject": "x"},
        {"at": NOON + MINUTE},
        {"content": {"number": 9}},
        {"content_hash": "sha256:0"},
        {"hash": "sha256:0"},
        {"previous_hash": "sha256:0"},
        {"seq": 7},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_a_changed_record_breaks_the_chain(store: Store, change: dict[str, Any]) -> None:
    first, second, third = [await append(store, number=number) for number in range(3)]
    changed = replace(second, **change)

    assert events.check_chain([first, changed, third]) == changed.seq


async def test_removed_inserted_and_reordered_records_break_the_chain(store: Store) -> None:
    first, second, third = [await append(store, number=number) for number in range(3)]

    assert events.check_chain([first, third]) == 3
    assert events.check_chain([second, third]) == 2
    assert events.check_chain([first, first, second]) == 1
    assert events.check_chain([first, third, second]) == 3


async def test_a_chain_can_be_checked_page_by_page(store: Store) -> None:
    for number in range(5):
        await append(store, number=number)
    async with store.read() as tx:
        page = await events.walk(tx, limit=2)
        rest = await events.walk(tx, after=page[-1].seq)

    assert events.check_chain(rest, after=page[-1]) is None
    assert events.check_chain(rest[1:], after=page[-1]) == 4


async def test_the_chain_never_forks_among_concurrent_writers(database_url: str) -> None:
    stores = [await open_store(database_url, pool_size=4) for _ in range(2)]

    await asyncio.gather(*(append(stores[number % 2], alone=number % 3 == 0, number=number) for number in range(40)))

    found = await walk(stores[0])
    assert [event.seq for event in found] == list(range(1, 41))
    assert events.check_chain(found) is None
    for store in stores:
        await store.close()


async def test_an_event_of_a_failed_change_leaves_no_gap(store: Store) -> None:
    async def fail_half_way() -> None:
        async with store.write() as tx:
            await events.append(tx, at=NOON, actor="ana", type="x", subject="y", content={})
            raise ZeroDivisionError

    await append(store)
    with pytest.raises(ZeroDivisionError):
        await fail_half_way()

    assert (await append(store)).seq == 2


async def test_events_are_found_by_subject_and_from_the_end(store: Store) -> None:
    for subject in ("one", "two", "one"):
        await append(store, subject)

    async with store.read() as tx:
        assert [event.seq for event in await events.about(tx, "one")] == [1, 3]
        assert [event.seq for event in await events.recent(tx, limit=2)] == [3, 2]
        head = await events.head(tx)
    assert head is not None
    assert head.seq == 3


async def test_an_event_without_a_time_zone_is_refused_and_leaves_nothing(store: Store) -> None:
    naive = NOON.replace(tzinfo=None)
    with pytest.raises((NaiveTimeError, StatementError), match="no time zone"):
        async with store.write() as tx:
            await events.append(tx, at=naive, actor="ana", type="ballot-cast", subject="motion", content={})

    assert await walk(store) == []
