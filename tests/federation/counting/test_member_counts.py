"""Numbers of members travel upward, are seen before they count, and can be set by decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from node.services.house.keys import rotate
from tests.doors.api import PASSPHRASE
from tests.federation.town import cast, open_draft

if TYPE_CHECKING:
    from tests.federation.town import House, Town


async def tie(assembly: House, body: House) -> dict[str, Any]:
    listed = (await assembly.ada.get("constituents")).body["items"]
    return next(one for one in listed if one["actor"] == body.actor)


async def numbers(assembly: House, *, seen_by: House | None = None) -> dict[str, int | None]:
    """The members of each constituent in the assembly's newest statute."""
    asked = {"assembly": assembly.node.body.did}
    latest = (await (seen_by or assembly).ada.get("statutes/latest", params=asked)).body
    return {entry["name"]: entry["members"] for entry in latest["document"]["governance"]["constituents"]}


async def test_an_application_brings_the_number_and_the_statute_takes_it_up(town: Town) -> None:
    alpha, beta = await town.build("alpha", kind="assembly"), await town.build("beta", "blai", "carme")

    await town.join(beta, alpha)

    assert await numbers(alpha, seen_by=beta) == {"Beta": 3}


async def test_another_number_is_seen_at_once_and_counts_from_the_next_statute_on(town: Town) -> None:
    alpha, beta = await town.build("alpha", kind="assembly"), await town.build("beta")
    await town.join(beta, alpha)

    await beta.enrol("blai")
    await town.settle()
    seen, before = await tie(alpha, beta), await numbers(alpha)
    renewed = await alpha.ada.post("statutes/renew")
    again = await alpha.ada.post("statutes/renew")
    await town.settle()

    assert (seen["members"], seen["members_in_force"], before) == (2, 1, {"Beta": 1})
    assert (renewed.status, renewed.body["version"]) == (200, 2)
    assert (again.status, again.code) == (422, "amendment-nothing")
    assert await numbers(alpha, seen_by=beta) == {"Beta": 2}


async def test_a_statute_that_nobody_renewed_takes_up_no_other_number(town: Town) -> None:
    """A key changed, a neighbour joined, another left: each publishes a statute, and none of them counts beta anew."""
    alpha, beta = await town.build("alpha", kind="assembly"), await town.build("beta")
    gamma = await town.build("gamma")
    await town.join(beta, alpha)
    await beta.enrol("blai", "carme")
    await town.settle()

    await rotate(beta.node, by="ada")
    await town.settle()
    after_key = await numbers(alpha)
    await town.join(gamma, alpha)
    after_joining = await numbers(alpha)
    await gamma.ada.post("memberships/leave", {"assembly": alpha.actor})
    await town.settle()
    after_leaving, seen = await numbers(alpha), await tie(alpha, beta)

    assert after_key == {"Beta": 1}
    assert after_joining == {"Beta": 1, "Gamma": 1}
    assert after_leaving == {"Beta": 1}
    assert (seen["members"], seen["members_in_force"]) == (3, 1)


async def test_numbers_are_told_in_order_also_by_a_body_that_only_asked(town: Town) -> None:
    alpha, beta = await town.build("alpha", kind="assembly"), await town.build("beta")
    await beta.ada.post("memberships", {"address": alpha.node.origin})
    for name in ("blai", "carme", "dolors"):
        town.clock.move(seconds=1)
        await beta.enrol(name)
    await town.pass_time(seconds=5)

    waiting = await tie(alpha, beta)
    accepted = await alpha.ada.post("constituents/decide", {"actor": beta.actor, "accept": True})
    listed = (await beta.ada.get("memberships")).body["items"]

    assert (waiting["state"], waiting["members"]) == ("asked", 4)
    assert accepted.status == 200
    assert await numbers(alpha) == {"Beta": 4}
    assert [one["members"] for one in listed] == [4]


async def test_an_assembly_reports_the_members_of_all_co_ops_below_each_once(town: Town) -> None:
    top, left = await town.build("top", kind="assembly"), await town.build("left", kind="assembly")
    right = await town.build("right", kind="assembly")
    shared, own = await town.build("shared", "blai", "carme"), await town.build("own")
    for below, above in ((shared, left), (shared, right), (own, right), (left, right), (right, top)):
        await town.join(below, above)

    await own.enrol("blai")
    await town.settle()
    await right.ada.post("statutes/renew")
    await town.settle()

    assert await numbers(right) == {"Shared": 3, "Own": 2, "Left": 3}
    assert await numbers(top) == {"Right": 4}
    assert (await tie(top, right))["members"] == 5


async def test_a_body_that_says_no_number_is_taken_in_with_the_one_the_operator_knows(town: Town) -> None:
    alpha = await town.build("alpha", kind="assembly", mode="sqrt")
    beta = await town.build("beta", kind="assembly")
    await beta.ada.post("memberships", {"address": alpha.node.origin})
    await town.settle()

    without = await alpha.ada.post("constituents/decide", {"actor": beta.actor, "accept": True})
    nonsense = await alpha.ada.post("constituents/decide", {"actor": beta.actor, "accept": True, "members": 0})
    with_it = await alpha.ada.post("constituents/decide", {"actor": beta.actor, "accept": True, "members": 50})

    assert (without.status, without.code) == (422, "statute-invalid")
    assert "number of members" in without.body["detail"]
    assert nonsense.status == 422
    assert with_it.status == 200
    assert await numbers(alpha) == {"Beta": 50}


