"""Roll-ups: weights and heads, silence of every kind, members' own counts, and levels (G6)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from federation.assembly.divergence import divergence
from federation.assembly.positions import PositionChoice, PositionRefusal
from federation.assembly.roll_up import Report, ReportStatus, roll_up
from federation.assembly.rules import PRESETS, Quorum, QuorumKind
from federation.assembly.tally import Tally
from tests.unit.assembly.rosters import counted, statute_of

MAJORITY = PRESETS["majority"]


ABC = statute_of({"a": 10, "b": 9, "c": 7})


def test_weights_are_added_for_against_and_abstain() -> None:
    rolled = roll_up(ABC, MAJORITY, {"a": counted("for"), "b": counted("against"), "c": counted("abstain")})

    assert rolled.tally == Tally(10, 9, 7, 26)
    assert (rolled.reached, rolled.bodies) == (3, 3)
    assert rolled.outcome.state == "passed"


def test_by_heads_every_body_weighs_one() -> None:
    rolled = roll_up(statute_of({"a": 10, "b": 9, "c": 7}, "heads"), MAJORITY, {"a": counted("for")})

    assert rolled.tally == Tally(1, 0, 0, 3)
    assert [line.weight for line in rolled.lines] == [1, 1, 1]


@pytest.mark.parametrize("status", ["late", "invalid", "equivocation", "missing"])
def test_a_report_not_taken_is_in_the_electorate_and_nowhere_else(status: str) -> None:
    report = Report(status=ReportStatus(status), choice=PositionChoice.AGAINST, members=Tally(1, 1, 0, 2))

    rolled = roll_up(ABC, MAJORITY, {"a": counted("for"), "b": report, "c": counted("against")})

    assert rolled.tally == Tally(10, 7, 0, 26)
    assert rolled.reached == 2
    assert rolled.members is None
    assert (rolled.lines[1].status, rolled.lines[1].counted_weight) == (status, 0)


def test_a_body_that_says_nothing_is_missing() -> None:
    line = roll_up(ABC, MAJORITY, {}).lines[0]

    assert (line.status, line.choice, line.weight, line.counted_weight) == ("missing", None, 10, 0)


def test_a_late_line_shows_what_would_have_been_said_and_an_invalid_one_does_not() -> None:
    reports = {
        name: Report(status=ReportStatus(status), choice=PositionChoice.FOR)
        for name, status in {"a": "late", "b": "invalid", "c": "equivocation"}.items()
    }

    assert [line.choice for line in roll_up(ABC, MAJORITY, reports).lines] == ["for", None, None]


def test_a_body_without_quorum_was_reached_but_is_not_in_the_tally() -> None:
    rule = replace(MAJORITY, quorum=Quorum(QuorumKind.BODIES, Fraction(2, 3)))
    reports = {"a": counted("for"), "b": counted("no_quorum")}

    rolled = roll_up(ABC, rule, reports)

    assert rolled.lines[1].status is ReportStatus.NO_QUORUM
    assert rolled.tally == Tally(10, 0, 0, 26)
    assert (rolled.reached, rolled.outcome.state) == (2, "passed")


def test_an_abstaining_body_is_in_the_quorum_and_not_decisive() -> None:
    rule = replace(MAJORITY, quorum=Quorum(QuorumKind.PARTICIPATION, Fraction(19, 26)))

    assert roll_up(ABC, rule, {"a": counted("for"), "b": counted("abstain")}).outcome.state == "passed"
    assert roll_up(ABC, rule, {"a": counted("for")}).outcome.state == "no_quorum"


def test_an_assembly_of_nobody_decides_nothing() -> None:
    rolled = roll_up(statute_of({}), MAJORITY, {})

    assert rolled.outcome.state == "empty"
    assert rolled.members is None


def test_a_report_from_outside_the_roster_is_refused() -> None:
    with pytest.raises(PositionRefusal) as refused:
        roll_up(ABC, MAJORITY, {"d": counted("for")})

    assert refused.value.code == "position-not-a-constituent"


def test_members_are_added_up_only_when_every_body_gave_theirs() -> None:
    small = Tally(2, 1, 0, 3)
    everyone = {name: counted("for", members=small) for name in "abc"}

    assert roll_up(ABC, MAJORITY, everyone).members == Tally(6, 3, 0, 9)
    assert roll_up(ABC, MAJORITY, everyone | {"b": counted("for")}).members is None
    assert roll_up(ABC, MAJORITY, {"a": everyone["a"]}).members is None


def test_the_members_of_a_body_without_quorum_still_count_as_heard() -> None:
    reports = {"a": counted("for", Tally(2, 0, 0, 2)), "b": counted("no_quorum", Tally(1, 0, 0, 9))}

    assert roll_up(statute_of({"a": 1, "b": 1}), MAJORITY, reports).members == Tally(3, 0, 0, 11)


def test_an_assembly_stands_one_level_above_its_highest_report() -> None:
    late = replace(counted("for", level=7), status=ReportStatus.LATE)

    assert roll_up(ABC, MAJORITY, {"a": counted("for", level=2), "b": counted("for")}).level == 3
    assert roll_up(ABC, MAJORITY, {"a": late}).level == 2
    assert roll_up(ABC, MAJORITY, {}).level == 2


@pytest.mark.parametrize("groups", [3, 9])
def test_a_minority_of_members_can_pass_by_bodies_and_the_page_is_told(groups: int) -> None:
    """The worked paradox: 2 of 3 in just over half of the groups, nobody elsewhere."""
    winning = groups // 2 + 1
    weights = {f"group {number}": 1 for number in range(groups)}
    reports = {
        name: counted("for", Tally(2, 1, 0, 3)) if number < winning else counted("against", Tally(0, 3, 0, 3))
        for number, name in enumerate(weights)
    }

    rolled = roll_up(statute_of(weights, "heads"), MAJORITY, reports)
    warning = divergence(MAJORITY, rolled.outcome, rolled.members)

    assert rolled.outcome.state == "passed"
    assert rolled.members is not None
    assert 2 * rolled.members.in_favour < rolled.members.decisive
    assert warning is not None
    assert warning.differs
    assert warning.direct.state == "rejected"


def test_eight_of_twenty_seven_pass_over_three_levels() -> None:
    winning, losing = counted("for", Tally(2, 1, 0, 3)), counted("against", Tally(0, 3, 0, 3))
    three = statute_of({"a": 1, "b": 1, "c": 1}, "heads")
    passed = roll_up(three, MAJORITY, {"a": winning, "b": winning, "c": losing})
    failed = roll_up(three, MAJORITY, {"a": losing, "b": losing, "c": losing})

    top = roll_up(
        three,
        MAJORITY,
        {
            "a": counted("for", passed.members, passed.level),
            "b": counted("for", passed.members, passed.level),
            "c": counted("against", failed.members, failed.level),
        },
    )

    assert (top.outcome.state, top.level) == ("passed", 3)
    assert top.members == Tally(8, 19, 0, 27)


def test_there_is_no_warning_when_members_agree_or_their_counts_are_incomplete() -> None:
    reports = {name: counted("for", members=Tally(2, 1, 0, 3)) for name in "abc"}
    rolled = roll_up(ABC, MAJORITY, reports)
    agreeing = divergence(MAJORITY, rolled.outcome, rolled.members)

    assert agreeing is not None
    assert not agreeing.differs
    assert divergence(MAJORITY, rolled.outcome, None) is None
