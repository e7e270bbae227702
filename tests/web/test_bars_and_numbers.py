"""What a reader sees of a tally: exact shares, bars that fill their line, weights as the statute writes them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from federation.assembly.tally import Tally
from node.web.views.bars import tally_bar
from node.web.views.wording.numbers import share_text, threshold_text, weight_text
from node.web.views.wording.words import Words

SAY = Words()


@pytest.mark.parametrize(
    ("weight", "denominator", "text"),
    [(19, 10, "1.9"), (10, 10, "1"), (1234, 1, "1,234"), (2, 3, "0.667"), (0, 10, "0")],
)
def test_a_weight_is_written_over_its_denominator(weight: int, denominator: int, text: str) -> None:
    assert weight_text(weight, denominator) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(19, 26, "73.08 %"), (23, 25, "92 %"), (15, 23, "65.22 %"), (2, 3, "66.67 %"), (0, 0, "\N{EN DASH}")],
)
def test_a_share_is_rounded_to_two_decimals(part: int, whole: int, text: str) -> None:
    assert share_text(part, whole) == text


@pytest.mark.parametrize(
    ("share", "text"), [("1/2", "half"), ("33/50", "66 %"), ("2/3", "2/3"), ("17/20", "85 %"), ("1", "100 %")]
)
def test_a_threshold_is_said_as_people_say_it(share: str, text: str) -> None:
    assert threshold_text(Fraction(share)) == text


def test_the_parts_of_a_bar_follow_each_other_and_silence_fills_the_rest() -> None:
    bar = tally_bar(Tally(in_favour=20, against=10, abstain=10, electorate=80), say=SAY)

    assert [(part.key, part.start, part.width) for part in bar.parts] == [
        ("for", "0%", "25%"),
        ("against", "25%", "12.5%"),
        ("abstain", "37.5%", "12.5%"),
        ("silent", "50%", "50%"),
    ]


def test_shares_are_of_those_who_decide_so_that_abstaining_moves_no_percentage() -> None:
    without = tally_bar(Tally(in_favour=3, against=1, abstain=0, electorate=10), say=SAY)
    with_abstentions = tally_bar(Tally(in_favour=3, against=1, abstain=6, electorate=10), say=SAY)

    assert without.parts[0].share_of_decisive == with_abstentions.parts[0].share_of_decisive == "75 %"
    assert with_abstentions.parts[2].share_of_decisive == "\N{EN DASH}"


def test_a_bar_of_nobody_divides_by_nothing() -> None:
    bar = tally_bar(Tally(in_favour=0, against=0, abstain=0, electorate=0), say=SAY)

    assert bar.is_empty
    assert {part.width for part in bar.parts} == {"0%"}


def test_a_bar_says_its_numbers_to_whoever_cannot_see_it() -> None:
    bar = tally_bar(Tally(in_favour=19, against=7, abstain=0, electorate=26), say=SAY, denominator=10)

    assert bar.sentence == "For: 1.9, Against: 0.7, Abstain: 0, Not cast: 0"
