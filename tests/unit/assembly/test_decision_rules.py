"""Rules as JSON: presets, strict reading, and the way back (G1, G5)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from federation.assembly.rules import (
    PRESETS,
    Base,
    Quorum,
    QuorumKind,
    Rule,
    RuleError,
    preset_name,
    read_rule,
    rule_document,
)

WRITTEN = {"threshold": "3/5", "strict": False, "of": "cast"}


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_read_from_its_name_alone(name: str) -> None:
    assert read_rule({"preset": name}) == PRESETS[name]


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_keeps_its_name_when_written_out(name: str) -> None:
    document = rule_document(PRESETS[name])

    assert document["preset"] == name
    assert read_rule(document) == PRESETS[name]


def test_a_rule_of_its_own_has_no_preset_name() -> None:
    rule = read_rule(WRITTEN)

    assert rule == Rule(threshold=Fraction(3, 5), of=Base.CAST)
    assert rule_document(rule)["preset"] is None


def test_a_quorum_does_not_change_the_name_of_a_preset() -> None:
    rule = replace(PRESETS["majority"], quorum=Quorum(QuorumKind.PARTICIPATION, Fraction(1, 2)))

    assert preset_name(rule) == "majority"


def test_quorum_tie_and_early_close_are_read_and_written() -> None:
    document = {
        "preset": "two-thirds",
        "quorum": {"kind": "participation", "share": "1/2", "abstain_counts": False},
        "tie": "status_quo",
        "closes_early": True,
        "method": "threshold",
    }

    rule = read_rule(document)

    assert rule.quorum == Quorum(QuorumKind.PARTICIPATION, Fraction(1, 2), abstain_counts=False)
    assert rule.closes_early
    assert read_rule(rule_document(rule)) == rule


def test_abstentions_count_to_a_quorum_unless_the_rule_says_no() -> None:
    rule = read_rule({"preset": "majority", "quorum": {"kind": "participation", "share": "1/2"}})

    assert rule.quorum is not None
    assert rule.quorum.abstain_counts


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("majority", "rule-malformed"),
        ({**WRITTEN, "colour": "green"}, "rule-malformed"),
        ({**WRITTEN, "preset": 7}, "rule-malformed"),
        ({**WRITTEN, "strict": 1}, "rule-malformed"),
        ({**WRITTEN, "threshold": "0.6"}, "rule-malformed"),
        ({**WRITTEN, "threshold": 0.6}, "rule-malformed"),
        ({**WRITTEN, "threshold": "1/0"}, "rule-malformed"),
        ({**WRITTEN, "threshold": "0/5"}, "rule-threshold"),
        ({**WRITTEN, "threshold": "6/5"}, "rule-threshold"),
        ({**WRITTEN, "threshold": "1/1", "strict": True}, "rule-threshold"),
        ({**WRITTEN, "of": "everybody"}, "rule-base"),
        ({"threshold": "1/2", "strict": True}, "rule-malformed"),
        ({"preset": "landslide"}, "rule-preset"),
        ({"preset": "majority", **WRITTEN}, "rule-preset"),
        ({"preset": "majority", "strict": False}, "rule-preset"),
        ({"preset": "majority", "of": "cast"}, "rule-preset"),
        ({}, "rule-malformed"),
        ({**WRITTEN, "method": "irv"}, "rule-method"),
        ({**WRITTEN, "tie": "coin"}, "rule-tie"),
        ({**WRITTEN, "closes_early": "yes"}, "rule-malformed"),
        ({**WRITTEN, "quorum": []}, "rule-malformed"),
        ({**WRITTEN, "quorum": {"kind": "noise", "share": "1/2"}}, "rule-malformed"),
        ({**WRITTEN, "quorum": {"kind": "bodies", "share": "3/2"}}, "rule-quorum"),
        ({**WRITTEN, "quorum": {"kind": "rejection", "share": "0/1"}}, "rule-quorum"),
        ({**WRITTEN, "quorum": {"kind": "bodies", "share": "1/2", "second": "1/3"}}, "rule-malformed"),
        ({**WRITTEN, "quorum": {"kind": "bodies", "share": "1/2", "abstain_counts": "no"}}, "rule-malformed"),
    ],
)
def test_a_rule_that_cannot_be_applied_as_written_is_refused(document: object, code: str) -> None:
    with pytest.raises(RuleError) as refused:
        read_rule(document)

    assert refused.value.code == code


def test_a_rule_made_in_code_is_checked_as_well() -> None:
    with pytest.raises(RuleError, match=r"rule-method: .*lottery") as method:
        replace(PRESETS["majority"], method="lottery")
    with pytest.raises(RuleError, match=r"rule-tie: .*lottery") as tie:
        replace(PRESETS["majority"], tie=("lottery",))

    assert "lottery" not in method.value.public + tie.value.public
