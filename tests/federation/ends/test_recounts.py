"""Who comes late, but in the time of the statute, still counts: in a recount when that time is over (G6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from federation.vocabulary.terms import GOVERNANCE_CONTEXT, OUTCOME
from node.governance.evidence import verify_bundle
from storage import evidence, jobs, positions, proposals
from tests.federation.ends.saying import DAY, evidence_of, lines_of, page_of, refused_at, say, signed_by
from tests.federation.ends.test_second_calls import called_twice
from tests.federation.town import EARLY, cast, open_question, own_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.federation.town import House, Town

TERMS: dict[str, Any] = {"recount": {"within_seconds": DAY}}
RATIFIED = TERMS | {"ratification": {"kind": "threshold", "share": "1/2", "within_seconds": 7 * DAY}}


@dataclass
class Union:
    """Alpha, an assembly that recounts after a day, of beta (for), and gamma and delta (against)."""

    town: Town
    alpha: House
    beta: House
    gamma: House
    delta: House
    question: dict[str, Any]

    async def close(self) -> None:
        """Everybody casts; gamma and delta lose their power before their positions are out, and alpha closes."""
        for house in (self.gamma, self.delta):
            cast_there = await cast(house, self.question, "ada", "against")
            assert cast_there.status == 201, cast_there.body
            await house.stop()
        await cast(self.beta, self.question, "ada", "for")
        await self.town.settle()
        await self.town.pass_time(days=2, seconds=1)
        await self.town.pass_time(minutes=2)

    async def come_late(self, *houses: House) -> None:
        for house in houses:
            await house.restart()
        await self.town.pass_time(minutes=30)

    async def seen(self, house: House) -> dict[str, Any]:
        """Alpha's proposal as a house knows it."""
        listed = (await house.ada.get("proposals")).body["items"]
        key = next(one["key"] for one in listed if one["id"] == self.question["id"])
        found: dict[str, Any] = (await house.ada.get(f"proposals/{key}")).body
        return found

    async def bound(self, house: House) -> str | None:
        """What the decision that binds a co-op's answer says."""
        answer = await own_answer(house, self.question)
        decision = (await house.ada.get(f"proposals/{answer['key']}/outcome")).body["decision"]
        return decision["governance"]["outcome"] if decision else None

    async def asked_to_ratify(self, house: House) -> int:
        """How many proposals of its own are about ratifying something."""
        listed = (await house.ada.get("proposals", params={"origin": "own"})).body["items"]
        return sum(one["title"].startswith("Ratify") for one in listed)

    async def published(self, name: str) -> dict[str, Any] | None:
        """The signed outcome at that address, for anybody."""
        async with self.town.http.get(f"{self.question['id']}/{name}") as answer:
            return dict(await answer.json(content_type=None)) if answer.status == 200 else None


async def assembled(town: Town, **founding: Any) -> Union:
    alpha = await town.build("alpha", kind="assembly", **({"terms": TERMS} | founding))
    below = [await town.build(handle) for handle in ("beta", "gamma", "delta")]
    for house in below:
        await town.join(house, alpha)
    question = await open_question(alpha, window_seconds=2 * DAY)
    await town.settle()
    beta, gamma, delta = below
    return Union(town, alpha, beta, gamma, delta, question)


async def test_late_positions_turn_the_outcome_when_their_time_is_over(town: Town) -> None:
    union = await assembled(town)
    await union.close()
    first = await union.published("outcome")
    assert first is not None
    await union.come_late(union.gamma, union.delta)
    during = [(await union.seen(house))["state"] for house in (union.alpha, union.beta, union.gamma)]
    page = await page_of(union.alpha, f"/proposals/{union.question['key']}")
    await town.pass_time(days=1)
    await town.pass_time(minutes=10)
    second, still = await union.published("recount"), await union.published("outcome")
    after = [await union.seen(house) for house in (union.alpha, union.beta, union.gamma)]
    report = verify_bundle(await evidence_of(union.alpha, union.question))

    assert during == ["passed"] * 3
    assert "Positions that come late still count until" in page
    assert first == still
    assert first["governance"]["recount"] == {"until": "2026-11-24T12:00:00Z"}
    assert second is not None
    assert second["governance"]["recount"]["first"]["id"] == first["id"]
    assert [one["state"] for one in after] == ["rejected"] * 3
    assert [one["recount"] for one in after] == ["replaced"] * 3
    assert [await union.bound(house) for house in (union.beta, union.gamma, union.delta)] == ["rejected"] * 3
    assert set((await lines_of(union.alpha, union.question)).values()) == {("counted", "for"), ("counted", "against")}
    assert report.valid, report.failure
    assert "It took the place of the outcome at the close." in await page_of(
        union.alpha, f"/proposals/{union.question['key']}"
    )


