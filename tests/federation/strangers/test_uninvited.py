"""What strangers say of deciding: no question of theirs stands on our pages, and none is passed on by us."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from federation.vocabulary.terms import PUBLIC
from node.services.follows import keep_follow
from storage import proposals, statutes
from storage.neighbours import follows
from storage.work import activities
from tests.doors.peers import NOON, Clock, Wire, peer
from tests.federation.community.fediverse import fediverse
from tests.federation.neighbours.strangers import posted
from tests.federation.town import open_question

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.doors.peers import Peer
    from tests.federation.town import House, Town

NOTHING = f"sha256:{'0' * 64}"
OF_BODIES = {"kind": "constituents", "statute": NOTHING}
OF_MEMBERS = {"kind": "members", "count": 1, "weight": 1, "digest": NOTHING}


@pytest.fixture
async def stranger() -> AsyncIterator[Peer]:
    async with peer("stranger") as made:
        yield made


def question(by: Peer, number: int, electorate: dict[str, Any]) -> dict[str, Any]:
    """Create of a proposal that is sound in itself, with all proofs."""
    governance = {
        "kind": "proposal", "body": "did:web:peer.example", "title": "Cheap pills", "text_digest": NOTHING,
        "rule": {"preset": "majority"}, "opens_at": "2026-11-21T11:00:00Z", "closes_at": "2026-11-25T12:00:00Z",
        "electorate": electorate, "upstream": None,
    }  # fmt: skip
    document = {
        "@context": by.activity()["@context"], "id": f"{by.origin}/proposals/{number}", "type": "Question",
        "attributedTo": by.actor_id, "name": "Cheap pills", "content": "<p>Buy</p>", "to": [PUBLIC],
        "governance": governance,
    }  # fmt: skip
    about = by.activity(id=f"{by.origin}/activities/{number}", object=by.proven(document), to=[PUBLIC])
    return by.proven(about)


async def asked(town: Town, house: House, by: Peer, number: int, electorate: dict[str, Any]) -> None:
    assert (await posted(town, house, by, question(by, number, electorate))).status == 202
    await town.settle()


async def page(town: Town, house: House, path: str) -> str:
    async with town.http.get(house.node.origin + path, headers={"Accept": "text/html"}) as answer:
        assert answer.status == 200
        return await answer.text()


@pytest.mark.parametrize("electorate", [OF_BODIES, OF_MEMBERS], ids=["bodies", "members"])
async def test_a_strangers_question_is_neither_shown_nor_passed_on(
    town: Town, stranger: Peer, electorate: dict[str, Any]
) -> None:
    coop = await town.build("gracia")
    async with fediverse() as server:
        mia = server.person("mia")
        await mia.say(coop, mia.activity("Follow", coop.actor))

        await asked(town, coop, stranger, 1, electorate)

        heard = [one["type"] for one in server.heard()]
    shown = [path for path in ("/proposals", "/federation") if "Cheap pills" in await page(town, coop, path)]
    assert (shown, heard) == ([], ["Accept"])
    async with coop.node.store.read() as tx:
        assert await proposals.find(tx, f"{stranger.origin}/proposals/1") is None
        row = await activities.find(tx, f"{stranger.origin}/activities/1")
    assert row is not None
    assert (row.state, row.reason) == ("refused", "uninvited")


async def test_a_strangers_question_is_kept_when_one_of_ours_stands_on_its_roll(town: Town, stranger: Peer) -> None:
    coop = await town.build("gracia", "blai")

    await asked(town, coop, stranger, 1, OF_MEMBERS | {"invited": [await coop.did_of("blai")]})

    async with coop.node.store.read() as tx:
        assert await proposals.find(tx, f"{stranger.origin}/proposals/1") is not None


async def test_a_strangers_statute_makes_nobody_a_neighbour(town: Town) -> None:
    coop, far = await town.build("gracia"), await town.build("far", kind="assembly")
    near = await town.build("near")
    await town.join(near, far)
    async with far.node.store.read() as tx:
        found = [json.loads(one.raw) for one in await activities.outbox(tx)]
        [latest] = await statutes.all_latest(tx)
    [create] = [one for one in found if (one["object"].get("governance") or {}).get("kind") == "statute"]

    async with town.http.post(f"{coop.node.origin}/inbox", json=create, headers=JSON) as answer:
        assert answer.status == 202, await answer.text()
    await town.settle()

    async with coop.node.store.read() as tx:
        assert await statutes.find(tx, latest.digest) is None


JSON = {"Content-Type": "application/activity+json"}


async def test_what_came_uninvited_is_taken_when_somebody_brings_it_whom_we_hear(town: Town, stranger: Peer) -> None:
    coop = await town.build("gracia")
    document = question(stranger, 1, OF_MEMBERS)
    assert (await posted(town, coop, stranger, document)).status == 202
    await town.settle()
    async with coop.node.store.read() as tx:
        assert await activities.known(tx, [document["id"]]) == frozenset()
    async with coop.node.store.write() as tx:
        await keep_follow(tx, coop.node, stranger.actor_id, f"{coop.node.origin}/follows/1")
        await follows.set_state(tx, "out", stranger.actor_id, "accepted")

    for seconds in (1, 2):
        signed_then = Wire(coop.node.federation, Clock(NOON + timedelta(seconds=seconds)), town.http)
        assert (await stranger.send(signed_then, document)).status == 202
        await town.settle()

    async with coop.node.store.read() as tx:
        assert await proposals.find(tx, f"{stranger.origin}/proposals/1") is not None
        row = await activities.find(tx, document["id"])
        assert await activities.known(tx, [document["id"]]) == {document["id"]}
    assert row is not None
    assert (row.state, row.reason) == ("dispatched", None)


async def test_what_an_assembly_brings_of_others_is_kept(town: Town) -> None:
    above, one, other = await town.build("above", kind="assembly"), await town.build("one"), await town.build("other")
    await town.join(one, above)
    await town.join(other, above)

    asked_there = await open_question(one, title="A new oven")
    await town.settle()

    async with other.node.store.read() as tx:
        assert await proposals.find(tx, asked_there["id"]) is not None
