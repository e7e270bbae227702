"""Quorums compared in integers: the printed vectors of G5 and each kind."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from federation.assembly.decide import decide
from federation.assembly.rules import PRESETS, Quorum, QuorumKind, Rule, RuleError
from federation.assembly.tally import Tally


def majority_with(kind: str, share: str, *, abstain_counts: bool = True) -> Rule:
    quorum = Quorum(QuorumKind(kind), Fraction(share), abstain_counts=abstain_counts)
    return replace(PRESETS["majority"], quorum=quorum)


@pytest.mark.parametrize(
    ("share", "tally", "state"),
    [
        ("1/2", Tally(50, 0, 0, 100), "passed"),
        ("1/2", Tally(49, 0, 0, 100), "no_quorum"),
        ("1/2", Tally(2, 0, 0, 3), "passed"),
        ("1/2", Tally(1, 0, 0, 3), "no_quorum"),
        ("83/100", Tally(35, 5, 10, 60), "passed"),
        ("84/100", Tally(35, 5, 10, 60), "no_quorum"),
        ("0/1", Tally(1, 0, 0, 5), "passed"),
        ("0/1", Tally(0, 0, 0, 0), "empty"),
        ("1/1", Tally(3, 0, 0, 3), "passed"),
        ("1/1", Tally(2, 0, 0, 3), "no_quorum"),
    ],
)
def test_participation_is_what_was_cast_of_the_whole_electorate(share: str, tally: Tally, state: str) -> None:
    assert decide(majority_with("participation", share), tally).state == state


def test_one_of_a_hundred_does_not_reach_half_however_few_took_part() -> None:
    outcome = decide(majority_with("participation", "1/2"), Tally(1, 0, 0, 100))

    assert (outcome.state, outcome.reason) == ("no_quorum", "quorum_not_met")


def test_weight_delegated_into_nothing_does_not_help_the_quorum() -> None:
    assert decide(majority_with("participation", "1/2"), Tally(49, 0, 0, 100, unresolved=51)).state == "no_quorum"


def test_abstentions_can_be_kept_out_of_the_quorum() -> None:
    kitchen = Tally(35, 5, 10, 60)

    assert decide(majority_with("participation", "40/60", abstain_counts=False), kitchen).state == "passed"
    assert decide(majority_with("participation", "41/60", abstain_counts=False), kitchen).state == "no_quorum"
    assert decide(majority_with("participation", "41/60"), kitchen).state == "passed"


@pytest.mark.parametrize(("in_favour", "state"), [(25, "passed"), (24, "no_quorum")])
def test_an_approval_quorum_looks_at_those_in_favour(in_favour: int, state: str) -> None:
    assert decide(majority_with("approval", "1/4"), Tally(in_favour, 3, 40, 100)).state == state


@pytest.mark.parametrize(
    ("tally", "state", "reason"),
    [
        (Tally(0, 0, 0, 100), "passed", "rejection_quorum_not_reached"),
        (Tally(0, 9, 0, 100), "passed", "rejection_quorum_not_reached"),
        (Tally(60, 10, 0, 100), "rejected", "rejection_quorum"),
    ],
)
def test_a_rejection_quorum_lets_pass_what_too_few_are_against(tally: Tally, state: str, reason: str) -> None:
    outcome = decide(majority_with("rejection", "1/10"), tally)

    assert (outcome.state, outcome.reason) == (state, reason)


@pytest.mark.parametrize(("reached", "state"), [(2, "passed"), (1, "no_quorum")])
def test_a_bodies_quorum_counts_who_reported(reached: int, state: str) -> None:
    outcome = decide(majority_with("bodies", "2/3"), Tally(10, 0, 0, 26), reached=reached, bodies=3)

    assert outcome.state == state


@pytest.mark.parametrize("counts", [{}, {"reached": 1}, {"bodies": 1}])
def test_a_bodies_quorum_without_bodies_is_refused(counts: dict[str, int]) -> None:
    with pytest.raises(RuleError) as refused:
        decide(
            majority_with("bodies", "2/3"),
            Tally(1, 0, 0, 1),
            reached=counts.get("reached"),
            bodies=counts.get("bodies"),
        )

    assert refused.value.code == "rule-quorum"