async def test_the_proof_that_reaches_a_co_op_is_that_of_the_recount(town: Town) -> None:
    union = await assembled(town)
    await union.close()
    await union.come_late(union.gamma, union.delta)
    await town.pass_time(days=1)
    await town.pass_time(minutes=10)
    await town.pass_time(minutes=10)
    async with union.beta.node.store.read() as tx:
        held = await evidence.find(tx, union.question["id"])

    assert held is not None
    assert held.complete


async def test_a_position_beyond_the_time_changes_nothing_and_the_first_outcome_stands(town: Town) -> None:
    union = await assembled(town)
    await union.close()
    await town.pass_time(days=1)
    await union.come_late(union.gamma, union.delta)
    await town.pass_time(days=1)
    seen = await union.seen(union.alpha)

    assert (seen["state"], seen["recount"]) == ("passed", "stands")
    assert await union.published("recount") is None
    assert await union.bound(union.gamma) == "passed"
    assert verify_bundle(await evidence_of(union.alpha, union.question)).valid
    assert "No position came late in time" in await page_of(union.alpha, f"/proposals/{union.question['key']}")


async def test_a_co_op_shows_that_the_first_outcome_stands_when_the_time_is_over(town: Town) -> None:
    union = await assembled(town)
    await union.close()
    during = await union.seen(union.beta)
    await town.pass_time(days=1)
    after = await union.seen(union.beta)

    assert (during["recount"], during["recount_at"]) == ("open", "2026-11-24T12:00:00Z")
    assert (after["recount"], after["recount_at"]) == ("stands", None)
    assert "no recount has come from there" in await page_of(union.beta, f"/proposals/elsewhere?id={after['id']}")


async def test_a_recount_that_is_long_on_its_way_is_shown_when_it_comes(town: Town) -> None:
    union = await assembled(town)
    await union.close()
    await union.come_late(union.gamma, union.delta)
    town.clock.move(days=1, minutes=1)
    before = await union.seen(union.beta)
    await town.pass_time(minutes=1)
    after = await union.seen(union.beta)

    assert (before["state"], before["recount"]) == ("passed", "stands")
    assert (after["state"], after["recount"]) == ("rejected", "replaced")


async def test_where_everybody_was_heard_there_is_nothing_to_wait_for(town: Town) -> None:
    union = await assembled(town)
    for house in (union.beta, union.gamma, union.delta):
        await cast(house, union.question, "ada", "for")
    await town.pass_time(minutes=5)
    seen = await union.seen(union.beta)

    assert (seen["state"], seen["recount"], seen["recount_at"]) == ("passed", None, None)


async def test_an_assembly_that_is_killed_in_between_recounts_when_it_is_back(town: Town) -> None:
    union = await assembled(town)
    await union.close()
    await union.come_late(union.gamma)
    await union.alpha.stop()
    await town.pass_time(hours=2)
    await union.alpha.restart()
    await town.pass_time(minutes=10)
    await union.come_late(union.delta)
    await union.alpha.stop()
    await town.pass_time(days=2)
    await union.alpha.restart()
    await town.pass_time(minutes=1)
    await town.pass_time(minutes=10)

    assert (await union.seen(union.alpha))["state"] == "rejected"
    assert [await union.bound(house) for house in (union.beta, union.gamma, union.delta)] == ["rejected"] * 3
    assert verify_bundle(await evidence_of(union.alpha, union.question)).valid


async def test_a_job_that_runs_twice_recounts_once(town: Town) -> None:
    union = await assembled(town, terms=RATIFIED)
    await union.close()
    await town.pass_time(days=1)
    for _ in range(2):
        async with union.alpha.node.store.write() as tx:
            await jobs.enqueue(tx, "close", union.question["id"], run_at=town.clock.now)
        await town.pass_time(minutes=1)
    async with union.alpha.node.store.read() as tx:
        asked = await proposals.ratifying(tx, union.question["id"])

    assert len(asked) == 1


async def test_ratification_is_asked_only_after_the_recount(town: Town) -> None:
    union = await assembled(town, terms=RATIFIED)
    await union.close()
    await union.come_late(union.gamma)
    during = await union.asked_to_ratify(union.alpha)
    await town.pass_time(days=1)
    await town.pass_time(minutes=10)

    assert (during, await union.asked_to_ratify(union.alpha)) == (0, 0)
    assert (await union.seen(union.alpha))["state"] == "rejected"


async def test_a_decision_that_a_recount_turned_to_yes_waits_for_its_ratification(town: Town) -> None:
    union = await assembled(town, terms=RATIFIED)
    for house in (union.gamma, union.delta):
        await cast(house, union.question, "ada", "for")
        await house.stop()
    await cast(union.beta, union.question, "ada", "against")
    await town.settle()
    await town.pass_time(days=2, seconds=1)
    await town.pass_time(minutes=2)
    before = await union.bound(union.beta)
    await union.come_late(union.gamma, union.delta)
    await town.pass_time(days=1)
    await town.pass_time(minutes=10)

    assert before == "rejected"
    assert await union.bound(union.beta) is None
    assert await union.asked_to_ratify(union.beta) == 1


