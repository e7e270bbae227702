"""Evidence of decisions that were called twice: the first call is checked too, and neither can be made up (G5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from federation.assembly.quorums import Quorum, QuorumKind, SecondCall
from federation.assembly.rules import PRESETS
from identity.instants import instant_text
from node.governance.evidence import render, report_document, verify_bundle
from tests.unit.governance.worlds import CLOSES, Document, Plan, Tampering, build, coop

if TYPE_CHECKING:
    from collections.abc import Callable

HOUR = 3600


def called(kind: QuorumKind = QuorumKind.PARTICIPATION, *, call: int = 2, second: Fraction = Fraction(1, 4)) -> Plan:
    """An assembly of four bodies of which two are silent, with a quorum of three quarters."""
    quorum = Quorum(kind=kind, share=Fraction(3, 4), second_call=SecondCall(HOUR, second))
    below = (
        coop("ash", (3, 1, 0)),
        coop("birch", (2, 1, 0)),
        replace(coop("cedar", (0, 2, 0)), reports="missing"),
        replace(coop("date", (0, 2, 0)), reports="missing"),
    )
    return Plan(name="whole", rule=replace(PRESETS["majority"], quorum=quorum), below=below, call=call)


def few(**more: Any) -> Plan:
    """A co-op of ten of which three took part, with a quorum of half, and a quarter at the second call.

    That ends half an hour before the assembly closes, or, for one that reports its first call, just then.
    """
    again = SecondCall(HOUR if more.get("call") == 1 else HOUR // 2, Fraction(1, 4))
    quorum = Quorum(kind=QuorumKind.PARTICIPATION, share=Fraction(1, 2), second_call=again)
    rule = replace(PRESETS["majority"], quorum=quorum)
    return replace(coop("few", (2, 1, 0), rule=rule, call=2), **{"silent": 7, **more})


def changed(label: str, *path: str | int, to: Any) -> Tampering:
    def edit(document: Document) -> None:
        place: Any = document["governance"]
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to

    return Tampering(edits={label: edit})


@pytest.mark.parametrize("kind", [QuorumKind.PARTICIPATION, QuorumKind.BODIES])
@pytest.mark.parametrize("second", [Fraction(1, 4), Fraction(0)])
def test_a_second_call_is_recomputed_under_its_own_quorum(kind: QuorumKind, second: Fraction) -> None:
    report = verify_bundle(build(called(kind, second=second)).bundle)

    assert report.failure is None
    assert report.levels is not None
    assert report.levels.decided is not None
    assert (report.levels.decided.outcome.state, report.levels.decided.call) == ("passed", 2)
    assert "level 2 (second call): Passed" in render(report)


def test_members_too_are_called_twice_and_report_upward_what_the_second_call_gave() -> None:
    report = verify_bundle(build(Plan(name="above", below=(few(), coop("elm", (1, 0, 0))))).bundle)

    assert report.failure is None
    assert report.levels is not None
    assert [level.choice for level in report.levels.below] == ["for", "for"]


def test_an_answer_that_cannot_be_called_again_in_time_reports_its_first_call() -> None:
    report = verify_bundle(build(Plan(name="above", below=(few(call=1), coop("elm", (1, 0, 0))))).bundle)

    assert report.failure is None
    assert report.levels is not None
    assert [level.status for level in report.levels.below] == ["no_quorum", "counted"]


def test_a_quorum_that_is_met_at_once_needs_no_second_call() -> None:
    quorum = Quorum(kind=QuorumKind.PARTICIPATION, share=Fraction(1, 4), second_call=SecondCall(HOUR, Fraction(0)))
    plan = replace(few(), call=1, rule=replace(PRESETS["majority"], quorum=quorum))
    report = verify_bundle(build(plan).bundle)

    assert report.failure is None
    assert "(first call)" in render(report)


def reported_since(reports: str = "second") -> Plan:
    """The same four, of which one was heard in the second call only, or said the same again in it."""
    plan = called()
    return replace(plan, below=(replace(plan.below[0], reports=reports), *plan.below[1:]))


@pytest.mark.parametrize("reports", ["counted", "second", "restated"])
def test_a_first_call_of_bodies_is_counted_again_from_what_was_in_by_then(reports: str) -> None:
    report = verify_bundle(build(reported_since(reports)).bundle)

    assert report.failure is None
    assert "the first call missed its quorum, counted again from what was in by then" in render(report)
    assert (report_document(report)["levels"] or {})["first_call"] == "recounted"


@pytest.mark.parametrize(
    ("tampering", "known"),
    [
        (Tampering(), "recounted"),
        (changed("first:few", "ballots", "digest", to="sha256:" + "0" * 64), "stated"),
        (changed("first:few", "ballots", "count", to=2), "stated"),
    ],
)
def test_a_first_call_of_members_is_counted_again_where_its_ballots_are_here(tampering: Tampering, known: str) -> None:
    report = verify_bundle(build(few(), tampering).bundle)

    assert report.failure is None
    assert (report_document(report)["levels"] or {})["first_call"] == known
    assert ("by the body's word alone" in render(report)) == (known == "stated")


def stated(**members: Any) -> Tampering:
    """A first call of members with other ballots than those that count in the end, and these members of its tally."""

    def edit(document: Document) -> None:
        said = document["governance"]
        said["ballots"]["digest"] = "sha256:" + "0" * 64
        said["tally"] |= members
        said["members"] = dict(said["tally"])

    return Tampering(edits={"first:few": edit})


TALLY = {"for": 1, "against": 0, "abstain": 0, "electorate": 4, "unresolved": 0}
LATER = instant_text(CLOSES + timedelta(days=1))
BROKEN: list[tuple[str, Callable[[], tuple[Plan, Tampering]]]] = [
    ("outcome-call", lambda: (called(), changed("outcome:whole", "call", to={"number": 3}))),
    ("outcome-call", lambda: (called(), changed("outcome:whole", "call", to={"number": 2}))),
    ("outcome-call", lambda: (called(), changed("outcome:whole", "call", "again_at", to=LATER))),
    ("outcome-call", lambda: (called(), changed("outcome:whole", "closed_at", to=instant_text(CLOSES)))),
    ("outcome-call", lambda: (called(), changed("first:whole", "body", to="did:web:ash.example"))),
    ("outcome-call", lambda: (called(), changed("first:whole", "proposal", "id", to="https://ash.example/1"))),
    ("outcome-call", lambda: (called(), changed("first:whole", "call", "again_at", to=LATER))),
    ("outcome-call", lambda: (called(), changed("first:whole", "call", to=None))),
    ("outcome-call", lambda: (called(), changed("first:whole", "tally", "for", to=4))),
    ("outcome-call", lambda: (called(), changed("first:whole", "outcome", to="rejected"))),
    ("outcome-call", lambda: (called(), changed("first:whole", "tally", "for", to=40))),
    ("outcome-call", lambda: (called(QuorumKind.BODIES), changed("first:whole", "constituents", to=None))),
    ("outcome-call", lambda: (replace(called(), rule=PRESETS["majority"], call=1), Tampering())),
    ("outcome-call", lambda: (called(call=1), Tampering())),
    ("outcome-call", lambda: (called(), changed("first:whole", "nonce", to="nonce"))),
    ("outcome-tally", lambda: (called(), changed("first:whole", "tally", "unresolved", to=1))),
    ("outcome-tally", lambda: (called(), changed("first:whole", "tally", "electorate", to=5))),
    ("outcome-level", lambda: (called(), changed("first:whole", "level", to=3))),
    ("outcome-members", lambda: (called(), changed("first:whole", "members", to=TALLY))),
    ("outcome-constituents", lambda: (called(), changed("first:whole", "constituents", 0, "choice", to="against"))),
    ("outcome-constituents", lambda: (called(), changed("first:whole", "constituents", 0, "weight", to=2))),
    ("position-missing", lambda: (called(), changed("first:whole", "constituents", 0, "position", to=None))),
    ("outcome-call", lambda: (called(), changed("first:whole", "constituents", 2, "status", to="late"))),
    ("evidence-missing", lambda: (reported_since("restated"), Tampering(left_out=frozenset({"before:ash"})))),
    ("position-signature", lambda: (reported_since("restated"), Tampering(strangers={"before:ash": "birch"}))),
    ("position-invalid", lambda: (reported_since("restated"), changed("before:ash", "choice", to="against"))),
    ("outcome-tally", lambda: (few(), changed("first:few", "tally", "abstain", to=1))),
    ("outcome-tally", lambda: (few(), stated(electorate=11))),
    ("outcome-tally", lambda: (few(), changed("first:few", "ballots", "count", to=11))),
    ("outcome-call", lambda: (few(), stated(abstain=8))),
    ("outcome-malformed", lambda: (few(), changed("first:few", "ballots", "digest", to="x"))),
    ("outcome-malformed", lambda: (few(), changed("first:few", "ballots", "more", to=1))),
    ("outcome-level", lambda: (few(), changed("first:few", "level", to=2))),
    ("outcome-signature", lambda: (called(), Tampering(strangers={"first:whole": "ash"}))),
    ("evidence-missing", lambda: (called(), Tampering(left_out=frozenset({"first:whole"})))),
    ("outcome-malformed", lambda: (called(), changed("first:whole", "kind", to="position"))),
    ("outcome-rule", lambda: (called(), changed("outcome:whole", "rule", to=None))),
    ("outcome-state", lambda: (called(call=1), changed("outcome:whole", "outcome", to="passed"))),
]


@pytest.mark.parametrize(("wanted", "make"), BROKEN, ids=[f"{i}-{name}" for i, (name, _) in enumerate(BROKEN)])
def test_a_call_that_is_made_up_fails(wanted: str, make: Callable[[], tuple[Plan, Tampering]]) -> None:
    plan, tampering = make()
    report = verify_bundle(build(plan, tampering).bundle)

    assert report.failure is not None
    assert report.failure.code == wanted
