"""A relief from the survey to the last delivery, in an assembly of assemblies: every node computes the same (C13)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from storage import events
from tests.doors.cli import rochdale_process
from tests.federation.reliefs.flood import DAY, RATIFIED, VETOABLE, documents_of, flooded

if TYPE_CHECKING:
    from tests.federation.reliefs.flood import Flood
    from tests.federation.town import Town


@pytest.mark.timeout(900)
async def test_five_coops_at_two_depths_share_from_the_survey_to_the_last_delivery(town: Town) -> None:
    """Elm is down while the plan is drafted and endorsed; the union loses its process before the decision closes."""
    flood = await flooded(town, RATIFIED | VETOABLE)
    union, elm = flood["union"], flood["elm"]
    survey = (await flood.begin())["survey"]
    waited = (await flood.seen(flood["ash"]))["to_do"]
    await flood.report_stock()
    surveyed = await flood.decide(survey)
    await elm.stop()
    await flood.said(union, "plans", text="Flour first.")
    await flood.endorse("ash", "birch", "cedar")
    await elm.restart()
    await town.pass_time(minutes=30)
    caught_up = (await flood.seen(elm))["plan"]
    put = await flood.said(union, "put", window_seconds=2 * DAY)
    await flood.cast(put["id"])
    before = await flood.seen(elm)
    await union.stop()
    await union.restart()
    await flood.close(put["id"])
    pending = [(await flood.seen(house))["step"] for house in (union, elm)]
    await flood.ratify()
    in_force = [(await flood.seen(house))["in_force"] for house in town.houses.values()]

    assert (waited, surveyed) == (["stock"], "passed")
    assert (caught_up["endorsed_for"], caught_up["delegates"], caught_up["is_in_force"]) == (3, 5, False)
    assert (before["step"], pending) == ("decision", ["ratification", "ratification"])
    assert in_force == [in_force[0]] * 8
    assert moves(flood, in_force[0]) == {("ash", "birch", 30), ("ash", "date", 26), ("elm", "date", 14)}
    assert [await forces(flood, handle) for handle in town.houses] == [1] * 8

    await deliver_all(flood, in_force[0], wet=1)
    steps = {house.node.body.handle: await flood.seen(house) for house in town.houses.values()}
    assert {one["step"] for one in steps.values()} == {"done"}
    first = steps["birch"]["in_force"]["transfers"][0]
    assert (first["sent"] - first["arrived"], first["missing"]) == (1, 1)
    found = [checked(town, await flood.log_at(flood[handle])) for handle in ("union", "south", "ash", "elm")]
    assert [one["valid"] for one in found] == [True] * 4
    assert [(one["step"], one["transfers"]) for one in found] == [("done", found[0]["transfers"])] * 4
    assert [(one["number"], one["arrived"]) for one in found[0]["transfers"]] == [
        (one["number"], one["arrived"]) for one in steps["union"]["in_force"]["transfers"]
    ]
    logs = [await flood.log_at(house) for house in town.houses.values()]
    assert {frozenset(one["id"] for one in documents_of(log)) for log in logs} == {
        frozenset(one["id"] for one in documents_of(logs[0]))
    }
    changed = (await flood.log_at(union)).replace(b'"delegate":"Ada"', b'"delegate":"Eve"')
    assert checked(town, changed) == {"valid": False, "failure": "relief-signature"}


def checked(town: Town, log: bytes) -> dict[str, Any]:
    """What `rochdale relief check` says of a log that was fetched without signing in."""
    file = town.folder / "relief.jsonl"
    file.write_bytes(log)
    said = json.loads(rochdale_process("relief", "check", str(file), "--json").stdout)
    return {**said, **({"failure": said["failure"]["code"]} if "failure" in said else {})}


def moves(flood: Flood, plan: dict[str, Any]) -> set[tuple[str, str, int]]:
    handles = {house.node.body.did: handle for handle, house in flood.town.houses.items()}
    return {(handles[one["giver"]], handles[one["taker"]], one["amount"]) for one in plan["transfers"]}


async def forces(flood: Flood, handle: str) -> int:
    """How often that node wrote down that a plan came into force."""
    async with flood[handle].node.store.read() as tx:
        walked = await events.walk(tx, after=0, limit=1000)
        assert events.check_chain(walked, after=None) is None
    return len([one for one in walked if one.type == "relief-in-force"])


async def deliver_all(flood: Flood, plan: dict[str, Any], *, wet: int) -> None:
    """Everything leaves whole, and of the first transfer so much less arrives."""
    houses = {house.node.body.did: house for house in flood.coops}
    for who, state in (("giver", "sent"), ("taker", "arrived")):
        for one in plan["transfers"]:
            lost = wet if (one["number"], state) == (1, "arrived") else 0
            told = {"transfer": one["number"], "state": state, "amount": one["amount"] - lost}
            await flood.post(houses[one[who]], "deliveries", told)
        await flood.town.settle()
