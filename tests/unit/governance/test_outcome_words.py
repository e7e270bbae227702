"""Outcomes in plain words: percentages rounded by integers, weights as people read them, one sentence."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from federation.assembly.decide import OutcomeState, Reason, decide
from federation.assembly.rules import PRESETS, Base, Quorum, QuorumKind, Rule
from federation.assembly.tally import Tally
from node.governance.outcomes import REASONS, SHARES, VERDICTS, amount, percent, sentence


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (Fraction(19, 26), "73.08 %"),
        (Fraction(23, 25), "92.00 %"),
        (Fraction(18, 23), "78.26 %"),
        (Fraction(2, 3), "66.67 %"),
        (Fraction(1, 3), "33.33 %"),
        (Fraction(1, 20_000), "0.01 %"),
        (Fraction(1, 20_001), "0.00 %"),
        (Fraction(0), "0.00 %"),
        (Fraction(1), "100.00 %"),
        (Fraction(99_995, 100_000), "100.00 %"),
        (Fraction(99_994, 100_000), "99.99 %"),
    ],
)
def test_a_share_is_rounded_half_up_to_two_decimals(share: Fraction, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("units", "denominator", "text"),
    [(19, 10, "1.9"), (20, 10, "2"), (0, 10, "0"), (5, 1, "5"), (1, 8, "0.125"), (105, 100, "1.05"), (1, 3, "1/3")],
)
def test_weights_are_shown_the_way_people_write_them(units: int, denominator: int, text: str) -> None:
    assert amount(units, denominator) == text


def test_a_sentence_tells_outcome_counts_reason_and_share() -> None:
    rule, tally = PRESETS["supermajority-66"], Tally(19, 7, 0, 26)

    assert sentence(decide(rule, tally), tally, rule=rule, denominator=10) == (
        "Passed: 1.9 for, 0.7 against, 0 abstained; enough were for it "
        "(73.08 % of those for or against, at least 66.00 % needed)."
    )


def test_a_tie_is_said_to_change_nothing() -> None:
    tally = Tally(50, 50, 2, 102)

    assert sentence(decide(PRESETS["majority"], tally), tally) == (
        "Rejected: 50 for, 50 against, 2 abstained; a tie, so nothing changes."
    )


def test_a_strict_threshold_is_said_to_need_more() -> None:
    tally = Tally(2, 1, 0, 3)

    assert "more than 50.00 % needed" in sentence(decide(PRESETS["majority"], tally), tally, rule=PRESETS["majority"])


@pytest.mark.parametrize(
    ("of", "text"), [(Base.CAST, "50.00 % of all cast"), (Base.ELECTORATE, "25.00 % of the whole")]
)
def test_the_share_is_of_the_base_the_rule_names(of: Base, text: str) -> None:
    rule, tally = Rule(threshold=Fraction(1, 10), of=of), Tally(2, 1, 1, 8)

    assert text in sentence(decide(rule, tally), tally, rule=rule)


def test_where_nobody_decided_no_share_is_shown() -> None:
    rule, tally = PRESETS["majority"], Tally(0, 0, 3, 9)

    assert "%" not in sentence(decide(rule, tally), tally, rule=rule)


def test_too_few_is_said_in_plain_words() -> None:
    rule = replace(PRESETS["majority"], quorum=Quorum(QuorumKind.PARTICIPATION, Fraction(1, 2)))
    tally = Tally(1, 0, 0, 100)

    assert sentence(decide(rule, tally), tally).startswith("No quorum: 1 for, 0 against, 0 abstained; too few")


def test_every_state_reason_and_base_has_words() -> None:
    assert (set(VERDICTS), set(REASONS), set(SHARES)) == (set(OutcomeState), set(Reason), set(Base))
