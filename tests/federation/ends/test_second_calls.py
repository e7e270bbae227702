"""A missed quorum is called again with a lower one on the same text, and nothing that came in is lost (G5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from federation.vocabulary.terms import GOVERNANCE_CONTEXT, OUTCOME, POSITION, VETO
from node.governance.evidence import documents_in, report_document, verify_bundle
from storage import jobs, positions, proposals
from tests.federation.ends.saying import DAY, evidence_of, lines_of, page_of, refused_at, say, signed_by
from tests.federation.town import cast, open_question, own_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.federation.town import House, Town


def called_twice(first: str, second: str, *, hours: int, **more: Any) -> dict[str, Any]:
    """A majority with a quorum, and a lower one so many hours after the close."""
    again = {"after_seconds": hours * 3600, "share": second}
    return {"preset": "majority", "quorum": {"kind": "participation", "share": first, "second_call": again}, **more}


TWICE = called_twice("2/3", "1/3", hours=6, closes_early=True)


@dataclass
class Union:
    """Alpha, an assembly of the co-ops beta, gamma and delta, of which two must report; one, at the second call."""

    town: Town
    alpha: House
    beta: House
    gamma: House
    delta: House

    async def ask(self) -> dict[str, Any]:
        question = await open_question(self.alpha, window_seconds=2 * DAY)
        await self.town.settle()
        return question

    async def at(self, house: House, question: Mapping[str, Any]) -> dict[str, Any]:
        """The assembly's proposal as a house knows it."""
        listed = (await house.ada.get("proposals")).body["items"]
        found: dict[str, Any] = next(one for one in listed if one["id"] == question["id"])
        return found

    async def outcome(self, question: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = (await self.alpha.ada.get(f"proposals/{question['key']}/outcome")).body
        return found


@pytest.fixture
async def union(town: Town) -> Union:
    alpha = await town.build("alpha", kind="assembly", rule=TWICE)
    below = [await town.build(handle) for handle in ("beta", "gamma", "delta")]
    for house in below:
        await town.join(house, alpha)
    return Union(town, alpha, *below)


async def test_a_missed_quorum_opens_a_second_call_that_everybody_hears_of(union: Union) -> None:
    question = await union.ask()
    await cast(union.beta, question, "ada", "for")
    await union.town.pass_time(days=2, seconds=1)
    during = [await union.at(house, question) for house in (union.alpha, union.beta, union.delta)]
    page = await page_of(union.alpha, f"/proposals/{question['key']}")
    async with union.town.http.get(f"{question['id']}/first-outcome") as answer:
        first = await answer.json(content_type=None)

    assert [one["state"] for one in during] == ["open"] * 3
    assert {one["closes_at"] for one in during} == {"2026-11-23T18:00:00Z"}
    assert (first["governance"]["outcome"], first["governance"]["call"]["number"]) == ("no_quorum", 1)
    assert "The first call missed its quorum" in page


async def test_the_second_call_decides_with_the_lower_quorum_on_what_had_come(union: Union) -> None:
    question = await union.ask()
    await cast(union.beta, question, "ada", "for")
    await union.town.pass_time(days=2, seconds=1)
    await union.town.pass_time(hours=6)
    await union.town.pass_time(minutes=10)
    outcome, answer = await union.outcome(question), await own_answer(union.beta, question)
    report = verify_bundle(await evidence_of(union.alpha, question))
    bound = (await union.beta.ada.get(f"proposals/{answer['key']}/outcome")).body["decision"]

    assert (outcome["outcome"], outcome["tally"]["for"]) == ("passed", 1)
    assert outcome["document"]["governance"]["call"]["number"] == 2
    assert bound == outcome["document"]
    assert report.valid, report.failure
    assert report.levels is not None
    assert report.levels.decided is not None
    assert report.levels.decided.call == 2


async def test_what_the_first_call_counted_is_in_the_evidence_though_it_was_superseded(union: Union) -> None:
    question = await union.ask()
    await cast(union.beta, question, "ada", "for")
    await union.town.settle()
    await union.town.pass_time(days=2, seconds=1)
    async with union.alpha.node.store.read() as tx:
        known = await positions.for_proposal(tx, question["id"])
    did = union.beta.node.body.did
    said = next(one for one in known if one.body_did == did)
    await say(union.beta, signed_by(union.beta, said.document, seq=2), to=union.alpha)
    await union.town.pass_time(hours=6)
    await union.town.pass_time(minutes=10)
    bundle = await evidence_of(union.alpha, question)
    reported = [one["governance"] for one in documents_in(bundle) if one["type"] == POSITION]
    levels = report_document(verify_bundle(bundle))["levels"]

    assert sorted(one["seq"] for one in reported if one["body"] == did) == [1, 2]
    assert (levels["outcome"], levels["call"], levels["first_call"]) == ("passed", 2, "recounted")


async def test_who_was_silent_may_still_report_before_the_second_close(union: Union) -> None:
    await union.gamma.stop()
    question = await union.ask()
    await cast(union.beta, question, "ada", "against")
    await union.town.pass_time(hours=46, minutes=30)
    await union.gamma.restart()
    await union.town.settle()
    await union.alpha.stop()
    await cast(union.gamma, question, "ada", "against")
    await union.town.pass_time(hours=1, minutes=31)
    await union.alpha.restart()
    await union.town.pass_time(hours=1)
    await union.town.pass_time(hours=7)

    assert (await union.outcome(question))["outcome"] == "rejected"
    assert (await lines_of(union.alpha, question))["gamma"] == ("counted", "against")


async def test_what_came_between_the_first_close_and_the_second_call_is_in_time(town: Town) -> None:
    """Alpha is down at its close; what reached it afterwards, and before it called again, counts."""
    alpha = await town.build("alpha", kind="assembly", rule=TWICE, terms={"veto": {"types": ["motion"]}})
    below = [await town.build(handle) for handle in ("beta", "gamma", "delta")]
    for house in below:
        await town.join(house, alpha)
    question = await open_question(alpha, window_seconds=2 * DAY)
    await town.settle()
    beta, *others = below
    for house in others:
        await house.stop()
    await cast(beta, question, "ada", "for")
    await town.settle()
    town.clock.move(days=2, seconds=30)
    answer = await own_answer(beta, question)
    async with beta.node.store.write() as tx:
        await proposals.update(tx, question["id"], closes_at=town.clock.now)
    vetoed = await beta.ada.post(f"proposals/{answer['key']}/vetoes", {"reason": "The clocks differ."})
    async with alpha.node.store.write() as tx:
        held = await jobs.find(tx, "close", question["id"])
        assert held is not None
        (claimed,) = await jobs.claim(
            tx, ["close"], now=town.clock.now, limit=1, lease=timedelta(seconds=10), worker="held"
        )
    await town.settle()
    before = (await alpha.ada.get(f"proposals/{question['key']}/vetoes")).body["items"]
    await town.pass_time(seconds=30)
    during = (await alpha.ada.get(f"proposals/{question['key']}/vetoes")).body["items"]

    assert claimed.key == question["id"]
    assert vetoed.status == 201, vetoed.body
    assert [one["status"] for one in before] == ["late"]
    assert [one["status"] for one in during] == ["counted"]


async def test_a_veto_that_is_signed_after_the_second_close_stays_late(town: Town) -> None:
    alpha = await town.build("alpha", kind="assembly", rule=TWICE, terms={"veto": {"types": ["motion"]}})
    below = [await town.build(handle) for handle in ("beta", "gamma", "delta")]
    for house in below:
        await town.join(house, alpha)
    question = await open_question(alpha, window_seconds=2 * DAY)
    await town.settle()
    await cast(below[0], question, "ada", "for")
    governance = {
        "kind": "veto",
        "proposal": {"id": question["id"], "digest": question["digest"]},
        "statute": question["statute_digest"],
        "body": below[2].node.body.did,
        "reason": "Our clock runs ahead.",
        "signed_at": "2026-12-24T12:00:00Z",
    }
    veto = {"@context": GOVERNANCE_CONTEXT, "type": VETO, "governance": governance}
    await say(below[2], signed_by(below[2], veto), to=alpha)
    await town.pass_time(days=2, seconds=1)
    during = (await alpha.ada.get(f"proposals/{question['key']}/vetoes")).body["items"]
    await town.pass_time(hours=7)
    await town.pass_time(minutes=10)
    outcome = (await alpha.ada.get(f"proposals/{question['key']}/outcome")).body
    report = verify_bundle(await evidence_of(alpha, question))

    assert [one["status"] for one in during] == ["late"]
    assert (outcome["outcome"], outcome["document"]["governance"]["call"]["number"]) == ("passed", 2)
    assert report.valid, report.failure


async def test_a_second_call_that_misses_its_quorum_too_is_the_last(union: Union) -> None:
    question = await union.ask()
    for house in (union.beta, union.gamma, union.delta):
        await house.stop()
    await union.town.pass_time(days=2, seconds=1)
    await union.town.pass_time(hours=7)
    outcome = await union.outcome(question)

    assert (outcome["outcome"], outcome["state"]) == ("no_quorum", "closed_without_quorum")
    assert outcome["document"]["governance"]["call"]["number"] == 2


async def test_a_quorum_that_is_met_names_the_first_call_and_opens_no_second(union: Union) -> None:
    question = await union.ask()
    for house in (union.beta, union.gamma, union.delta):
        await cast(house, question, "ada", "for")
    await union.town.pass_time(minutes=10)
    outcome = await union.outcome(question)

    assert (outcome["outcome"], outcome["document"]["governance"]["call"]) == ("passed", {"number": 1})
    assert verify_bundle(await evidence_of(union.alpha, question)).valid


async def test_members_of_a_coop_are_called_twice_and_their_ballots_stay(town: Town) -> None:
    beta = await town.build("beta", "blai", "carme", rule=called_twice("2/3", "1/3", hours=6))
    question = await open_question(beta, window_seconds=2 * DAY)
    first = await beta.ada.post(f"proposals/{question['key']}/ballots", {"choice": "for"})
    await town.pass_time(days=2, seconds=1)
    again = await beta.people["blai"].post(f"proposals/{question['key']}/ballots", {"choice": "abstain"})
    await town.pass_time(hours=7)
    outcome = (await beta.ada.get(f"proposals/{question['key']}/outcome")).body

    assert (first.status, again.status) == (201, 201)
    assert (outcome["outcome"], outcome["tally"]["for"], outcome["tally"]["abstain"]) == ("passed", 1, 1)
    assert verify_bundle(await evidence_of(beta, question)).valid


@pytest.mark.parametrize(("hours", "outcome", "call"), [(1, "passed", 2), (48, "no_quorum", 1)])
async def test_an_answer_is_called_again_only_if_it_can_still_be_reported_in_time(
    town: Town, hours: int, outcome: str, call: int
) -> None:
    alpha = await town.build("alpha", kind="assembly", margin_seconds=7200)
    beta = await town.build("beta", "blai", "carme", rule=called_twice("2/3", "1/3", hours=hours))
    await town.join(beta, alpha)
    question = await open_question(alpha, window_seconds=2 * DAY)
    await town.settle()
    await cast(beta, question, "ada", "for")
    await town.pass_time(hours=46, seconds=1)
    await town.pass_time(hours=1)
    await town.pass_time(days=1)
    answer = await own_answer(beta, question)
    found = (await beta.ada.get(f"proposals/{answer['key']}/outcome")).body

    assert (found["outcome"], found["document"]["governance"]["call"]["number"]) == (outcome, call)
    assert (await lines_of(alpha, question))["beta"][0] == ("counted" if outcome == "passed" else "no_quorum")
    assert verify_bundle(await evidence_of(alpha, question)).valid


async def test_a_first_call_of_somebody_else_or_with_another_time_than_the_rule_is_refused(union: Union) -> None:
    question = await union.ask()
    tally = {"for": 0, "against": 0, "abstain": 0, "electorate": 3, "unresolved": 0}
    governance = {
        "kind": "outcome",
        "proposal": {"id": question["id"], "digest": question["digest"]},
        "outcome": "no_quorum",
        "reason": "quorum_not_met",
        "tally": tally,
        "call": {"number": 1, "again_at": "2026-11-23T18:00:00Z"},
    }
    first = {"@context": GOVERNANCE_CONTEXT, "type": OUTCOME, "governance": governance}

    await say(union.gamma, signed_by(union.gamma, first), to=union.delta)
    for again_at in ("2027-01-01T00:00:00Z", None):
        await say(union.alpha, signed_by(union.alpha, first, call={"number": 1, "again_at": again_at}), to=union.delta)

    assert await refused_at(union.delta) == ["proposal-invalid"] * 3
    assert (await union.at(union.delta, question))["closes_at"] == question["closes_at"]


@pytest.fixture
async def patient(town: Town) -> Union:
    """The same with a second call of twelve hours, of which the co-ops have eleven; gamma and delta are down."""
    alpha = await town.build("alpha", kind="assembly", rule=called_twice("2/3", "1/3", hours=12), margin_seconds=3600)
    below = [await town.build(handle) for handle in ("beta", "gamma", "delta")]
    for house in below:
        await town.join(house, alpha)
    for house in below[1:]:
        await house.stop()
    return Union(town, alpha, *below)


async def test_who_was_down_for_the_whole_first_call_is_reminded_and_takes_part_in_the_second(patient: Union) -> None:
    town, alpha, gamma = patient.town, patient.alpha, patient.gamma
    question = await patient.ask()
    await cast(patient.beta, question, "ada", "for")
    await town.settle()
    await town.pass_time(days=1)
    await town.pass_time(days=1, seconds=1)
    await gamma.restart()
    await town.pass_time(hours=6)
    for _ in range(2):
        async with alpha.node.store.write() as tx:
            await jobs.enqueue(tx, "remind", question["id"], run_at=town.clock.now)
        await town.settle()
    answer = await own_answer(gamma, question)
    listed = (await alpha.ada.get(f"proposals/{question['key']}/reminders")).body["items"]
    heard = (await gamma.ada.get(f"proposals/{answer['key']}/reminders")).body["items"]
    page = await page_of(alpha, f"/proposals/{question['key']}")
    voted = await cast(gamma, question, "ada", "against")
    await town.settle()
    await town.pass_time(hours=6)
    await town.pass_time(minutes=10)
    lines = await lines_of(alpha, question)

    assert sorted((one["call"], one["percent"]) for one in listed) == [(1, 50), (1, 50), (2, 50), (2, 50)]
    assert (2, 50) in {(one["call"], one["percent"]) for one in heard}
    assert "Gamma was reminded when 50 % of the time of the second call had passed." in page
    assert answer["closes_at"] == "2026-11-23T23:00:00Z"
    assert voted.status == 201, voted.body
    assert [lines[name] for name in ("beta", "gamma")] == [("counted", "for"), ("counted", "against")]
    assert lines["delta"][0] == "missing"
    assert verify_bundle(await evidence_of(alpha, question)).valid


async def test_who_comes_back_when_no_margin_is_left_in_the_second_call_is_not_asked(patient: Union) -> None:
    question = await patient.ask()
    await patient.town.pass_time(days=2, seconds=1)
    await patient.town.pass_time(hours=11, minutes=5)
    await patient.gamma.restart()
    await patient.town.pass_time(minutes=30)
    own = (await patient.gamma.ada.get("proposals", params={"origin": "own"})).body["items"]

    assert (await patient.at(patient.gamma, question))["state"] == "open"
    assert own == []
