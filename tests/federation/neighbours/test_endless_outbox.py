"""A body we follow whose outbox never ends costs little, and the operator sees which one it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aiohttp import web

from node.services.follows import CATCH_UP, keep_follow
from storage import jobs
from tests.doors.peers import ACTIVITY, Peer, as_bytes
from tests.web.test_security import visitor

if TYPE_CHECKING:
    from tests.federation.town import House, Town

NOTE = "What it says has no end so far"


def never_ends(stranger: Peer) -> None:
    async def page(request: web.Request) -> web.Response:
        number = int(request.query.get("after", "0"))
        item = stranger.proven(stranger.activity(id=f"{stranger.origin}/activities/{number}", type="Like"))
        document = {"type": "OrderedCollectionPage", "orderedItems": [item],
                    "next": f"{stranger.origin}/pages?after={number + 1}"}  # fmt: skip
        return web.Response(body=as_bytes(document), content_type=ACTIVITY)

    outbox = {"id": f"{stranger.actor_id}/outbox", "type": "OrderedCollection", "first": f"{stranger.origin}/pages"}
    stranger.pages |= {"/body/outbox": outbox, "/pages": page}


async def console(house: House) -> str:
    async with visitor(house, "ada") as ada, ada.get("/operator") as answer:
        return await answer.text()


async def test_an_outbox_without_end_is_left_for_hours_and_shown(town: Town, stranger: Peer) -> None:
    never_ends(stranger)
    gracia = await town.build("gracia")
    federation = gracia.node.federation
    federation.limits = replace(federation.limits, catch_up_pages=2, catch_up_pages_at_once=10)
    async with gracia.node.store.write() as tx:
        await keep_follow(tx, gracia.node, stranger.actor_id, f"{gracia.node.origin}/follows/1")

    for _ in range(20):
        await town.pass_time(seconds=1)
    at_once = stranger.asked["/pages"]
    shown = await console(gracia)
    for _ in range(12):
        await town.pass_time(minutes=10)

    assert 10 <= at_once <= 10 + 2
    assert stranger.asked["/pages"] - at_once <= 2 * federation.limits.catch_up_pages_an_hour + 2
    assert stranger.asked["/pages"] - at_once >= federation.limits.catch_up_pages_an_hour
    assert NOTE in shown
    async with gracia.node.store.read() as tx:
        job = await jobs.find(tx, CATCH_UP, stranger.actor_id)
    assert job is not None
    assert job.parked_at is None
