"""Catch-up by pull: late joiners and nodes that were away end where everybody else is (P16)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeVar

import sqlalchemy as sa

from node.jobs import run_batch
from storage import tables
from storage.governance import positions, proposals, statutes
from storage.neighbours import outbox_cursors
from storage.work import deliveries, events
from tests.federation.town import cast, open_question, own_answer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from storage.engine import Tx
    from tests.federation.town import House, Town

T = TypeVar("T")


async def at(house: House, look: Callable[[Tx], Awaitable[T]]) -> T:
    """What `look` finds in the house's rows."""
    async with house.node.store.read() as tx:
        return await look(tx)


async def knows_statute(house: House, assembly: House) -> bool:
    return await at(house, lambda tx: statutes.latest(tx, assembly.node.body.did)) is not None


async def decided(house: House, proposal_id: str) -> bytes:
    """Tally, outcome and state as the house holds them."""
    found = await at(house, lambda tx: proposals.find(tx, proposal_id))
    assert found is not None
    return json.dumps([found.tally, found.outcome_document, found.state], sort_keys=True).encode()


async def reported(house: House, proposal_id: str) -> list[tuple[str, str, str]]:
    found = await at(house, lambda tx: positions.for_proposal(tx, proposal_id))
    return sorted((one.body_did, one.digest, one.status) for one in found)


async def test_an_assembly_that_joins_late_brings_its_earlier_statute(town: Town) -> None:
    iberian, barcelona = await town.build("iberian", kind="assembly"), await town.build("barcelona", kind="assembly")
    gracia = await town.build("gracia")
    await town.join(gracia, barcelona)

    await town.join(barcelona, iberian)
    await town.pass_time(seconds=5)

    assert await knows_statute(iberian, barcelona)
    assert await knows_statute(gracia, iberian)


async def test_a_statute_made_while_the_answer_was_on_its_way_is_not_missed(town: Town) -> None:
    iberian, barcelona = await town.build("iberian", kind="assembly"), await town.build("barcelona", kind="assembly")
    gracia = await town.build("gracia")
    for below, above in ((barcelona, iberian), (gracia, barcelona)):
        await below.ada.post("memberships", {"address": above.node.origin})
    await town.settle()

    await iberian.ada.post("constituents/decide", {"actor": barcelona.actor, "accept": True})
    while await run_batch(iberian.node, 50, "test"):
        pass  # the answer is in Barcelona's inbox, and Iberian has read Barcelona's outbox to its end
    await barcelona.ada.post("constituents/decide", {"actor": gracia.actor, "accept": True})
    await town.settle()

    assert await knows_statute(iberian, barcelona)


async def test_what_waits_for_something_earlier_asks_its_bringer_for_it(town: Town) -> None:
    iberian, barcelona = await town.build("iberian", kind="assembly"), await town.build("barcelona", kind="assembly")
    gracia = await town.build("gracia")
    await town.join(barcelona, iberian)
    await town.join(gracia, barcelona)
    async with iberian.node.store.write() as tx:
        await tx.execute(sa.delete(tables.statutes).where(tables.statutes.c.assembly_did == barcelona.node.body.did))
        await tx.execute(sa.delete(tables.activities).where(tables.activities.c.actor_id == barcelona.actor))
        await tx.execute(sa.delete(tables.outbox_cursors))
    question = await open_question(iberian)
    await town.settle()

    answer = await own_answer(barcelona, question)
    await cast(gracia, answer, "ada", "for")
    await town.pass_time(seconds=5)

    assert [status for _, _, status in await reported(iberian, answer["id"])] == ["counted"]


async def test_a_late_joiner_learns_what_was_passed_on_when_nobody_was_there_to_hear(town: Town) -> None:
    iberian, barcelona = await town.build("iberian", kind="assembly"), await town.build("barcelona", kind="assembly")
    await town.join(barcelona, iberian)
    question = await open_question(iberian)
    await town.settle()
    gracia = await town.build("gracia")

    await town.join(gracia, barcelona)
    await town.pass_time(seconds=5)
    seen = await at(gracia, lambda tx: proposals.find(tx, question["id"]))

    assert seen is not None
    assert (seen.origin, seen.title) == ("peer", question["title"])
    assert await knows_statute(gracia, iberian)


async def test_a_node_that_was_away_for_longer_than_its_peers_tried_has_the_same_tallies(town: Town) -> None:
    barcelona = await town.build("barcelona", kind="assembly", margin_seconds=60)
    gracia, *present = [await town.build(handle) for handle in ("gracia", "eixample", "sagrada")]
    for coop in (gracia, *present):
        await town.join(coop, barcelona)
    await gracia.stop()

    question = await open_question(barcelona)
    await town.settle()
    for coop in present:
        await cast(coop, question, "ada", "for")
    await town.pass_time(days=8)
    for _ in range(60):
        await town.pass_time(hours=12)
    given_up = await at(barcelona, deliveries.failed)
    await gracia.restart()
    await town.pass_time(hours=1)

    assert {delivery.inbox for delivery in given_up} == {f"{gracia.node.origin}/inbox"}
    assert len({await decided(house, question["id"]) for house in (barcelona, gracia, *present)}) == 1
    assert len(await reported(barcelona, question["id"])) == 2
    assert await reported(gracia, question["id"]) == await reported(barcelona, question["id"])


async def test_reading_the_same_outbox_again_changes_nothing(town: Town) -> None:
    iberian, barcelona = await town.build("iberian", kind="assembly"), await town.build("barcelona", kind="assembly")
    await town.join(barcelona, iberian)
    await town.pass_time(seconds=5)
    before = await at(barcelona, events.head)
    read = await at(barcelona, lambda tx: outbox_cursors.find(tx, iberian.actor))

    await barcelona.stop()
    town.clock.move(hours=1)
    await barcelona.restart()
    await town.pass_time(seconds=5)
    read_again = await at(barcelona, lambda tx: outbox_cursors.find(tx, iberian.actor))

    assert read is not None
    assert read_again is not None
    assert read_again.read_at > read.read_at
    assert await at(barcelona, events.head) == before
