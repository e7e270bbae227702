"""How bodies come together and part: applications, answers, statutes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from node.jobs import run_batch

if TYPE_CHECKING:
    import pytest

    from tests.federation.town import House, Town


async def roster_seen_by(house: House, assembly: House) -> tuple[int, dict[str, int]]:
    """The version of the assembly's newest statute that a node holds, and its weights by name."""
    latest = (await house.ada.get("statutes/latest", params={"assembly": assembly.node.body.did})).body
    said: dict[str, Any] = latest["document"]["governance"]
    return latest["version"], {entry["name"]: entry["weight"] for entry in said["constituents"]}


async def ties(house: House, what: str) -> list[tuple[str, str]]:
    return [(tie["name"], tie["state"]) for tie in (await house.ada.get(what)).body["items"]]


async def test_each_new_constituent_makes_a_statute_that_all_of_them_hold(town: Town) -> None:
    alpha = await town.build("alpha", kind="assembly")
    beta, gamma = await town.build("beta"), await town.build("gamma")

    await town.join(beta, alpha, weight=3)
    await town.join(gamma, alpha, weight=2)

    assert [await roster_seen_by(house, alpha) for house in (alpha, beta, gamma)] == [(2, {"Beta": 3, "Gamma": 2})] * 3
    assert await ties(beta, "memberships") == [("Alpha", "accepted")]


async def test_a_rejected_applicant_hears_of_it_and_may_ask_again(town: Town) -> None:
    alpha, beta = await town.build("alpha", kind="assembly"), await town.build("beta")
    await beta.ada.post("memberships", {"address": alpha.node.origin})
    await town.settle()

    await alpha.ada.post("constituents/decide", {"actor": beta.actor, "accept": False})
    await town.settle()
    rejected = await ties(beta, "memberships")
    again = await beta.ada.post("memberships", {"address": alpha.node.origin})

    assert rejected == [("Alpha", "rejected")]
    assert again.status == 202


async def test_leaving_takes_a_body_off_the_next_statute(town: Town) -> None:
    alpha = await town.build("alpha", kind="assembly")
    beta, gamma = await town.build("beta"), await town.build("gamma")
    await town.join(beta, alpha)
    await town.join(gamma, alpha)

    left = await beta.ada.post("memberships/leave", {"assembly": alpha.actor})
    await town.settle()

    assert left.body["state"] == "left"
    assert await roster_seen_by(gamma, alpha) == (3, {"Gamma": 1})
    assert ("Beta", "left") in await ties(alpha, "constituents")


async def test_only_assemblies_are_joined_and_each_once(town: Town) -> None:
    alpha = await town.build("alpha", kind="assembly")
    beta, gamma = await town.build("beta"), await town.build("gamma")
    await town.join(beta, alpha)

    to_a_coop = await gamma.ada.post("memberships", {"address": beta.node.origin})
    twice = await beta.ada.post("memberships", {"address": alpha.node.origin})
    to_nobody = await gamma.ada.post("memberships", {"address": "http://127.0.0.1:9"})

    assert [answer.code for answer in (to_a_coop, twice, to_nobody)] == [
        "not-an-assembly", "already-member", "peer-unreachable",
    ]  # fmt: skip


async def test_asking_a_node_that_is_down_works_with_the_same_key_once_it_is_back(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.api.door.idempotency.ASK_AGAIN_SECONDS", 0)
    alpha, beta = await town.build("alpha", kind="assembly"), await town.build("beta")
    asked, key = {"address": alpha.node.origin}, {"Idempotency-Key": "join-alpha"}
    await alpha.stop()
    down = await beta.ada.post("memberships", asked, headers=key)
    await alpha.restart()

    back = await beta.ada.post("memberships", asked, headers=key)
    again = await beta.ada.post("memberships", asked, headers=key)

    assert (down.status, down.code, down.headers["Retry-After"]) == (503, "peer-unreachable", "5")
    assert (back.status, again.status) == (202, 202)
    assert again.headers["Idempotency-Replayed"] == "true"
    await town.settle()
    assert await ties(alpha, "constituents") == [("Beta", "asked")]


async def test_an_assembly_never_stands_below_itself(town: Town) -> None:
    alpha, beta = await town.build("alpha", kind="assembly"), await town.build("beta", kind="assembly")
    gamma = await town.build("gamma", kind="assembly")
    await town.join(beta, alpha)
    await town.join(gamma, beta)

    direct = await alpha.ada.post("memberships", {"address": beta.node.origin})
    through_another = await alpha.ada.post("memberships", {"address": gamma.node.origin})

    assert [direct.code, through_another.code] == ["cycle", "cycle"]


async def test_an_application_of_a_body_that_was_down_arrives_when_the_assembly_is_back(town: Town) -> None:
    alpha, beta = await town.build("alpha", kind="assembly"), await town.build("beta")
    await beta.ada.post("memberships", {"address": alpha.node.origin})
    await alpha.stop()
    await town.settle()
    await alpha.restart()

    await town.pass_time(minutes=2)

    assert await ties(alpha, "constituents") == [("Beta", "asked")]


async def test_an_applicant_that_is_down_for_a_moment_after_it_asked_waits_no_minute(town: Town) -> None:
    alpha, beta = await town.build("alpha", kind="assembly"), await town.build("beta")
    await beta.ada.post("memberships", {"address": alpha.node.origin})
    while await run_batch(beta.node, 50, "test"):  # it has said so, and dies
        pass
    await beta.stop()
    await town.settle()
    unread = await ties(alpha, "constituents")
    await beta.restart()

    await town.pass_time(seconds=5)

    assert unread == []
    assert await ties(alpha, "constituents") == [("Beta", "asked")]
