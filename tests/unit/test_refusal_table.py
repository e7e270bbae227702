"""Refusals: one page, every row complete, safe and kind."""

from __future__ import annotations

import re

import pytest

from node.governance.evidence.failures import CHECKS
from node.governance.refusals import REFUSALS, Category, Refusal


@pytest.mark.parametrize("code", REFUSALS)
def test_every_refusal_has_a_code_words_and_advice(code: str) -> None:
    refusal = Refusal(code)

    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
    assert refusal.public.endswith((".", "?"))
    assert refusal.advice
    assert refusal.category in Category
    assert str(refusal).startswith(f"{code}: ")


def test_a_detail_is_added_to_both_texts() -> None:
    refusal = Refusal("window-invalid", "1 to 14 days")

    assert "(1 to 14 days)" in refusal.public
    assert "(1 to 14 days)" in str(refusal)
    assert refusal.detail == "1 to 14 days"


def test_an_unknown_code_is_a_fault_of_ours() -> None:
    with pytest.raises(KeyError):
        Refusal("mercury-retrograde")


@pytest.mark.parametrize("code", CHECKS)
def test_every_check_of_the_verifier_says_what_failed(code: str) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
    assert CHECKS[code].endswith(".")
