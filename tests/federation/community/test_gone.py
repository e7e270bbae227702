"""An inbox that answers 410, or nothing for a month: its actors are asked, and only those that are gone are let go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from storage.work import deliveries, events
from tests.federation.community.fediverse import Person, Server, fediverse
from tests.federation.community.test_neighbours import follow_back, follow_of, hears
from tests.federation.town import open_question

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.federation.town import House, Town


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with fediverse() as made:
        yield made


@pytest.fixture
async def coop(town: Town) -> House:
    return await town.build("gracia")


async def gone(_: web.Request) -> web.Response:
    return web.Response(status=410)


async def away(_: web.Request) -> web.Response:
    return web.Response(status=503)


def leave(*people: Person) -> None:
    for person in people:
        person.server.peer.pages[f"/users/{person.name}"] = gone


async def follow(coop: House, server: Server, *names: str) -> list[Person]:
    people = [server.person(name) for name in names]
    for person in people:
        await person.say(coop, person.activity("Follow", coop.actor))
    return people


async def publish(coop: House) -> None:
    await open_question(coop)
    await coop.town.settle()


async def meet_a_410(coop: House, server: Server) -> None:
    """Something is published and the server's inbox says that it is gone; a day passes."""
    server.peer.answers = [410]
    await publish(coop)
    server.peer.asked.clear()
    await coop.town.pass_time(hours=23)
    assert [path for path in server.peer.asked if path.startswith("/users/")] == [], "asked too early"
    await coop.town.pass_time(hours=1)


async def test_who_is_gone_at_its_own_address_too_hears_nothing_more(coop: House, server: Server) -> None:
    (mia,) = await follow(coop, server, "mia")
    await follow_back(coop, mia.id)
    leave(mia)

    await meet_a_410(coop, server)
    received = len(server.peer.received)
    await publish(coop)

    assert await hears(coop, mia) is None
    assert len(server.peer.received) == received
    read = await follow_of(coop, "out", mia.id)
    assert read is not None
    assert read.state == "rejected"
    async with coop.node.store.read() as tx:
        assert "actor-gone" in [one.type for one in await events.walk(tx)]


@pytest.mark.parametrize("status", [200, 404, 503])
async def test_who_is_not_gone_for_good_goes_on_hearing(coop: House, server: Server, status: int) -> None:
    (mia,) = await follow(coop, server, "mia")
    if status != 200:
        server.peer.pages["/users/mia"] = away
    if status == 404:
        server.peer.pages.pop("/users/mia")

    await meet_a_410(coop, server)
    received = len(server.peer.received)
    await publish(coop)

    assert await hears(coop, mia) is not None
    assert len(server.peer.received) > received


async def test_an_actor_with_another_inbox_is_reached_there(coop: House, server: Server) -> None:
    (mia,) = await follow(coop, server, "mia")
    server.peer.pages["/users/mia"] = mia.document | {"endpoints": {}}

    await meet_a_410(coop, server)
    server.peer.asked.clear()
    await publish(coop)

    assert server.peer.asked["/users/mia/inbox"] == 1
    assert server.peer.asked["/inbox"] == 0


async def test_with_three_of_them_all_behind_a_shared_inbox_are_gone(coop: House, server: Server) -> None:
    people = await follow(coop, server, "mia", "gus", "eva", "leo", "ivo")
    leave(*people)

    await meet_a_410(coop, server)

    assert [await hears(coop, person) for person in people] == [None] * 5
    assert sum(server.peer.asked[f"/users/{person.name}"] for person in people) == 3


async def test_while_one_of_them_is_there_only_those_that_are_gone_are_let_go(coop: House, server: Server) -> None:
    ana, ben, cleo, dan = await follow(coop, server, "ana", "ben", "cleo", "dan")
    leave(ana, dan)

    await meet_a_410(coop, server)

    assert await hears(coop, ana) is None
    assert None not in [await hears(coop, person) for person in (ben, cleo, dan)]


async def test_who_was_let_go_may_follow_again(coop: House, server: Server) -> None:
    (mia,) = await follow(coop, server, "mia")
    leave(mia)
    await meet_a_410(coop, server)
    back = server.person("mia")

    await back.say(coop, back.activity("Follow", coop.actor))

    assert await hears(coop, mia) is not None


async def test_a_constituent_is_never_let_go_and_what_it_missed_is_shown(town: Town) -> None:
    barcelona, gracia = await town.build("barcelona", kind="assembly"), await town.build("gracia")
    await town.join(gracia, barcelona)
    await gracia.stop()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", gone)
    async with TestServer(app, host="127.0.0.1", port=gracia.settings.listen_port):
        await publish(barcelona)
        await town.pass_time(hours=25)
        async with barcelona.node.store.read() as tx:
            failed = await deliveries.failed(tx)

    follower = await follow_of(barcelona, "in", gracia.actor)
    assert follower is not None
    assert follower.state == "accepted"
    assert {(one.host, one.last_status) for one in failed} == {(gracia.node.origin.removeprefix("http://"), 410)}
    await gracia.restart()
    await town.pass_time(hours=1)
    assert len((await gracia.ada.get("proposals", params={"origin": "own"})).body["items"]) == 1


async def pass_a_month_of_silence(coop: House) -> None:
    """Every host is probed as often as it would be."""
    for _ in range(65):
        await coop.town.pass_time(hours=12)


async def test_who_was_silent_for_a_month_hears_nothing_more(coop: House, server: Server) -> None:
    (mia,) = await follow(coop, server, "mia")
    async with fediverse() as other:
        (gus,) = await follow(coop, other, "gus")
        server.peer.pages["/users/mia"] = away
        server.peer.answers = [503] * 1000
        await publish(coop)
        await coop.town.pass_time(days=1)
        await publish(coop)

        await pass_a_month_of_silence(coop)

        assert await hears(coop, mia) is None
        assert await hears(coop, gus) is not None


async def test_nobody_is_let_go_while_nobody_at_all_answers(coop: House, server: Server) -> None:
    (mia,) = await follow(coop, server, "mia")
    server.peer.pages["/users/mia"] = away
    server.peer.answers = [503] * 1000
    await publish(coop)

    await pass_a_month_of_silence(coop)

    assert await hears(coop, mia) is not None
    async with coop.node.store.read() as tx:
        assert {one.last_status for one in await deliveries.failed(tx)} == {503}


async def test_a_constituent_that_was_silent_for_a_month_goes_on_being_told(town: Town) -> None:
    barcelona, gracia, eixample = [
        await town.build(name, kind="assembly" if name == "barcelona" else "coop")
        for name in ("barcelona", "gracia", "eixample")
    ]
    for coop in (gracia, eixample):
        await town.join(coop, barcelona)
    await gracia.stop()
    await publish(barcelona)
    await town.pass_time(days=1)
    await publish(barcelona)

    await pass_a_month_of_silence(barcelona)

    follower = await follow_of(barcelona, "in", gracia.actor)
    assert follower is not None
    assert follower.state == "accepted"
