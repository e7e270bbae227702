"""FEP-171b: what a body takes into a discussion is an Add, told to those who take part and kept for all to read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from federation.vocabulary.loader import expand
from storage import activities, peers
from tests.federation.community.test_neighbours import coop, follow_back, mia, server
from tests.federation.conftest import stranger, town
from tests.federation.town import open_question

if TYPE_CHECKING:
    from storage.records import ActivityRecord
    from tests.doors.peers import Peer
    from tests.federation.community.fediverse import Person, Server
    from tests.federation.town import House

__all__ = ["coop", "mia", "server", "stranger", "town"]  # fixtures

JSON = {"Accept": "application/activity+json"}


@pytest.fixture
async def question(coop: House) -> dict[str, Any]:
    return await open_question(coop)


async def shown(house: House, address: str) -> dict[str, Any]:
    async with house.town.http.get(address, headers=JSON) as answer:
        assert answer.status == 200, address
        return dict(await answer.json(content_type=None))


async def history(house: House, question: dict[str, Any]) -> list[dict[str, Any]]:
    """The Adds of a discussion, as anybody reads them."""
    page = await shown(house, f"{question['id']}/history?after=0")
    return [await shown(house, one) for one in page["orderedItems"]]


def adds(server: Server) -> list[Any]:
    return [one["object"] for one in server.heard() if one["type"] == "Add"]


async def test_a_question_names_its_history_and_the_history_its_owner(coop: House, question: dict[str, Any]) -> None:
    document = await shown(coop, question["id"])
    container = await shown(coop, f"{question['id']}/history")

    (expanded,) = expand(document)
    assert document["contextHistory"] == container["id"] == f"{question['id']}/history"
    assert expanded["https://w3id.org/fep/171b/contextHistory"] == [{"@id": container["id"]}]
    assert (container["type"], container["attributedTo"], container["collectionOf"], container["totalItems"]) == (
        "OrderedCollection", coop.actor, "Activity", 0
    )  # fmt: skip


async def test_whoever_takes_part_hears_the_others_without_following(
    coop: House, mia: Person, server: Server, question: dict[str, Any]
) -> None:
    gus = server.person("gus")
    first, second = mia.reply(question["id"], "<p>Why?</p>"), gus.reply(question["id"], "<p>Because.</p>")
    await mia.say(coop, first)
    assert adds(server) == []

    await gus.say(coop, second)
    written = await coop.ada.post(f"proposals/{question['key']}/replies", {"text": "Let us."})
    await coop.town.settle()

    by_gus, by_ada = adds(server)
    assert by_gus == second["id"]
    assert (by_ada["type"], by_ada["object"]["id"]) == ("Create", written.body["id"])
    assert "proof" in by_ada
    told = next(one for one in server.heard() if one["type"] == "Add")
    assert told["actor"] == coop.actor
    assert told["target"] == {
        "type": "OrderedCollection", "id": f"{question['id']}/history", "attributedTo": coop.actor
    }  # fmt: skip
    assert mia.id in told["to"]
    assert gus.id not in told["to"]


async def test_followers_hear_it_as_an_announce_alone(
    coop: House, mia: Person, server: Server, question: dict[str, Any]
) -> None:
    await mia.say(coop, mia.activity("Follow", coop.actor))
    await mia.say(coop, mia.reply(question["id"], "<p>Why?</p>"))

    await coop.ada.post(f"proposals/{question['key']}/replies", {"text": "Let us."})
    await coop.town.settle()

    assert adds(server) == []


async def test_the_history_holds_every_step_in_order(coop: House, mia: Person, question: dict[str, Any]) -> None:
    await mia.say(coop, first := mia.reply(question["id"], "<p>Why?</p>"))
    written = (await coop.ada.post(f"proposals/{question['key']}/replies", {"text": "Let us."})).body
    await coop.ada.post(f"replies/{written['key']}/edit", {"text": "Let us not."})
    await coop.ada.delete(f"replies/{written['key']}")

    kept = await history(coop, question)

    assert [one["type"] for one in kept] == ["Add"] * 4
    assert kept[0]["object"] == first["id"]
    assert [one["object"]["type"] for one in kept[1:]] == ["Create", "Update", "Delete"]
    assert (await shown(coop, f"{question['id']}/history"))["totalItems"] == 4
    async with coop.town.http.get(f"{coop.node.origin}/proposals/none/history", headers=JSON) as answer:
        assert answer.status == 404


async def test_what_the_owner_of_a_discussion_adds_is_believed_for_its_own_proof(
    coop: House, mia: Person, stranger: Peer
) -> None:
    said = stranger.proven(stranger.activity())
    refused = await mia.send(coop, mia.activity("Add", said, target=f"{mia.id}/history"))
    await follow_back(coop, mia.id)

    await mia.say(coop, mia.activity("Add", said, target=f"{mia.id}/history"))

    assert (refused.status, refused.code) == (403, "relay-unknown")
    async with coop.node.store.read() as tx:
        kept = await activities.find(tx, said["id"])
    assert kept is not None
    assert (kept.actor_id, kept.source_actor, kept.state) == (stranger.actor_id, mia.id, "dispatched")


@pytest.mark.parametrize("is_whole", [False, True], ids=["by its id", "with a copy"])
async def test_what_is_added_without_a_proof_is_what_its_origin_serves(
    coop: House, mia: Person, stranger: Peer, *, is_whole: bool
) -> None:
    await follow_back(coop, mia.id)
    said = stranger.pages["/activities/1"] = stranger.activity()
    copy = stranger.activity(object={**said["object"], "content": "I never said that"})

    await mia.say(coop, mia.activity("Add", copy if is_whole else said["id"], target=f"{mia.id}/history"))

    kept = await stored(coop, said["id"])
    assert kept is not None
    assert json.loads(kept.raw) == said
    assert (kept.actor_id, kept.source_actor, kept.state) == (stranger.actor_id, mia.id, "dispatched")
    async with coop.node.store.read() as tx:
        author = await peers.find(tx, stranger.actor_id)
    assert author is not None
    assert author.name == stranger.actor()["name"]


async def test_what_its_origin_serves_with_a_proof_may_be_anything(coop: House, mia: Person, stranger: Peer) -> None:
    await follow_back(coop, mia.id)
    said = stranger.pages["/activities/1"] = stranger.proven(stranger.activity(type="Like", object=coop.actor))

    await mia.say(coop, mia.activity("Add", said["id"], target=f"{mia.id}/history"))

    kept = await stored(coop, said["id"])
    assert kept is not None
    assert (kept.type, kept.actor_id, kept.source_actor) == ("Like", stranger.actor_id, mia.id)


async def test_whoever_is_not_heard_has_nothing_fetched(coop: House, mia: Person, stranger: Peer) -> None:
    said = stranger.pages["/activities/1"] = stranger.activity()

    await mia.say(coop, mia.activity("Add", said["id"], target=f"{mia.id}/history"))

    assert stranger.asked.total() == 0
    assert await stored(coop, said["id"]) is None


async def test_an_origin_speaks_only_for_its_own_actors_and_a_proof_must_hold(
    coop: House, mia: Person, stranger: Peer
) -> None:
    await follow_back(coop, mia.id)
    bad = {
        "another actor": stranger.activity(actor=mia.id),
        "our actor": stranger.activity(actor=coop.actor),
        "another id": stranger.activity(id=f"{stranger.origin}/activities/2"),
        "somebody's object": stranger.activity(object={"id": f"{mia.id}/note", "type": "Note", "content": "x"}),
        "a broken proof": stranger.proven(stranger.activity()) | {"published": "2026-11-21T12:00:00Z"},
        "a follow": stranger.activity(type="Follow", object=coop.actor),
        "no activity": {"id": f"{stranger.origin}/activities/1", "type": "Note", "attributedTo": stranger.actor_id},
    }
    for served in bad.values():
        stranger.pages["/activities/1"] = served
        await mia.say(coop, mia.activity("Add", f"{stranger.origin}/activities/1", target=f"{mia.id}/history"))

    assert stranger.asked["/activities/1"] == len(bad)
    async with coop.node.store.read() as tx:
        assert await activities.known(tx, [f"{stranger.origin}/activities/{number}" for number in (1, 2)]) == set()


async def test_an_origin_that_is_down_is_asked_again_and_what_is_gone_is_not(
    coop: House, mia: Person, stranger: Peer
) -> None:
    async def down(_: web.Request) -> web.StreamResponse:
        return web.Response(status=503)

    await follow_back(coop, mia.id)
    stranger.pages["/activities/1"] = down
    for number in (1, 2):
        await mia.say(coop, mia.activity("Add", f"{stranger.origin}/activities/{number}", target=f"{mia.id}/history"))
        await coop.town.pass_time(seconds=11)
    stranger.pages["/activities/1"] = stranger.activity()
    await coop.town.pass_time(hours=1)

    assert await stored(coop, f"{stranger.origin}/activities/1") is not None
    assert stranger.asked["/activities/2"] == 1


async def stored(house: House, activity_id: str) -> ActivityRecord | None:
    async with house.node.store.read() as tx:
        return await activities.find(tx, activity_id)
