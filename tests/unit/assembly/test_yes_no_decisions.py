"""Outcomes of the yes/no family: the printed vectors of G1, ties, and the trace."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from federation.assembly.decide import OutcomeState, Reason, decide
from federation.assembly.rules import PRESETS, Base, Quorum, QuorumKind, Rule
from federation.assembly.tally import Tally

MORE_THAN_TWO_THIRDS = Rule(threshold=Fraction(2, 3), strict=True)


def counted(in_favour: int, against: int, abstain: int = 0, electorate: int | None = None) -> Tally:
    cast = in_favour + against + abstain
    return Tally(in_favour, against, abstain, cast if electorate is None else electorate)


@pytest.mark.parametrize(
    ("preset", "tally", "state", "reason"),
    [
        ("majority", counted(51, 49), "passed", "threshold_met"),
        ("majority", counted(50, 50), "rejected", "tie"),
        ("majority", counted(13, 12), "passed", "threshold_met"),
        ("majority", counted(12, 13), "rejected", "threshold_not_met"),
        ("majority", counted(35, 5, 10, 60), "passed", "threshold_met"),
        ("majority", counted(1, 0), "passed", "threshold_met"),
        ("majority", counted(0, 0, 10), "rejected", "no_decisive_votes"),
        ("majority", counted(0, 0, 0, 5), "rejected", "no_decisive_votes"),
        ("majority", counted(0, 0), "empty", "empty_electorate"),
        ("supermajority-66", counted(66, 34), "passed", "threshold_met"),
        ("supermajority-66", counted(65, 35), "rejected", "threshold_not_met"),
        ("supermajority-66", counted(50, 50), "rejected", "threshold_not_met"),
        ("two-thirds", counted(66, 34), "rejected", "threshold_not_met"),
        ("two-thirds", counted(67, 33), "passed", "threshold_met"),
        ("two-thirds", counted(2, 1), "passed", "threshold_met"),
        ("three-quarters", counted(3, 1), "passed", "threshold_met"),
        ("three-quarters", counted(74, 26), "rejected", "threshold_not_met"),
        ("consensus-85", counted(85, 15), "passed", "threshold_met"),
        ("consensus-85", counted(84, 16), "rejected", "threshold_not_met"),
        ("absolute-majority", counted(51, 0, 0, 100), "passed", "threshold_met"),
        ("absolute-majority", counted(50, 10, 0, 100), "rejected", "threshold_not_met"),
        ("absolute-majority", counted(50, 50), "rejected", "tie"),
        ("unanimity", counted(1, 0, 9), "passed", "threshold_met"),
        ("unanimity", counted(99, 1), "rejected", "threshold_not_met"),
        ("unanimity", counted(0, 0, 9), "rejected", "no_decisive_votes"),
    ],
)
def test_a_preset_decides_as_printed(preset: str, tally: Tally, state: str, reason: str) -> None:
    outcome = decide(PRESETS[preset], tally)

    assert (outcome.state, outcome.reason) == (state, reason)


@pytest.mark.parametrize(
    ("of", "state"), [(Base.DECISIVE, "passed"), (Base.CAST, "rejected"), (Base.ELECTORATE, "rejected")]
)
def test_the_budget_of_s4_passes_at_two_thirds_only_of_all_cast_or_less(of: Base, state: str) -> None:
    """42 for, 15 against, 5 abstain of 100: 73.7 % of those decided, 67.7 % of those cast."""
    tally = counted(42, 15, 5, 100)

    assert decide(Rule(threshold=Fraction(7, 10), of=of), tally).state == state


def test_the_share_of_all_cast_counts_abstentions_in_its_base() -> None:
    tally = counted(42, 15, 5, 100)

    assert decide(Rule(threshold=Fraction(42, 62), of=Base.CAST), tally).state is OutcomeState.PASSED
    assert decide(Rule(threshold=Fraction(42, 62), of=Base.CAST, strict=True), tally).state is OutcomeState.REJECTED


def test_exactly_the_threshold_is_enough_unless_it_must_be_exceeded() -> None:
    assert decide(PRESETS["two-thirds"], counted(2, 1)).state is OutcomeState.PASSED
    assert decide(MORE_THAN_TWO_THIRDS, counted(2, 1)).reason is Reason.THRESHOLD_NOT_MET
    assert decide(Rule(threshold=Fraction(1, 2)), counted(1, 1)).state is OutcomeState.PASSED


def test_a_tie_leaves_things_as_they_are_and_the_trace_says_so() -> None:
    outcome = decide(PRESETS["majority"], counted(50, 50))

    assert outcome.trace == (
        "for, of decisive: 50 of 100, share 1/2: 100 > 100 does not hold",
        "tie: status_quo stands",
    )


def test_the_trace_shows_quorum_and_threshold_in_integers() -> None:
    rule = replace(PRESETS["supermajority-66"], quorum=Quorum(QuorumKind.PARTICIPATION, Fraction(83, 100)))

    assert decide(rule, counted(35, 5, 10, 60)).trace == (
        "quorum participation: 50 of 60, share 83/100: 5000 >= 4980 holds",
        "for, of decisive: 35 of 40, share 33/50: 1750 >= 1320 holds",
    )
