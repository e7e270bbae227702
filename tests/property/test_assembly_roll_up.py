"""Rolling up positions: the same as a slow and simple sum, in any order, with nothing lost (G6)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from federation.assembly.decide import OutcomeState
from federation.assembly.positions import PositionChoice
from federation.assembly.roll_up import Report, ReportStatus, roll_up
from federation.assembly.rules import PRESETS, Rule
from federation.assembly.tally import Tally
from tests.unit.assembly.rosters import counted, statute_of

if TYPE_CHECKING:
    from federation.assembly.statute import Statute

NAMES = tuple("abcdefg")
REACHED = {"counted", "no_quorum"}
choices = st.sampled_from(tuple(PositionChoice))
members = st.none() | st.tuples(*[st.integers(0, 30)] * 4).map(lambda n: Tally(n[0], n[1], n[2], sum(n)))
reports = st.builds(
    lambda status, choice, members, level: Report(
        status=ReportStatus.COUNTED if status is ReportStatus.NO_QUORUM else status,
        choice=PositionChoice.NO_QUORUM if status is ReportStatus.NO_QUORUM else choice,
        members=members,
        level=level,
    ),
    st.sampled_from(tuple(ReportStatus)),
    choices,
    members,
    st.integers(1, 5),
)
statutes = st.builds(
    statute_of,
    st.dictionaries(st.sampled_from(NAMES), st.integers(1, 40), min_size=1),
    st.sampled_from(["heads", "weights"]),
)
rules = st.sampled_from(tuple(PRESETS.values()))


@st.composite
def decisions(draw: st.DrawFn) -> tuple[Statute, dict[str, Report]]:
    statute = draw(statutes)
    speaking = draw(st.sets(st.sampled_from([each.body for each in statute.constituents])))
    return statute, {body: draw(reports) for body in sorted(speaking)}


@given(decisions(), rules)
def test_a_roll_up_is_what_a_slow_and_simple_sum_gives(decision: tuple[Statute, dict[str, Report]], rule: Rule) -> None:
    statute, heard = decision
    units = {each.body: each.weight if statute.mode == "weights" else 1 for each in statute.constituents}
    said = {body: report.choice for body, report in heard.items() if report.status == "counted"}

    rolled = roll_up(statute, rule, heard)

    def weight_of(choice: str) -> int:
        return sum(units[body] for body in said if said[body] == choice)

    assert rolled.tally == Tally(weight_of("for"), weight_of("against"), weight_of("abstain"), sum(units.values()))
    assert rolled.reached == len(said)
    assert rolled.bodies == len(units)


@given(decisions(), rules, st.randoms(use_true_random=False))
def test_a_roll_up_does_not_depend_on_the_order_of_reports(
    decision: tuple[Statute, dict[str, Report]], rule: Rule, random: object
) -> None:
    statute, heard = decision
    shuffled = list(heard.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert roll_up(statute, rule, dict(shuffled)) == roll_up(statute, rule, heard)


@given(decisions(), rules)
def test_every_constituent_has_one_line_and_counted_weight_adds_up(
    decision: tuple[Statute, dict[str, Report]], rule: Rule
) -> None:
    statute, heard = decision
    rolled = roll_up(statute, rule, heard)

    assert [line.body for line in rolled.lines] == [each.body for each in statute.constituents]
    assert sum(line.counted_weight for line in rolled.lines) == rolled.tally.cast
    assert all(line.counted_weight in {0, line.weight} for line in rolled.lines)


@given(decisions(), rules)
def test_what_was_not_taken_in_time_is_the_same_as_silence(
    decision: tuple[Statute, dict[str, Report]], rule: Rule
) -> None:
    statute, heard = decision
    taken = {body: report for body, report in heard.items() if report.status == "counted"}
    whole, silent = roll_up(statute, rule, heard), roll_up(statute, rule, taken)

    assert (whole.tally, whole.reached, whole.outcome) == (silent.tally, silent.reached, silent.outcome)


@given(decisions(), rules, st.data())
def test_a_body_that_turns_in_favour_never_harms(
    decision: tuple[Statute, dict[str, Report]], rule: Rule, data: st.DataObject
) -> None:
    statute, heard = decision
    body = data.draw(st.sampled_from([each.body for each in statute.constituents]))

    if roll_up(statute, rule, heard).outcome.state is OutcomeState.PASSED:
        assert roll_up(statute, rule, heard | {body: counted("for")}).outcome.state is OutcomeState.PASSED


@given(decisions(), rules)
def test_members_are_added_up_exactly_when_all_of_them_are_known(
    decision: tuple[Statute, dict[str, Report]], rule: Rule
) -> None:
    statute, heard = decision
    known = [report.members for report in heard.values() if report.status == "counted" and report.members]
    rolled = roll_up(statute, rule, heard)

    assert (rolled.members is not None) == (len(known) == len(statute.constituents))
    if rolled.members is not None:
        assert rolled.members.electorate == sum(tally.electorate for tally in known)


@given(decisions(), rules, st.integers(2, 1000))
def test_the_unit_in_which_weights_are_written_does_not_matter(
    decision: tuple[Statute, dict[str, Report]], rule: Rule, factor: int
) -> None:
    statute, heard = decision
    scaled = replace(
        statute,
        constituents=tuple(replace(each, weight=each.weight * factor) for each in statute.constituents),
    )

    assert roll_up(scaled, rule, heard).outcome.state == roll_up(statute, rule, heard).outcome.state
