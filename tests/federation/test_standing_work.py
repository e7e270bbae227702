"""What fails by our own fault is put aside and shown, never lost; and a silent host can be tried before its time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from federation.errors import FetchFailure
from node.jobs import PARKED_AFTER
from storage import activities, jobs
from storage.errors import EphemeralError, StoreBusyError
from tests.federation.community.fediverse import Person, Server, fediverse
from tests.federation.town import open_question
from tests.web.test_security import post, token, visitor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from federation.receive.verify import VerifiedActivity
    from tests.federation.town import House, Town

FOLLOW = ("Follow", "*")


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with fediverse() as made:
        yield made


@pytest.fixture
def mia(server: Server) -> Person:
    return server.person("mia")


@pytest.fixture
async def coop(town: Town) -> House:
    return await town.build("gracia", "blai")


def breaks(house: House, fault: Exception) -> Any:
    """Let every Follow fail here; the handler that would have worked."""

    async def broken(_: VerifiedActivity) -> None:
        raise fault

    whole = house.node.federation.handlers[FOLLOW]
    house.node.federation.handlers[FOLLOW] = broken
    return whole


async def tries(house: House, number: int) -> None:
    for _ in range(number):
        await house.town.settle()
        house.town.clock.move(hours=2)
    await house.town.settle()


async def parked(house: House) -> list[dict[str, Any]]:
    return list((await house.ada.get("jobs/parked")).body["items"])


async def test_what_fails_by_our_fault_stands_still_until_an_operator_takes_it_up(coop: House, mia: Person) -> None:
    whole, follow = breaks(coop, KeyError("weight")), mia.activity("Follow", coop.actor)
    await mia.say(coop, follow)

    await tries(coop, PARKED_AFTER - 2)
    assert await parked(coop) == []
    await tries(coop, 1)

    (job,) = await parked(coop)
    assert (job["kind"], job["key"], job["attempts"]) == ("dispatch", follow["id"], PARKED_AFTER)
    assert "weight" in job["last_error"]
    health = (await coop.ada.get("health")).body
    assert (health["jobs_parked"], health["jobs_failing"], len(health["advice"])) == (1, 0, 1)
    await tries(coop, 3)
    assert [one["attempts"] for one in await parked(coop)] == [PARKED_AFTER]
    coop.node.federation.handlers[FOLLOW] = whole
    resumed = await coop.ada.post(f"jobs/{job['id']}/retry")
    assert (resumed.status, resumed.body["parked_at"]) == (200, None)
    await coop.town.settle()
    assert await parked(coop) == []
    assert [one["type"] for one in mia.server.heard()] == ["Accept"]
    again = await coop.ada.post(f"jobs/{job['id']}/retry")
    assert (again.status, again.code) == (404, "not-found")
    assert (await coop.people["blai"].post(f"jobs/{job['id']}/retry")).status == 403
    assert (await coop.people["blai"].get("jobs/parked")).status == 403


async def test_the_page_shows_what_stands_still_and_takes_it_up(coop: House, mia: Person) -> None:
    whole, follow = breaks(coop, KeyError("weight")), mia.activity("Follow", coop.actor)
    await mia.say(coop, follow)
    await tries(coop, PARKED_AFTER)
    (job,) = await parked(coop)
    coop.node.federation.handlers[FOLLOW] = whole

    async with visitor(coop, "ada") as http:
        async with http.get("/operator") as answer:
            console = await answer.text()
        async with http.get("/") as answer:
            home = await answer.text()
        done = await post(http, "/operator/jobs/retry", csrf=await token(http, "/operator"), job=str(job["id"]))
        gone = await post(http, "/operator/jobs/retry", csrf=await token(http, "/operator"), job=str(job["id"]))
    await coop.town.settle()

    assert follow["id"] in console
    assert "1 piece of work stands still" in home
    assert (done[0], gone[0]) == (303, 404)
    assert [one["type"] for one in mia.server.heard()] == ["Accept"]


async def test_a_peer_that_cannot_be_asked_for_a_week_is_no_fault_of_ours(coop: House, mia: Person) -> None:
    breaks(coop, FetchFailure("fetch-unreachable", "nobody there"))
    follow = mia.activity("Follow", coop.actor)
    await mia.say(coop, follow)

    await tries(coop, PARKED_AFTER + 1)
    assert await parked(coop) == []
    coop.town.clock.move(days=7)
    await coop.town.settle()

    async with coop.node.store.read() as tx:
        refused = await activities.find(tx, follow["id"])
        waiting = await jobs.find(tx, "dispatch", follow["id"])
    assert refused is not None
    assert (refused.state, refused.reason, waiting) == ("refused", "incomplete", None)


@pytest.mark.parametrize("away", [EphemeralError("Redis does not answer"), StoreBusyError("writers before us")])
async def test_what_waits_for_our_own_memory_is_done_when_it_is_back(coop: House, mia: Person, away: Exception) -> None:
    whole = breaks(coop, away)
    await mia.say(coop, mia.activity("Follow", coop.actor))
    await tries(coop, PARKED_AFTER + 1)
    assert await parked(coop) == []

    coop.node.federation.handlers[FOLLOW] = whole
    await tries(coop, 1)

    assert [one["type"] for one in mia.server.heard()] == ["Accept"]


async def silent_pair(town: Town) -> tuple[House, House, str]:
    alpha, beta = await town.build("alpha", kind="assembly"), await town.build("beta")
    await town.join(beta, alpha)
    await beta.stop()
    await open_question(alpha)
    await town.settle()
    return alpha, beta, beta.node.origin.removeprefix("http://")


async def test_a_silent_host_is_listed_and_tried_before_its_time(town: Town) -> None:
    alpha, beta, host = await silent_pair(town)

    (listed,) = (await alpha.ada.get("unreachable-hosts")).body["items"]
    assert (listed["host"], listed["failures"]) == (host, 1)
    early = await alpha.ada.post("unreachable-hosts/try", {"host": host})
    await town.settle()
    assert early.status == 200
    assert [one["failures"] for one in (await alpha.ada.get("unreachable-hosts")).body["items"]] == [2]

    await beta.restart()
    await alpha.ada.post("unreachable-hosts/try", {"host": host})
    await town.settle()

    assert (await alpha.ada.get("unreachable-hosts")).body["items"] == []
    assert len((await beta.ada.get("proposals", params={"origin": "own"})).body["items"]) == 1
    unknown = await alpha.ada.post("unreachable-hosts/try", {"host": host})
    assert (unknown.status, unknown.code) == (404, "not-found")
    assert (await beta.ada.post("unreachable-hosts/try", {"host": ""})).status == 422


async def test_the_page_tries_a_silent_host(town: Town) -> None:
    alpha, _, host = await silent_pair(town)

    async with visitor(alpha, "ada") as http:
        async with http.get("/operator") as answer:
            console = await answer.text()
        done = await post(http, "/operator/hosts/try", csrf=await token(http, "/operator"), host=host)
        unknown = await post(http, "/operator/hosts/try", csrf=await token(http, "/operator"), host="x.example")
    await town.settle()

    assert "It did not answer 1 time" in console
    assert (done[0], unknown[0]) == (303, 404)
    assert [one["failures"] for one in (await alpha.ada.get("unreachable-hosts")).body["items"]] == [2]
