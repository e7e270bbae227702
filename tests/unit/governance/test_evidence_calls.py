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
from node.governance.evidence import render, verify_bundle
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


def changed(label: str, *path: str, to: Any) -> Tampering:
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
