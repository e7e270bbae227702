"""What the tables say to the suite, and what of its outcomes is wrong: asked without the suite."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.interop.suite import checkout, declared
from tests.interop.suite.judging import LACKING, Outcome, configuration, faults, together, told_at_length, why_not

if TYPE_CHECKING:
    from pathlib import Path

CASE = declared.DECLARED_OF_THESE[0]
OBJECTED = "test_nodeinfo"
SAYS = declared.OBJECTIONS[OBJECTED].says


def ended(name: str, outcome: str = "passed", words: str = "", *asked: str) -> Outcome:
    return Outcome(name, outcome, words, asked)


def as_declared() -> list[Outcome]:
    """A suite with one test for each line of the tables, and one that passes and asks for all we declare."""
    there = [name for name, why in declared.CAPABILITIES.items() if not why]
    return [
        ended("test_anything", "passed", "", *there),
        *(
            ended(f"test_of_{name}", "skipped", LACKING + name, name)
            for name, why in declared.CAPABILITIES.items()
            if why
        ),
        *(ended(name, "skipped", why) for name, why in declared.NOT_DECLARED.items()),
        *(ended(case) for case in declared.DECLARED_OF_THESE),
        *(ended(name, "skipped", why) for name, why in declared.LEFT_OUT_BY_THE_SUITE.items()),
        *(ended(name, "failed", f"E  {one.says}") for name, one in declared.OBJECTIONS.items()),
    ]


def instead(other: Outcome) -> list[Outcome]:
    return [other if one.name == other.name else one for one in as_declared()]


def test_what_ends_as_declared_has_no_faults() -> None:
    assert faults(as_declared()) == []


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (ended("test_anything", "failed", "assert 1 == 2"), "test_anything failed: assert 1 == 2"),
        (ended("test_anything", "skipped", "no time"), "test_anything was skipped, and no table says why: no time"),
        (ended(OBJECTED), f"{OBJECTED} should fail with {SAYS!r}, and passed: "),
        (ended(OBJECTED, "failed", "500"), f"{OBJECTED} should fail with {SAYS!r}, and failed: 500"),
        (ended("test_outbox_post"), "test_outbox_post was not skipped"),
        (ended("test_inbox_delete", "skipped", "later"), "test_inbox_delete was skipped, and no table says why: later"),
    ],
)  # fmt: skip
def test_what_ends_otherwise_is_a_fault(other: Outcome, said: str) -> None:
    assert said in faults(instead(other))


@pytest.mark.parametrize("gone", [CASE, OBJECTED, "test_inbox_delete"])
def test_a_name_that_the_suite_does_not_know_is_a_fault(gone: str) -> None:
    assert faults([one for one in as_declared() if one.name != gone]) == [f"the suite has no test {gone}"]


def test_a_capability_that_nobody_asks_for_is_a_fault() -> None:
    assert faults([one for one in as_declared() if one.name != "test_of_host-meta"]) == ["no test asks for host-meta"]


def test_a_capability_says_why_it_is_lacking_at_its_nearest_level() -> None:
    skipped = ended("test_x", "skipped", f"{LACKING}c2s.outbox.post", "c2s.outbox.post", "recipient_merging")

    assert why_not(skipped) == declared.ADDRESSED
    assert why_not(replace(skipped, capabilities=("s2s.inbox.post.Like.Twice",))) == declared.NO_LIKES
    assert why_not(replace(skipped, capabilities=("s2s.outbox.post.Delete", "unheard.of"))) is None


def test_the_suite_reads_capabilities_by_level_and_cases_by_name() -> None:
    read = configuration()

    capabilities = read["server"]["capabilities"]
    assert capabilities["s2s"]["outbox"]["post"] == {"default": False, "Delete": {"default": True}}
    assert read["test_outbox_delivery_remote"] == {"skip": declared.ADDRESSED, "cc": {"skip": ""}}


def test_the_worst_step_of_a_test_is_its_outcome() -> None:
    step = {"name": "test_x", "words": "", "capabilities": []}

    steps = [{**step, "outcome": outcome} for outcome in ("passed", "failed", "passed")]

    assert [one.outcome for one in together(steps)] == ["failed"]


def test_every_test_left_out_is_told_with_its_reason() -> None:
    told = told_at_length(as_declared()).splitlines()

    assert "skipped test_outbox_post: " + declared.C2S in told
    assert "passed  test_anything" in told
    assert [line for line in told if line.startswith("skipped") and ": " not in line] == []


def test_a_folder_with_other_tests_than_the_pinned_ones_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / checkout.PACKAGE).mkdir()
    (tmp_path / checkout.PACKAGE / "fixtures.py").write_text("pass\n", encoding="utf-8")
    monkeypatch.setenv(checkout.GIVEN, str(tmp_path))

    with pytest.raises(ValueError, match="does not hold"):
        checkout.checkout()
