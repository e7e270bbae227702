"""Neighbours that follow, block, move, flag and go, in any order of arrival (P15)."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from federation.vocabulary.terms import PUBLIC
from storage import follows
from storage.community import replies
from storage.records import FollowRecord
from tests.doors.api import NOON
from tests.federation.community.fediverse import Person, Server, fediverse
from tests.federation.town import open_question

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.federation.town import House, Town

HAMMER = {"type": "Proposal", "purpose": "offer", "name": "Hammer", "content": "To borrow."}


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with fediverse() as made:
        yield made


@pytest.fixture
async def coop(town: Town) -> House:
    return await town.build("gracia", "blai")


@pytest.fixture
def mia(server: Server) -> Person:
    return server.person("mia")


async def follow_of(house: House, direction: str, actor: str) -> FollowRecord | None:
    async with house.node.store.read() as tx:
        return await follows.find(tx, direction, actor)


async def hears(house: House, person: Person) -> str | None:
    """The Follow by which a person hears the body; None when they do not."""
    found = await follow_of(house, "in", person.id)
    return found.activity_id if found is not None and found.state == "accepted" else None


async def follow_back(house: House, actor: str) -> None:
    async with house.node.store.write() as tx:
        record = FollowRecord(id=f"{actor}#1", direction="out", actor_id=actor, activity_id=f"{actor}#1",
                              created_at=NOON - timedelta(days=1), state="accepted")  # fmt: skip
        await follows.save(tx, record)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
async def test_a_follow_taken_back_is_over_and_a_second_one_stands_in_every_order(
    coop: House, server: Server, order: tuple[int, ...]
) -> None:
    once, twice = server.person("once"), server.person("twice")
    first, second = twice.activity("Follow", coop.actor), twice.activity("Follow", coop.actor)
    three = [first, second, twice.activity("Undo", first)]
    only = once.activity("Follow", coop.actor)
    two = [only, once.activity("Undo", only)]

    for place in order:
        await twice.say(coop, three[place])
        if place < len(two):
            await once.say(coop, two[place])

    assert await hears(coop, twice) == second["id"]
    assert await hears(coop, once) is None


@pytest.mark.parametrize("is_block_first", [True, False])
async def test_who_blocks_us_hears_nothing_and_is_not_read(coop: House, mia: Person, *, is_block_first: bool) -> None:
    both = [mia.activity("Follow", coop.actor), mia.activity("Block", coop.actor)]
    await follow_back(coop, mia.id)

    for one in reversed(both) if is_block_first else both:
        await mia.say(coop, one)
    await open_question(coop)
    await coop.town.settle()

    assert await hears(coop, mia) is None
    assert [one for one in mia.server.heard() if one["type"] == "Create"] == []
    out = await follow_of(coop, "out", mia.id)
    assert out is not None
    assert out.state == "rejected"


@pytest.mark.parametrize("is_undo_first", [True, False])
async def test_after_a_block_is_taken_back_one_may_follow_again(
    coop: House, mia: Person, *, is_undo_first: bool
) -> None:
    block = mia.activity("Block", coop.actor)
    both = [block, mia.activity("Undo", block)]

    for one in reversed(both) if is_undo_first else both:
        await mia.say(coop, one)
    anew = mia.activity("Follow", coop.actor)
    await mia.say(coop, anew)

    assert await hears(coop, mia) == anew["id"]


async def test_nobody_blocks_or_unfollows_in_anothers_name(coop: House, mia: Person, server: Server) -> None:
    gus, followed = server.person("gus"), mia.activity("Follow", coop.actor)
    await mia.say(coop, followed)

    forged = {**mia.activity("Block", coop.actor), "actor": mia.id}
    refused = await gus.send(coop, forged)
    await gus.say(coop, gus.activity("Undo", followed["id"]))

    assert (refused.status, refused.code) == (401, "key-owner")
    assert await hears(coop, mia) == followed["id"]


@pytest.mark.parametrize("strange", ["https://elsewhere.example/follows/1", {"type": "Like", "id": "x"}, {}, []])
async def test_undoing_what_we_never_had_changes_nothing(coop: House, mia: Person, strange: Any) -> None:
    followed = mia.activity("Follow", coop.actor)
    await mia.say(coop, followed)

    await mia.say(coop, mia.activity("Undo", strange))

    assert await hears(coop, mia) == followed["id"]


@pytest.mark.parametrize("kind", ["Undo", "Delete", "Remove", "Flag", "Create"])
@pytest.mark.parametrize("is_embedded", [True, False])
async def test_an_id_that_no_database_could_index_is_refused_at_the_door(
    coop: House, mia: Person, kind: str, *, is_embedded: bool
) -> None:
    endless = f"{mia.id}/" + "".join(f"{number:x}" for number in range(3000))

    answer = await mia.send(coop, mia.activity(kind, {"id": endless, "type": "Note"} if is_embedded else endless))

    assert (answer.status, answer.code) == (400, "activity-malformed")


async def test_an_actor_that_is_gone_hears_nothing_more(coop: House, mia: Person) -> None:
    await mia.say(coop, mia.activity("Follow", coop.actor))

    await mia.say(coop, mia.activity("Delete", mia.id, to=[PUBLIC]))

    assert await hears(coop, mia) is None


@pytest.mark.parametrize("place_of_delete", range(4))
async def test_whatever_an_actor_said_before_it_was_deleted_is_gone_in_every_order(
    coop: House, mia: Person, place_of_delete: int
) -> None:
    question = await open_question(coop)
    offer = {**HAMMER, "id": f"{mia.id}/offers/1", "attributedTo": mia.id, "to": [PUBLIC]}
    reply = mia.reply(question["id"], "<p>one</p>")
    said = [
        mia.activity("Follow", coop.actor),
        mia.activity("Create", offer, to=[PUBLIC]),
        reply,
    ]
    said.insert(place_of_delete, mia.activity("Delete", mia.id, to=[PUBLIC]))
    await mia.say(coop, mia.activity("Like", question["id"]))  # whoever was never heard of has nothing to delete

    for one in said:
        await mia.say(coop, one)

    assert await hears(coop, mia) is None
    assert (await coop.ada.get("offers")).body["items"] == []
    async with coop.node.store.read() as tx:
        kept = await replies.find(tx, reply["object"]["id"])
    assert kept is not None
    assert (kept.state, kept.content_html) == ("deleted", "")


async def test_an_offer_withdrawn_before_it_came_is_not_listed(coop: House, mia: Person) -> None:
    offer = {**HAMMER, "id": f"{mia.id}/offers/1", "attributedTo": mia.id, "to": [PUBLIC]}
    after = {**offer, "id": f"{mia.id}/offers/2"}

    await mia.say(coop, mia.activity("Delete", offer["id"], to=[PUBLIC]))
    await mia.say(coop, mia.activity("Create", offer, to=[PUBLIC]))
    await mia.say(coop, mia.activity("Create", after, to=[PUBLIC]))

    listed = (await coop.ada.get("offers")).body["items"]
    assert [one["id"] for one in listed] == [after["id"]]


async def test_a_withdrawn_offer_of_ours_leaves_a_tombstone(coop: House) -> None:
    made = (await coop.ada.post("offers", {"purpose": "offer", "title": "Hammer", "summary": "To borrow."})).body
    await coop.ada.delete(f"offers/{made['key']}")

    async with coop.town.http.get(made["id"], headers={"Accept": "application/activity+json"}) as answer:
        stone = await answer.json(content_type=None)

    assert answer.status == 410
    assert (stone["type"], stone["id"]) == ("Tombstone", made["id"])


async def test_a_flag_is_for_operators_alone_and_can_be_settled(coop: House, mia: Person) -> None:
    question = await open_question(coop)
    reply = mia.reply(question["id"], "<p>rude</p>")
    await mia.say(coop, reply)
    flag = mia.activity("Flag", [coop.actor, reply["object"]["id"]], content="<b>please</b> look", to=[PUBLIC])

    await mia.say(coop, flag)

    (line,) = (await coop.ada.get("flags")).body["items"]
    assert (line["content"], line["objects"]) == ("please look", [coop.actor, reply["object"]["id"]])
    assert (await coop.people["blai"].get("flags")).status == 403
    listed = (await coop.ada.get("activities")).body["items"]
    assert flag["id"] not in {one["id"] for one in listed}
    settled = await coop.ada.post(f"flags/{line['key']}/settle")
    again = await coop.ada.post(f"flags/{line['key']}/settle")
    assert settled.body == again.body
    assert (settled.body["state"], settled.body["settled_by"] is not None) == ("settled", True)
    assert (await coop.ada.get("flags")).body["items"] == []
    assert len((await coop.ada.get("flags", params={"state": "settled"})).body["items"]) == 1


@pytest.mark.parametrize("about", ["https://elsewhere.example/notes/1", [], None, 5, [["x"]], {"id": 7}])
async def test_a_flag_about_nothing_of_ours_is_passed_over(coop: House, mia: Person, about: Any) -> None:
    await mia.say(coop, mia.activity("Flag", about, content=5))

    assert (await coop.ada.get("flags")).body["items"] == []