async def decide_all_for(town: Town, alpha: House, drafted: dict[str, Any], *houses: House) -> None:
    question = await open_draft(alpha, drafted)
    await town.settle()
    for house in houses:
        for name in house.people:
            assert (await cast(house, question, name, "for")).status == 201
    await town.pass_time(seconds=5)


async def test_constituents_decide_on_another_number_and_it_stands_until_they_decide_again(town: Town) -> None:
    alpha, beta = await town.build("alpha", kind="assembly"), await town.build("beta", "blai", "carme")
    await town.join(beta, alpha)

    drafted = await alpha.ada.post(
        "constituents/correct", {"actor": beta.actor, "members": 2, "weight": 7, "reasons": "Carme moved away."}
    )
    await decide_all_for(town, alpha, drafted.body, beta)
    decided, after = await numbers(alpha), await tie(alpha, beta)
    await beta.enrol("dolors")
    await town.settle()
    still = await alpha.ada.post("statutes/renew")
    lifted = await alpha.ada.post(
        "constituents/correct",
        {"actor": beta.actor, "members_as_reported": True, "reasons": "We believe them again."},
    )
    await decide_all_for(town, alpha, lifted.body, beta)

    assert (decided, after["members"], after["members_decided"], after["weight"]) == ({"Beta": 2}, 3, 2, 7)
    assert still.code == "amendment-nothing"
    assert await numbers(alpha) == {"Beta": 4}
    assert (await tie(alpha, beta))["members_decided"] is None


async def decided_on(town: Town, alpha: House, *houses: House, **correction: Any) -> dict[str, Any]:
    """Our statute's line on the first of these houses, after all of them agreed to correct it so."""
    asked = {"actor": houses[0].actor, "reasons": "So we think.", **correction}
    drafted = await alpha.ada.post("constituents/correct", asked)
    assert drafted.status == 201, drafted.body
    await decide_all_for(town, alpha, drafted.body, *houses)
    statute = (await alpha.ada.get("statutes/latest")).body["document"]
    line: dict[str, Any] = next(
        entry for entry in statute["governance"]["constituents"] if entry["actor"] == houses[0].actor
    )
    return line


async def test_the_number_in_force_can_be_decided_and_another_weight_leaves_it_decided(town: Town) -> None:
    alpha, beta = await town.build("alpha", kind="assembly"), await town.build("beta", "blai")
    await town.join(beta, alpha)

    pinned = await decided_on(town, alpha, beta, members=2)
    await beta.enrol("carme")
    await town.settle()
    renewed = await alpha.ada.post("statutes/renew")
    weighed = await decided_on(town, alpha, beta, weight=7)
    again = await alpha.ada.post("statutes/renew")
    both = await alpha.ada.post(
        "constituents/correct",
        {"actor": beta.actor, "members": 5, "members_as_reported": True, "reasons": "Which?"},
    )
    lifted = await decided_on(town, alpha, beta, members_as_reported=True)

    assert (pinned["members"], pinned["members_decided"]) == (2, True)
    assert [one.code for one in (renewed, again)] == ["amendment-nothing"] * 2
    assert (weighed["weight"], weighed["members"], weighed["members_decided"]) == (7, 2, True)
    assert both.code == "members-invalid"
    assert (lifted["weight"], lifted["members"]) == (7, 3)
    assert "members_decided" not in lifted


async def test_who_may_not_correct_or_renew(town: Town) -> None:
    alpha, beta = await town.build("alpha", "blai", kind="assembly"), await town.build("beta")

    no_statute = await alpha.ada.post("statutes/renew")
    not_yours = await alpha.people["blai"].post("statutes/renew")
    stranger = await alpha.ada.post("constituents/correct", {"actor": beta.actor, "reasons": "Why not."})

    assert [one.code for one in (no_statute, not_yours, stranger)] == [
        "no-statute", "forbidden", "application-unknown",
    ]  # fmt: skip


@pytest.mark.parametrize("members", [0, "three", 10**12])
async def test_a_number_that_is_none_is_refused_and_changes_nothing(town: Town, members: object) -> None:
    alpha, beta = await town.build("alpha", kind="assembly"), await town.build("beta")
    await town.join(beta, alpha)
    [ours] = (await beta.ada.get("memberships")).body["items"]
    from node.outbound import post
    from storage import memberships

    async with beta.node.store.write() as tx:
        kept = await memberships.find(tx, "above", alpha.actor)
        assert kept is not None
        said = {"kind": "application", "members": members, "counted_at": "2026-11-21T13:00:00Z"}
        await post.update_join(tx, beta.node, kept.activity_id, to=alpha.actor, governance=said)
    await town.settle()

    assert ours["members"] == 1
    assert (await tie(alpha, beta))["members"] == 1


async def test_an_older_count_that_comes_late_is_passed_over(town: Town) -> None:
    alpha, beta = await town.build("alpha", kind="assembly"), await town.build("beta")
    await town.join(beta, alpha)
    town.clock.move(hours=1)
    await beta.ada.post("members", {"name": "blai", "display_name": "Blai", "passphrase": PASSPHRASE})
    await town.settle()
    from node.outbound import post
    from storage import memberships

    async with beta.node.store.write() as tx:
        kept = await memberships.find(tx, "above", alpha.actor)
        assert kept is not None
        said = {"kind": "application", "members": 9, "counted_at": "2026-11-21T12:00:30Z"}
        await post.update_join(tx, beta.node, kept.activity_id, to=alpha.actor, governance=said)
    await town.settle()

    assert (await tie(alpha, beta))["members"] == 2
