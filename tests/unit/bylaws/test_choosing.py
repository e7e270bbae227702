"""Fields that people fill in, written as the members of a statute."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from federation.assembly.bylaws.choosing import Choice, members_of, rule_said, share_said
from federation.assembly.refusals import AssemblyRefusal, StatuteError
from federation.assembly.rules import Base, read_rule
from tests.unit.assembly.rosters import sized

SIZES = {"a": 60, "b": 25, "c": 15}

CHOICES: list[Choice] = [
    Choice(mode="heads"),
    Choice(mode="weights", cap="2/5", may_split=True),
    Choice(mode="members"),
    Choice(mode="proportional", cap="50 %"),
    Choice(mode="double", members_share="65 %", blocking=2, abstain_as_against=True),
    Choice(mode="sqrt", quota="optimal"),
    Choice(mode="degressive", least=1, most=6, may_split=True),
    Choice(mode="delegates", total=20, method="hamilton", needs_leaves=True),
]


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.mode)
def test_every_mode_can_be_chosen_with_all_that_belongs_to_it(choice: Choice) -> None:
    members = members_of(choice)
    statute = sized(str(members.pop("mode")), SIZES, **members)

    assert statute.mode == choice.mode
    assert statute.terms.may_split == choice.may_split
    assert statute.terms.needs_leaves == (choice.needs_leaves or choice.mode == "members")


def test_what_is_left_empty_takes_a_term_away() -> None:
    assert members_of(Choice(mode="heads")) == {
        "mode": "heads", "double": None, "seats": None, "quota": "declared", "cap": None, "may_split": False,
        "leaves": False, "recount": None,
    }  # fmt: skip


def test_hours_for_late_positions_are_written_in_seconds() -> None:
    assert members_of(Choice(mode="heads", recount_hours=24))["recount"] == {"within_seconds": 86_400}


def test_where_too_few_can_stay_below_a_cap_they_must_agree() -> None:
    cap: Any = members_of(Choice(mode="weights", cap="1/3"))["cap"]

    assert cap == {"share": "1/3", "by_size": {"1": "1/1", "2": "unanimity"}}
    assert members_of(Choice(mode="weights", cap="100 %"))["cap"] == {"share": "1/1", "by_size": {}}
    for number in (1, 2, 3, 4):
        sized("weights", dict(list({**SIZES, "d": 5}.items())[:number]), cap=cap)


def test_the_first_method_gives_out_seats_unless_another_is_named() -> None:
    assert members_of(Choice(mode="delegates", total=9))["seats"] == {"total": 9, "method": "sainte_lague"}


@pytest.mark.parametrize(
    ("choice", "code"),
    [
        (Choice(mode="double", blocking=2), "statute-double"),
        (Choice(mode="double", abstain_as_against=True), "statute-double"),
        (Choice(mode="double", members_share="two thirds"), "statute-share"),
        (Choice(mode="delegates", total=9, least=1), "statute-seats"),
        (Choice(mode="weights", cap="1/30"), "statute-cap"),
        (Choice(mode="weights", cap="3/2"), "statute-cap"),
        (Choice(mode="weights", cap="1/0"), "statute-share"),
    ],
)
def test_what_cannot_be_written_down_is_refused(choice: Choice, code: str) -> None:
    with pytest.raises(StatuteError) as refused:
        members_of(choice)

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("choice", "code", "reason"),
    [
        (Choice(mode="sqrt", may_split=True), "statute-split", "square roots presume"),
        (Choice(mode="heads", cap="1/2"), "statute-cap", "no weights that could be capped"),
        (Choice(mode="heads", total=9), "statute-seats", "gives out no seats"),
        (Choice(mode="degressive"), "statute-seats", "a least and a most"),
        (Choice(mode="delegates", least=1, most=3), "statute-seats", "a total of seats"),
        (Choice(mode="double"), "statute-double", "belongs to the mode double"),
        (Choice(mode="weights", quota="optimal"), "statute-quota", "square roots"),
    ],
)
def test_what_does_not_go_together_is_refused_with_the_reason(choice: Choice, code: str, reason: str) -> None:
    members = members_of(choice)

    with pytest.raises(StatuteError) as refused:
        sized(str(members.pop("mode")), SIZES, **members)

    assert refused.value.code == code
    assert reason in refused.value.explained


@pytest.mark.parametrize(
    ("text", "share"),
    [("2/3", Fraction(2, 3)), ("66 %", Fraction(66, 100)), ("66.5%", Fraction(133, 200)), (" 1/2 ", Fraction(1, 2))],
)
def test_shares_are_written_as_people_write_them(text: str, share: Fraction) -> None:
    assert share_said(text) == share


def test_a_rule_is_a_preset_or_a_share() -> None:
    preset, share = (read_rule(rule_said(text, of=Base.ELECTORATE)) for text in ("two-thirds", "55/100"))

    assert (preset.threshold, preset.of) == (Fraction(2, 3), Base.DECISIVE)
    assert (share.threshold, share.of, share.strict) == (Fraction(55, 100), Base.ELECTORATE, False)


@pytest.mark.parametrize("text", ["0/3", "4/3", "most", ""])
def test_a_rule_that_is_neither_is_refused(text: str) -> None:
    with pytest.raises(AssemblyRefusal):
        rule_said(text, of=Base.DECISIVE)
