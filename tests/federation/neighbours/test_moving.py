"""A body moves: the new address says so first, then everybody who follows is told, and follows (FEP-7628)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from federation.peers.directory import known_or_fetched
from node.outbound import post
from node.services.follows import keep_follow
from storage.work import activities
from tests.doors.peers import peer
from tests.federation.community.fediverse import Person, Server, fediverse
from tests.federation.community.test_neighbours import follow_of

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


async def follows_it(house: House, other: House) -> None:
    """The house follows another, as one that moved there made it."""
    await known_or_fetched(house.node.federation, other.actor)
    async with house.node.store.write() as tx:
        await keep_follow(tx, house.node, other.actor, await post.follow(tx, house.node, other.actor))
    await house.town.settle()


async def actor_of(house: House) -> dict[str, Any]:
    async with house.town.http.get(house.actor, headers={"Accept": "application/activity+json"}) as answer:
        return dict(await answer.json(content_type=None))


async def test_who_follows_a_body_follows_it_to_its_new_address(town: Town, mia: Person, server: Server) -> None:
    old, new, beta = [await town.build(name) for name in ("old", "new", "beta")]
    await mia.say(old, mia.activity("Follow", old.actor))
    await follows_it(beta, old)

    said = await new.ada.post("addresses/earlier", {"actor": old.actor})
    again = await new.ada.post("addresses/earlier", {"actor": old.actor})
    moved = await old.ada.post("addresses/move", {"actor": new.actor})
    await town.settle()

    assert said.body == again.body == {"earlier": [old.actor], "moved_to": None}
    assert (moved.status, moved.body) == (200, {"earlier": [], "moved_to": new.actor})
    assert old.actor in (await actor_of(new))["alsoKnownAs"]
    assert (await actor_of(old))["movedTo"] == new.actor
    heard = {one["type"]: one for one in server.heard()}
    assert (heard["Move"]["actor"], heard["Move"]["object"], heard["Move"]["target"]) == (
        old.actor, old.actor, new.actor
    )  # fmt: skip
    assert heard["Update"]["object"]["movedTo"] == new.actor
    there, before = await follow_of(beta, "out", new.actor), await follow_of(beta, "out", old.actor)
    assert there is not None
    assert before is not None
    assert (there.state, before.state) == ("accepted", "rejected")
    assert (await follow_of(new, "in", beta.actor)) is not None


async def test_a_body_that_stays_after_all_says_so(town: Town) -> None:
    old, new = await town.build("old"), await town.build("new")
    await new.ada.post("addresses/earlier", {"actor": old.actor})
    await old.ada.post("addresses/move", {"actor": new.actor})

    stayed = await old.ada.post("addresses/stay")
    again = await old.ada.post("addresses/stay")
    forgot = await new.ada.post("addresses/forget", {"actor": old.actor})
    unknown = await new.ada.post("addresses/forget", {"actor": old.actor})

    assert (stayed.status, stayed.body["moved_to"]) == (200, None)
    assert (again.status, again.code) == (409, "state-wrong")
    assert (forgot.body["earlier"], unknown.code) == ([], "not-found")
    assert "movedTo" not in await actor_of(old)
    assert (await old.ada.get("addresses")).body == {"earlier": [], "moved_to": None}
    moves = [one["type"] for one in (await old.ada.get("events", params={"limit": 100})).body["items"]]
    assert [one for one in moves if one.startswith("body-") and one != "body-founded"] == ["body-moved", "body-stayed"]


async def test_nobody_moves_to_where_nobody_says_so(town: Town) -> None:
    old, new = await town.build("old", "blai"), await town.build("new")

    async def refused(actor: str) -> tuple[int, str]:
        answer = await old.ada.post("addresses/move", {"actor": actor})
        return answer.status, answer.code

    assert await refused(new.actor) == (403, "move-unproven")
    assert await refused(old.actor) == (422, "address-invalid")
    assert await refused("new.example") == (422, "address-invalid")
    assert await refused("http://127.0.0.1:1/body") == (503, "peer-unreachable")
    assert (await old.people["blai"].post("addresses/move", {"actor": new.actor})).status == 403
    assert (await old.ada.get("addresses")).body["moved_to"] is None


async def test_a_body_was_not_everywhere(town: Town) -> None:
    new = await town.build("new")
    for number in range(20):
        await new.ada.post("addresses/earlier", {"actor": f"https://old-{number}.example/body"})

    more = await new.ada.post("addresses/earlier", {"actor": "https://older.example/body"})

    assert (more.code, len((await new.ada.get("addresses")).body["earlier"])) == ("too-large", 20)


async def busy(request: web.Request) -> web.StreamResponse:  # as the peer calls it
    return web.Response(status=503)


async def test_a_new_address_that_does_not_answer_is_asked_a_dozen_times_in_a_week(town: Town, mia: Person) -> None:
    coop = await town.build("gracia")
    await mia.say(coop, mia.activity("Follow", coop.actor))
    async with peer("elsewhere") as elsewhere:
        elsewhere.pages["/body"] = busy

        move = mia.activity("Move", mia.id, target=elsewhere.actor_id)
        await mia.say(coop, move)
        for _ in range(9 * 24):
            await town.pass_time(hours=1)

        asked = elsewhere.asked.total()
    assert 10 <= asked <= 20  # P12
    async with coop.node.store.read() as tx:
        row = await activities.find(tx, move["id"])
    assert row is not None
    assert (row.state, row.reason) == ("refused", "incomplete")


async def test_one_server_soon_names_new_addresses_in_vain(town: Town, mia: Person, server: Server) -> None:
    coop = await town.build("gracia")
    neighbours = [mia, *(server.person(f"mia{number}") for number in range(3))]
    for one in neighbours:
        await one.say(coop, one.activity("Follow", coop.actor))
    async with peer("elsewhere") as elsewhere:
        for number in range(30):
            mover = neighbours[number % len(neighbours)]
            await mover.say(coop, mover.activity("Move", mover.id, target=f"{elsewhere.origin}/{number}"))

        assert elsewhere.asked.total() == coop.node.federation.limits.key_failures_of_asker
