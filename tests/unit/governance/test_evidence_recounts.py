"""Evidence of recounts: the outcome at the close is checked too, and a recount only adds what came late (G6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from federation.assembly.quorums import Quorum, QuorumKind, SecondCall
from federation.assembly.rules import PRESETS
from identity.instants import instant_text
from node.governance.evidence import verify_bundle
from node.governance.evidence.report import render
from node.governance.recounts import announced, where_it_stands
from tests.unit.governance.test_evidence_calls import changed
from tests.unit.governance.test_evidence_ratified import FOR, ratified
from tests.unit.governance.worlds import CLOSES, Plan, Tampering, build, coop

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tests.unit.governance.worlds import Document

DAY = timedelta(days=1)
TERMS = {"recount": {"within_seconds": 86_400}}
UNTIL = instant_text(CLOSES + DAY)
AFTER = instant_text(CLOSES + DAY + timedelta(milliseconds=1))
ASH, BIRCH = coop("ash", (3, 1, 0)), coop("birch", (0, 2, 0))
LATE = (replace(coop("cedar", (1, 2, 0)), reports="late"), replace(coop("date", (0, 1, 0)), reports="later"))
SILENT = replace(coop("elm", (0, 2, 0)), reports="missing")


def recounted(*below: Plan, **more: Any) -> Plan:
    """An assembly where one is for it and one against at the close; a late one and a later one are against, too."""
    stated: dict[str, Any] = {"terms": TERMS, "is_recounted": True} | more
    return Plan(name="whole", below=below or (replace(ASH, weight=2), BIRCH, *LATE, SILENT), **stated)


def to_come(**more: Any) -> Plan:
    """The same at the close: what follows from it stands unless it is recounted."""
    return recounted(replace(ASH, weight=2), BIRCH, LATE[0], SILENT, is_recounted=False, **more)


def in_a_second_call() -> Plan:
    """Two of five reported, where three quarters have to, and then a quarter; two more come late."""
    quorum = Quorum(QuorumKind.PARTICIPATION, Fraction(3, 4), second_call=SecondCall(3600, Fraction(1, 4)))
    return replace(recounted(ASH, BIRCH, *LATE, SILENT), rule=replace(PRESETS["majority"], quorum=quorum), call=2)


def passed_without_one() -> Plan:
    """What passed at the close, and may be recounted before it is ratified."""
    terms = TERMS | {"ratification": {"kind": "unanimity", "within_seconds": 7 * 86_400}}
    silent = replace(coop("cedar", FOR), reports="missing")
    return recounted(coop("ash", FOR), coop("birch", FOR), silent, terms=terms, is_recounted=False)


def to_ratify(**more: Any) -> Plan:
    """What passed only with those who came late, and has to be ratified."""
    terms = TERMS | {"ratification": {"kind": "unanimity", "within_seconds": 7 * 86_400}}
    late = replace(coop("cedar", FOR), reports="late")
    return recounted(coop("ash", FOR), coop("birch", (0, 1, 0)), late, terms=terms, **more)


def test_a_recount_is_recomputed_with_the_outcome_whose_place_it_takes() -> None:
    report = verify_bundle(build(recounted()).bundle)

    assert report.failure is None
    assert report.levels is not None
    assert report.levels.decided is not None
    assert (report.levels.decided.outcome.state, report.levels.decided.tally.against) == ("rejected", 3)
    assert [level.status for level in report.levels.below] == ["counted"] * 4 + ["missing"]
    assert "a recount with positions that came late" in render(report)


def test_a_time_that_cannot_be_read_announces_no_recount() -> None:
    assert announced({"governance": {"recount": {"until": "tomorrow"}}}) is None
    assert announced({"governance": {"recount": {"until": UNTIL}}}) == CLOSES + DAY


def test_an_outcome_that_may_be_recounted_says_until_when() -> None:
    report = verify_bundle(build(to_come()).bundle)

    assert report.failure is None
    assert report.levels is not None
    assert report.levels.decided is not None
    assert report.levels.decided.outcome.state == "passed"
    assert f"stands unless a recount took its place at {UNTIL}" in render(report)


def test_whoever_is_heard_at_the_close_leaves_nothing_to_recount() -> None:
    world = build(recounted(ASH, BIRCH, is_recounted=False))

    assert "recount" not in world.outcome("whole")
    assert verify_bundle(world.bundle).failure is None


def test_an_answer_to_an_assembly_above_is_not_recounted() -> None:
    world = build(Plan(name="top", below=(to_come(),)))

    assert "recount" not in world.outcome("whole")
    assert verify_bundle(world.bundle).failure is None


def test_a_ratification_is_not_recounted() -> None:
    world = build(ratified(to_ratify(), FOR, FOR, (0, 0, 0), opens_later=8 * DAY))

    assert "recount" not in world.outcome("again")
    assert verify_bundle(world.bundle).failure is None


def test_a_second_call_is_recounted_and_the_first_call_stays() -> None:
    report = verify_bundle(build(in_a_second_call()).bundle)

    assert report.failure is None
    assert report.levels is not None
    assert report.levels.decided is not None
    assert (report.levels.decided.call, report.levels.decided.outcome.state) == (2, "rejected")


def test_what_a_recount_gave_is_ratified() -> None:
    report = verify_bundle(build(ratified(to_ratify(), FOR, FOR, FOR, opens_later=8 * DAY)).bundle)

    assert report.failure is None


def row(number: int, **members: Any) -> Callable[[Document], None]:
    def edit(document: Document) -> None:
        document["governance"]["constituents"][number].update(members)

    return edit


def vetoed_afterwards() -> Plan:
    """Birch vetoes what passed at the close."""
    late = replace(coop("cedar", FOR), reports="late")
    terms = TERMS | {"veto": {"types": ["motion"]}}
    return recounted(replace(ASH, weight=2), replace(BIRCH, veto="It harms us."), late, terms=terms)


def not_vetoed(document: Document) -> None:
    """As if the veto had come after this outcome."""
    governance = document["governance"]
    del governance["vetoes"], governance["constituents"][1]["veto"]
    governance |= {"outcome": "passed", "reason": "threshold_met"}


OUTCOME, FIRST = "outcome:whole", "replaced:whole"
BROKEN: list[tuple[str, Callable[[], tuple[Plan, Tampering]]]] = [
    # the first outcome
    ("outcome-recount", lambda: (to_come(), changed(OUTCOME, "recount", to=None))),
    ("outcome-recount", lambda: (to_come(), changed(OUTCOME, "recount", to={}))),
    ("outcome-recount", lambda: (to_come(), changed(OUTCOME, "recount", "until", to=AFTER))),
    ("outcome-recount", lambda: (to_come(), changed(OUTCOME, "recount", "until", to="tomorrow"))),
    ("outcome-recount", lambda: (to_come(terms={}), changed(OUTCOME, "recount", to={"until": UNTIL}))),
    (
        "outcome-recount",
        lambda: (recounted(ASH, BIRCH, is_recounted=False), changed(OUTCOME, "recount", to={"until": UNTIL})),
    ),
    ("outcome-recount", lambda: (recounted(), changed(FIRST, "recount", to=None))),
    ("outcome-tally", lambda: (recounted(), changed(FIRST, "tally", "for", to=5))),
    ("outcome-state", lambda: (recounted(), changed(FIRST, "outcome", to="rejected"))),
    ("outcome-signature", lambda: (recounted(), Tampering(strangers={FIRST: "ash"}))),
    ("evidence-missing", lambda: (recounted(), Tampering(left_out=frozenset({FIRST})))),
    # the second
    ("outcome-recount", lambda: (recounted(), changed(OUTCOME, "recount", "until", to=UNTIL))),
    ("outcome-recount", lambda: (recounted(), changed(OUTCOME, "recount", "by", to="us"))),
    ("outcome-recount", lambda: (recounted(), changed(OUTCOME, "closed_at", to=instant_text(CLOSES)))),
    ("outcome-tally", lambda: (recounted(), changed(OUTCOME, "tally", "against", to=2))),
    ("reference-id", lambda: (recounted(), changed(OUTCOME, "recount", "first", "id", to="https://whole.example/1"))),
    (
        "outcome-recount",
        lambda: (
            recounted(terms={}),
            changed(OUTCOME, "recount", to={"first": {"id": "https://a.example/1", "digest": "sha256:" + "0" * 64}}),
        ),
    ),
    # what it adds
    (
        "outcome-recount",
        lambda: (recounted(), Tampering(edits={OUTCOME: row(0, status="missing", choice=None, position=None)})),
    ),
    ("outcome-recount", lambda: (recounted(), Tampering(edits={OUTCOME: row(0, choice="against")}))),
    ("outcome-recount", lambda: (recounted(ASH, BIRCH, SILENT), Tampering())),
    ("outcome-recount", lambda: (recounted(), changed("position:cedar", "signed_at", to=AFTER))),
    (
        "outcome-recount",
        lambda: (
            recounted(ASH, replace(BIRCH, reports="equivocation"), *LATE),
            Tampering(edits={OUTCOME: row(1, status="missing")}),
        ),
    ),
    ("outcome-recount", lambda: (vetoed_afterwards(), Tampering(edits={FIRST: not_vetoed}))),
    # around it
    ("ratification", lambda: (ratified(to_ratify(is_recounted=False), FOR, FOR, FOR), Tampering())),
    ("ratification", lambda: (ratified(passed_without_one(), FOR, FOR, FOR), Tampering())),
    ("outcome-recount", lambda: (recounted(ASH, BIRCH), Tampering())),
    ("outcome-recount", lambda: (in_a_second_call(), changed(FIRST, "recount", "until", to=UNTIL))),
]


@pytest.mark.parametrize(("wanted", "make"), BROKEN, ids=[f"{i}-{name}" for i, (name, _) in enumerate(BROKEN)])
def test_a_recount_that_is_made_up_fails(wanted: str, make: Callable[[], tuple[Plan, Tampering]]) -> None:
    plan, tampering = make()
    report = verify_bundle(build(plan, tampering).bundle)

    assert report.failure is not None
    assert report.failure.code == wanted


@pytest.mark.parametrize(
    ("recount", "after", "is_own", "stands"),
    [
        (None, timedelta(0), False, (None, None)),
        ("open", DAY, False, ("open", CLOSES + DAY)),
        ("open", DAY + timedelta(milliseconds=1), False, ("stands", None)),
        ("open", DAY + timedelta(milliseconds=1), True, ("open", CLOSES + DAY)),
        ("stands", 2 * DAY, True, ("stands", None)),
        ("replaced", 2 * DAY, False, ("replaced", None)),
    ],
)
def test_where_a_recount_stands_is_known_from_the_clock(
    recount: str | None, after: timedelta, is_own: bool, stands: tuple[str | None, datetime | None]
) -> None:
    """A body's own is over when it was counted, however late its node is; a peer's when its time is."""
    outcome = {"governance": {"recount": {"until": UNTIL}}}

    assert where_it_stands(recount, outcome, is_own=is_own, now=CLOSES + after) == stands
