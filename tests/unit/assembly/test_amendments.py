"""Changing a statute by decision: the text carries the change, and nothing else may slip in with it (G6)."""

from __future__ import annotations

from typing import Any

import pytest

from federation.assembly.bylaws.amendments import (
    amended,
    amendment_text,
    check_adopted,
    check_amendment,
    read_amendment,
)
from federation.assembly.references import Reference
from federation.assembly.refusals import AmendmentRefusal, AssemblyRefusal
from federation.assembly.rules import PRESETS
from tests.unit.assembly.test_statutes import TRIO, document

DECISION = Reference("https://above/proposals/7/outcome", "sha256:" + "7" * 64)
CHANGE = {"mode": "sqrt", "constituents": TRIO, "may_split": False}
IN_FORCE = document()
RULE = PRESETS["supermajority-66"]
TEXT = amendment_text("Let us weigh by square roots.", CHANGE)


def following(**changes: Any) -> dict[str, Any]:
    governance = amended(IN_FORCE, CHANGE) | {
        "adopted_at": "2026-06-01T00:00:00Z",
        "adopted_by": DECISION.to_document(),
    }
    return {**IN_FORCE, "governance": governance | changes}


def refusal(work: Any) -> str:
    with pytest.raises(AssemblyRefusal) as refused:
        work()
    return refused.value.code


def test_the_text_says_the_change_in_json_that_everybody_can_read() -> None:
    assert TEXT.startswith("Let us weigh by square roots.\n\n```statute\n{")
    assert read_amendment(TEXT) == CHANGE
    assert read_amendment(TEXT.replace("\n", "\r\n")) == CHANGE


def test_a_change_that_would_hold_may_be_put_to_a_decision() -> None:
    statute = check_amendment(TEXT, statute=IN_FORCE, rule=RULE)

    assert (statute.mode, statute.version) == ("sqrt", 4)
    assert [each.members for each in statute.constituents] == [5, 4, 3]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Nothing to see here.", "amendment-malformed"),
        (TEXT + TEXT, "amendment-malformed"),
        ("```statute\n{\n```", "amendment-malformed"),
        ("```statute\n[]\n```", "amendment-malformed"),
        ('```statute\n{"mode":"heads","mode":"weights"}\n```', "amendment-malformed"),
        ("```statute\n{}\n```", "amendment-nothing"),
        ('```statute\n{"mode":"weights"}\n```', "amendment-nothing"),
        ('```statute\n{"version":9}\n```', "amendment-member"),
        ('```statute\n{"assembly":"did:web:mine"}\n```', "amendment-member"),
        ('```statute\n{"adopted_by":null}\n```', "amendment-member"),
        ('```statute\n{"colour":"red"}\n```', "amendment-member"),
        ('```statute\n{"mode":"sqrt"}\n```', "statute-members"),
        ('```statute\n{"cap":{"share":"1/3"}}\n```', "statute-cap"),
    ],
)
def test_a_text_that_changes_nothing_right_is_refused(text: str, code: str) -> None:
    assert refusal(lambda: check_amendment(text, statute=IN_FORCE, rule=RULE)) == code


def test_a_statute_is_changed_by_its_usual_rule_unless_it_has_one_for_that() -> None:
    strict = document(amendment={"preset": "three-quarters"})

    assert refusal(lambda: check_amendment(TEXT, statute=IN_FORCE, rule=PRESETS["majority"])) == "amendment-rule"
    assert refusal(lambda: check_amendment(TEXT, statute=strict, rule=RULE)) == "amendment-rule"
    assert check_amendment(TEXT, statute=strict, rule=PRESETS["three-quarters"]).mode == "sqrt"


def test_the_statute_that_follows_is_the_one_that_was_decided() -> None:
    check_adopted(following(), old=IN_FORCE, text=TEXT, decision=DECISION)


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 5},
        {"version": 3},
        {"name": "Elsewhere"},
        {"margin_seconds": 1},
        {"may_split": False, "quota": "optimal"},
        {"recount": {"within_seconds": 9}},
        {"adopted_by": None},
        {"adopted_by": {"id": DECISION.id, "digest": "sha256:" + "8" * 64}},
    ],
)
def test_a_statute_that_differs_from_what_was_decided_is_refused(changes: dict[str, Any]) -> None:
    def work() -> None:
        check_adopted(following(**changes), old=IN_FORCE, text=TEXT, decision=DECISION)

    assert refusal(work) == "amendment-other"


def test_a_term_that_the_old_statute_never_wrote_cannot_slip_in() -> None:
    old = document()
    del old["governance"]["recount"]
    new = following(recount={"within_seconds": 9})

    with pytest.raises(AmendmentRefusal, match="amendment-other"):
        check_adopted(new, old=old, text=TEXT, decision=DECISION)


def test_a_text_is_not_written_for_what_no_decision_changes() -> None:
    assert refusal(lambda: amendment_text("Because.", {"version": 2})) == "amendment-member"
