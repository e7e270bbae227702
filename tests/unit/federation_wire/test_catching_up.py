"""Reading a peer's outbox: by cursor, within bounds, each item believed for its own proof only (P16)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from federation.errors import FetchFailure, NotYet
from federation.peers.catch_up import FETCH_ACTIVITY, catch_up, fetch_activity
from federation.ports import Limits
from federation.vocabulary.terms import ACTIVITY_JSON
from storage.engine import Store, open_store
from storage.neighbours import follows, outbox_cursors
from storage.records import FollowRecord
from storage.work import activities, intake, jobs
from tests.doors.peers import NOON, Peer, Wire, peer, wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping


@pytest.fixture
async def opened(sqlite_url: str) -> AsyncIterator[Store]:
    made = await open_store(sqlite_url)
    yield made
    await made.close()


@pytest.fixture
async def here(opened: Store) -> AsyncIterator[Wire]:
    async with wire(opened, limits=Limits(catch_up_pages=3)) as served:
        yield served


@pytest.fixture
async def there() -> AsyncIterator[Peer]:
    async with peer("there") as served:
        yield served


def said(there: Peer, number: int, **members: Any) -> dict[str, Any]:
    note = {"id": f"{there.origin}/notes/{number}", "type": "Note", "attributedTo": there.actor_id}
    return there.proven(there.activity(id=f"{there.origin}/activities/{number}", object=note, **members))


def publish(there: Peer, *pages: list[dict[str, Any]]) -> None:
    """The outbox of `there`: its pages are /outbox/0, /outbox/1 and so on."""
    collection = {"id": f"{there.actor_id}/outbox", "type": "OrderedCollection", "first": f"{there.origin}/outbox/0"}
    there.pages["/body/outbox"] = collection
    for number, items in enumerate(pages):
        page = {"id": f"{there.origin}/outbox/{number}", "type": "OrderedCollectionPage", "orderedItems": items}
        more = {"next": f"{there.origin}/outbox/{number + 1}"} if number + 1 < len(pages) else {}
        there.pages[f"/outbox/{number}"] = page | more


async def received(here: Wire) -> list[str]:
    async with here.federation.store.read() as tx:
        rows = await activities.recent(tx)
    return [row.id.rpartition("/")[2] for row in reversed(rows)]


async def cursor(here: Wire, there: Peer) -> str | None:
    async with here.federation.store.read() as tx:
        found = await outbox_cursors.find(tx, there.actor_id)
    return found.page.rpartition("/")[2] if found is not None else None


async def test_all_pages_are_read_oldest_first_and_the_last_one_is_where_reading_goes_on(
    here: Wire, there: Peer
) -> None:
    publish(there, [said(there, 1), said(there, 2)], [said(there, 3)])

    assert await catch_up(here.federation, there.actor_id)

    assert await received(here) == ["1", "2", "3"]
    assert await cursor(here, there) == "1"
    publish(there, [said(there, 1), said(there, 2)], [said(there, 3), said(there, 4)], [said(there, 5)])
    there.asked.clear()
    assert await catch_up(here.federation, there.actor_id)
    assert await received(here) == ["1", "2", "3", "4", "5"]
    assert there.asked["/outbox/0"] == 0


def publish_newest_first(there: Peer, *pages: list[dict[str, Any]]) -> None:
    """The same with the newest on top, as ActivityPub §5 has it; pages are given oldest first and linked both ways."""
    names = [f"{there.origin}/outbox/{number}" for number in range(len(pages))]
    ends = {"first": names[-1], "last": names[0]}
    there.pages["/body/outbox"] = {"id": f"{there.actor_id}/outbox", "type": "OrderedCollection", **ends}
    for number, (name, items) in enumerate(zip(names, pages, strict=True)):
        links = {"next": names[number - 1]} if number else {}
        links |= {"prev": names[number + 1]} if number + 1 < len(names) else {}
        page = {"id": name, "type": "OrderedCollectionPage", "orderedItems": items[::-1]}
        there.pages[f"/outbox/{number}"] = page | links


async def test_an_outbox_that_stands_newest_first_is_read_from_its_last_page_forward(here: Wire, there: Peer) -> None:
    publish_newest_first(there, [said(there, 1), said(there, 2)], [said(there, 3)])

    assert await catch_up(here.federation, there.actor_id)

    assert await received(here) == ["1", "2", "3"]
    assert await cursor(here, there) == "1"
    publish_newest_first(there, [said(there, 1), said(there, 2)], [said(there, 3), said(there, 4)], [said(there, 5)])
    there.asked.clear()
    assert await catch_up(here.federation, there.actor_id)
    assert await received(here) == ["1", "2", "3", "4", "5"]
    assert there.asked["/outbox/0"] == 0


async def test_a_newer_page_that_lists_nothing_yet_does_not_have_all_read_again(here: Wire, there: Peer) -> None:
    publish_newest_first(there, [said(there, 1)], [said(there, 2)], [])

    assert await catch_up(here.federation, there.actor_id)

    assert await cursor(here, there) == "1"
    publish_newest_first(there, [said(there, 1)], [said(there, 2)], [said(there, 3)], [])
    there.asked.clear()
    assert await catch_up(here.federation, there.actor_id)
    assert await received(here) == ["1", "2", "3"]
    assert there.asked["/outbox/0"] == 0


async def test_every_item_waits_for_its_handler_as_if_it_had_been_posted(here: Wire, there: Peer) -> None:
    publish(there, [said(there, 1)])

    await catch_up(here.federation, there.actor_id)

    async with here.federation.store.read() as tx:
        row = await activities.find(tx, f"{there.origin}/activities/1")
        assert await intake.arrived(tx, limit=9) == (row,)
    assert row is not None
    assert (row.direction, row.state, row.actor_id) == ("in", "recorded", there.actor_id)
    assert here.wakes["dispatch"] == 1


async def test_one_run_stops_at_its_bound_and_the_next_goes_on(here: Wire, there: Peer) -> None:
    publish(there, *([said(there, number)] for number in range(5)))

    assert not await catch_up(here.federation, there.actor_id)
    assert await received(here) == ["0", "1", "2"]

    assert await catch_up(here.federation, there.actor_id)
    assert await received(here) == ["0", "1", "2", "3", "4"]


async def test_one_run_stops_when_its_time_is_over(here: Wire, there: Peer) -> None:
    publish(there, [said(there, 1)], [said(there, 2)])
    second = dict(there.pages["/outbox/1"])  # type: ignore[arg-type]  # pages hold documents here

    async def slow(_: web.Request) -> web.Response:
        here.clock.advance(minutes=2)
        return web.json_response(second, content_type=ACTIVITY_JSON)

    there.pages["/outbox/1"] = slow

    assert not await catch_up(here.federation, there.actor_id)
    assert await received(here) == ["1"]
    assert await catch_up(here.federation, there.actor_id) is False, "the same page is slow again"
    there.pages["/outbox/1"] = second
    assert await catch_up(here.federation, there.actor_id)
    assert await received(here) == ["1", "2"]


async def test_slow_pages_without_items_take_no_more_time_than_others(here: Wire, there: Peer) -> None:
    publish(there, [], [], [])
    first = dict(there.pages["/outbox/0"])  # type: ignore[arg-type]  # as above

    async def slow(_: web.Request) -> web.Response:
        here.clock.advance(minutes=2)
        return web.json_response(first, content_type=ACTIVITY_JSON)

    there.pages["/outbox/0"] = slow

    assert not await catch_up(here.federation, there.actor_id)
    assert there.asked["/outbox/1"] == 0


async def test_a_collection_that_goes_in_circles_ends(here: Wire, there: Peer) -> None:
    publish(there, [said(there, 1)], [said(there, 2)])
    there.pages["/outbox/1"] = {**there.pages["/outbox/1"], "next": f"{there.origin}/outbox/0"}  # type: ignore[dict-item]  # as above

    assert await catch_up(here.federation, there.actor_id), "it would be read again in two seconds, for ever"

    assert (there.asked["/outbox/0"], there.asked["/outbox/1"]) == (1, 1)


def without_proof(there: Peer) -> Mapping[str, Any]:
    return there.activity(id=f"{there.origin}/activities/2")


def altered(there: Peer) -> Mapping[str, Any]:
    return said(there, 2) | {"summary": "altered"}


def of_another_actor(there: Peer) -> Mapping[str, Any]:
    return said(there, 2) | {"actor": "https://victim.example/body"}


def with_foreign_id(there: Peer) -> Mapping[str, Any]:
    return there.proven(there.activity(id="https://victim.example/activities/2"))


@pytest.mark.parametrize("bad", [without_proof, altered, of_another_actor, with_foreign_id])
async def test_what_its_own_proof_does_not_carry_is_passed_over(here: Wire, there: Peer, bad: Any) -> None:
    publish(there, [said(there, 1), bad(there), said(there, 3), 5, "https://x.example/1"])  # type: ignore[list-item]  # as a hostile peer would

    assert await catch_up(here.federation, there.actor_id)

    assert await received(here) == ["1", "3"]


async def test_an_item_whose_author_does_not_answer_is_tried_again_by_a_job(here: Wire, there: Peer) -> None:
    async with peer("author") as author:
        inner = said(author, 1)
        announced = there.proven(there.activity(id=f"{there.origin}/activities/7", type="Announce", object=inner))
        author.pages.pop("/body")
        publish(there, [announced, said(there, 8)])
        there.pages["/activities/7"] = announced
        await hear(here, there)

        assert await catch_up(here.federation, there.actor_id)

        assert await received(here) == ["8"]
        async with here.federation.store.read() as tx:
            assert await jobs.find(tx, FETCH_ACTIVITY, announced["id"]) is not None
        with pytest.raises(NotYet):
            await fetch_activity(here.federation, announced["id"])
        author.pages["/body"] = author.actor()
        here.clock.advance(hours=1)
        await fetch_activity(here.federation, announced["id"])
        assert await received(here) == ["8", "1"]


async def test_an_item_that_is_gone_is_not_asked_for_for_ever(here: Wire, there: Peer) -> None:
    await fetch_activity(here.federation, f"{there.origin}/activities/404")

    assert await received(here) == []


async def test_an_outbox_made_anew_is_read_from_its_start(here: Wire, there: Peer) -> None:
    publish(there, [said(there, 1)], [said(there, 2)])
    await catch_up(here.federation, there.actor_id)
    there.pages.pop("/outbox/1")
    publish(there, [said(there, 11)])

    assert await catch_up(here.federation, there.actor_id)

    assert await received(here) == ["1", "2", "11"]
    assert await cursor(here, there) == "0"


@pytest.mark.parametrize("outbox", [None, 5, "https://victim.example/outbox"])
async def test_only_an_outbox_of_its_own_is_read(here: Wire, there: Peer, outbox: Any) -> None:
    there.pages["/body"] = there.actor(outbox=outbox)

    with pytest.raises(FetchFailure):
        await catch_up(here.federation, there.actor_id)

    assert await received(here) == []


async def hear(here: Wire, there: Peer) -> None:
    async with here.federation.store.write() as tx:
        record = FollowRecord(
            id="f", direction="out", actor_id=there.actor_id, activity_id="f", created_at=NOON, state="accepted"
        )
        await follows.save(tx, record)


# --- an outbox without end


def never_end(there: Peer) -> None:
    """Each page of the outbox of `there` has something new and leads to another."""

    async def page(request: web.Request) -> web.Response:
        number = int(request.query.get("after", "0"))
        document = {
            "id": f"{there.origin}/endless?after={number}",
            "type": "OrderedCollectionPage",
            "orderedItems": [said(there, number)],
            "next": f"{there.origin}/endless?after={number + 1}",
        }
        return web.json_response(document, content_type=ACTIVITY_JSON)

    publish(there, [])
    there.pages["/body/outbox"] = {**there.pages["/body/outbox"], "first": f"{there.origin}/endless"}  # type: ignore[dict-item]  # a document
    there.pages["/endless"] = page


async def read_for(here: Wire, there: Peer, *, hours: int) -> int:
    """How many pages were asked for by somebody who looks every five minutes for so long."""
    before = there.asked["/endless"]
    for _ in range(hours * 12):
        with suppress(NotYet):
            assert not await catch_up(here.federation, there.actor_id)
        here.clock.advance(minutes=5)
    return there.asked["/endless"] - before


async def test_an_outbox_without_end_is_read_ever_more_slowly(here: Wire, there: Peer) -> None:
    here.federation.limits = replace(here.federation.limits, catch_up_pages_at_once=12, catch_up_pages_an_hour=6)
    never_end(there)

    first, later = await read_for(here, there, hours=2), await read_for(here, there, hours=4)

    assert 12 <= first <= 12 + 2 * 6 + 3
    assert 4 * 6 - 3 <= later <= 4 * 6 + 3
    assert len(await received(here)) == first + later


async def test_who_was_read_long_ago_may_have_said_much_again(here: Wire, there: Peer) -> None:
    here.federation.limits = replace(here.federation.limits, catch_up_pages_at_once=12, catch_up_pages_an_hour=6)
    never_end(there)
    await read_for(here, there, hours=1)
    here.clock.advance(hours=3)

    for _ in range(4):
        assert not await catch_up(here.federation, there.actor_id)
    with pytest.raises(NotYet):
        await catch_up(here.federation, there.actor_id)


async def test_what_cannot_be_read_counts_as_read(here: Wire, there: Peer) -> None:
    here.federation.limits = replace(here.federation.limits, catch_up_pages_at_once=3)
    for _ in range(3):
        with pytest.raises(FetchFailure):
            await catch_up(here.federation, there.actor_id)

    with pytest.raises(NotYet):
        await catch_up(here.federation, there.actor_id)