async def test_a_recount_comes_after_the_second_call(town: Town) -> None:
    rule = called_twice("2/3", "1/3", hours=6, closes_early=True)
    union = await assembled(town, rule=rule)
    await union.close()
    called = await union.seen(union.alpha)
    await town.pass_time(hours=7)
    await union.come_late(union.gamma, union.delta)
    during = await union.seen(union.alpha)
    await town.pass_time(days=1)
    await town.pass_time(minutes=10)
    report = verify_bundle(await evidence_of(union.alpha, union.question))

    assert (called["state"], called["recount"]) == ("open", None)
    assert (during["state"], during["recount_at"]) == ("passed", "2026-11-24T18:00:00Z")
    assert (await union.seen(union.alpha))["state"] == "rejected"
    assert report.valid, report.failure
    assert report.levels is not None
    assert report.levels.decided is not None
    assert report.levels.decided.call == 2


async def test_who_says_two_things_is_exposed_and_only_what_counted_at_the_close_still_counts(town: Town) -> None:
    union = await assembled(town)
    await union.close()
    await union.come_late(union.gamma, union.delta)
    async with union.alpha.node.store.read() as tx:
        kept = [one for one in await positions.for_proposal(tx, union.question["id"]) if one.status == "late"]
    (said,) = [one.document for one in kept if one.body_did == union.gamma.node.body.did]
    await say(union.gamma, signed_by(union.gamma, said, signed_at="2026-11-23T13:00:00Z"), to=union.alpha)
    async with union.beta.node.store.read() as tx:
        known = await positions.for_proposal(tx, union.question["id"])
    (counted,) = [one.document for one in known if one.source == "own"]
    await say(union.beta, signed_by(union.beta, counted, signed_at="2026-11-23T13:00:00Z"), to=union.alpha)
    await town.pass_time(days=1)
    await town.pass_time(minutes=10)
    lines = await lines_of(union.alpha, union.question)
    exposed = (await union.alpha.ada.get("federation/equivocations")).body["items"]

    assert [lines[name][0] for name in ("beta", "gamma", "delta")] == ["counted", "equivocation", "counted"]
    assert len(exposed) == 2


async def test_a_late_position_that_does_not_follow_from_its_tally_leads_to_no_recount(town: Town) -> None:
    union = await assembled(town)
    await union.close()
    async with union.beta.node.store.read() as tx:
        (said,) = [
            one.document for one in await positions.for_proposal(tx, union.question["id"]) if one.source == "own"
        ]
    await union.gamma.restart()
    made_up = signed_by(union.gamma, said, body=union.gamma.node.body.did, choice="against")
    own = await own_answer(union.gamma, union.question)
    async with union.gamma.node.store.write() as tx:  # its true position never goes out
        await proposals.update(tx, own["id"], state="withdrawn")
    await say(union.gamma, made_up, to=union.alpha)
    await town.pass_time(days=1)
    await town.pass_time(minutes=1)
    async with union.alpha.node.store.read() as tx:
        kept = [one.status for one in await positions.for_proposal(tx, union.question["id"])]

    assert sorted(kept) == ["counted", "invalid"]
    assert (await union.seen(union.alpha))["recount"] == "stands"


async def test_a_recount_that_is_not_due_or_replaces_another_outcome_is_refused(town: Town) -> None:
    union = await assembled(town)
    await union.close()
    first = await union.published("outcome")
    assert first is not None
    held = {"id": first["id"], "digest": (await union.seen(union.beta))["digest"]}
    for recount, closed_at in (({"first": held}, "2026-11-24T12:00:00Z"), ({"first": held}, "2026-11-23T12:00:00Z")):
        again = signed_by(union.alpha, first, recount=recount, closed_at=closed_at)
        await say(union.alpha, {**again, "@context": GOVERNANCE_CONTEXT, "type": OUTCOME}, to=union.beta)

    assert await refused_at(union.beta) == ["proposal-invalid"] * 2
    assert (await union.seen(union.beta))["state"] == "passed"


@pytest.mark.parametrize(
    ("terms", "rule"),
    [({**TERMS, "binding": False}, EARLY), (TERMS, {"preset": "majority", "tie": ["lot"]})],
)
async def test_a_statute_whose_recount_makes_no_sense_is_refused(
    town: Town, terms: Mapping[str, Any], rule: Mapping[str, Any]
) -> None:
    alpha = await town.build("alpha", kind="assembly")
    beta = await town.build("beta")
    await town.join(beta, alpha)
    changed = {"title": "Recounts", "reasons": "Post is slow.", "changes": {**terms, "rule": rule}}
    refused = await alpha.ada.post("statutes/amendments", changed)

    assert refused.status == 422, refused.body
    assert refused.body["code"] == "statute-recount"
