"""A body is a group: whoever follows it from any server gets everything public that it and its own say (FEP-1b12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from federation.vocabulary.terms import PUBLIC
from storage import activities, follows
from tests.federation.community.fediverse import Person, Server, fediverse
from tests.federation.town import EARLY, open_question

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.federation.town import House, Town


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with fediverse() as made:
        yield made


@pytest.fixture
def mia(server: Server) -> Person:
    return server.person("mia")


async def said_by(house: House) -> list[str]:
    """The bytes of everything a body published, oldest first."""
    async with house.node.store.read() as tx:
        return [one.raw for one in await activities.outbox(tx, after=0, limit=100)]


def told(server: Server, kind: str) -> list[Any]:
    return [one["object"] for one in server.heard() if one["type"] == kind]


async def test_a_follower_from_elsewhere_is_accepted_and_hears_everything_public(town: Town, mia: Person) -> None:
    coop = await town.build("gracia", rule=EARLY)
    followed = mia.activity("Follow", coop.actor)

    await mia.say(coop, followed)
    question = await open_question(coop)
    await coop.ada.post("offers", {"purpose": "offer", "title": "Hammer", "summary": "To borrow."})
    await coop.ada.post(f"proposals/{question['key']}/replies", {"text": "Let us."})
    await coop.ada.post(f"proposals/{question['key']}/ballots", {"choice": "for"})
    await town.settle()

    assert told(mia.server, "Accept") == [followed["id"]]
    public = await said_by(coop)
    assert len(public) >= 6
    heard = [body.decode() for _, body in mia.server.peer.received if b'"Accept"' not in body]
    assert sorted(heard) == sorted(public)
    assert [one["type"] for one in told(mia.server, "Create")][:3] == ["Question", "Proposal", "Note"]


async def test_an_assembly_announces_what_its_constituents_say_byte_for_byte(town: Town, mia: Person) -> None:
    union = await town.build("union", kind="assembly")
    beta = await town.build("beta")
    await town.join(beta, union)
    await mia.say(union, mia.activity("Follow", union.actor))

    question = await open_question(beta)
    await town.settle()

    (made,) = [raw for raw in await said_by(beta) if '"Question"' in raw]
    bodies = [body.decode() for _, body in mia.server.peer.received]
    announced = [body for body in bodies if '"type":"Announce"' in body and made in body]
    assert len(announced) == 1
    assert question["id"] in told(mia.server, "Announce")


async def test_bodies_are_sent_the_whole_activity_only(town: Town) -> None:
    union = await town.build("union", kind="assembly")
    beta, gamma = await town.build("beta"), await town.build("gamma")
    for house in (beta, gamma):
        await town.join(house, union)

    question = await open_question(beta)
    await town.settle()

    async with gamma.node.store.read() as tx:
        heard = await activities.recent(tx, limit=100)
    about = {one.type for one in heard if one.direction == "in" and one.object_id == question["id"]}
    assert about == {"Create"}


async def test_a_reply_without_a_proof_is_announced_by_its_id_to_those_who_follow(
    town: Town, mia: Person, server: Server
) -> None:
    coop, gus = await town.build("gracia"), server.person("gus")
    question = await open_question(coop)
    await gus.say(coop, gus.activity("Follow", coop.actor))

    reply = mia.reply(question["id"], "<p>Why?</p>")
    await mia.say(coop, reply)

    assert told(server, "Announce") == [reply["object"]["id"]]


async def test_what_is_not_for_the_thread_is_not_announced(town: Town, mia: Person, server: Server) -> None:
    coop, gus = await town.build("gracia"), server.person("gus")
    question = await open_question(coop)
    await gus.say(coop, gus.activity("Follow", coop.actor))

    await mia.say(coop, mia.answer(coop, question["id"], "For"))
    await mia.say(coop, mia.activity("Create", mia.note(content="<p>unrelated</p>", to=[PUBLIC]), to=[PUBLIC]))
    await mia.say(coop, mia.activity("Like", question["id"]))

    assert told(server, "Announce") == []


async def test_a_follower_who_takes_it_back_hears_nothing_more(town: Town, mia: Person) -> None:
    coop = await town.build("gracia")
    followed = mia.activity("Follow", coop.actor)
    await mia.say(coop, followed)

    await mia.say(coop, mia.activity("Undo", followed))
    await open_question(coop)
    await town.settle()

    assert told(mia.server, "Create") == []
    async with coop.node.store.read() as tx:
        assert await follows.followers(tx) == ()
