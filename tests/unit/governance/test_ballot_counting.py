"""Counting: the last valid ballot of each voter, with the weight of the roll (G1, G4)."""

from __future__ import annotations

from dataclasses import dataclass

from federation.assembly.tally import Tally
from node.governance.counting import ballot_set_digest, count
from node.governance.electorate import freeze

ROLL = freeze([("ana", 1), ("bea", 2), ("cai", 4), ("dan", 8)])


@dataclass(frozen=True)
class Paper:
    voter: str
    choice: str
    seq: int = 1
    version: str = ""

    @property
    def digest(self) -> str:
        return f"{self.voter} {self.choice} {self.seq} {self.version}"


def test_each_choice_has_the_weight_of_its_voters() -> None:
    papers = [Paper("ana", "for"), Paper("bea", "against"), Paper("cai", "abstain")]

    assert count(papers, ROLL) == Tally(1, 2, 4, 15)


def test_the_last_ballot_by_sequence_counts_whatever_came_first() -> None:
    papers = [Paper("bea", "abstain", 3), Paper("bea", "for", 1), Paper("bea", "against", 2)]

    assert count(papers, ROLL) == count(reversed(papers), ROLL) == Tally(0, 0, 2, 15)


def test_the_same_ballot_again_is_counted_once() -> None:
    assert count([Paper("cai", "for"), Paper("cai", "for")], ROLL) == Tally(4, 0, 0, 15)


def test_two_ballots_in_one_place_cancel_each_other() -> None:
    first, second = Paper("cai", "for"), Paper("cai", "against")

    assert count([first, second], ROLL) == Tally(0, 0, 0, 15)
    assert count([first, second, first], ROLL) == Tally(0, 0, 0, 15)
    assert count([second, Paper("cai", "for", version="again")], ROLL) == Tally(0, 0, 0, 15)


def test_an_equivocation_spoils_only_its_own_sequence() -> None:
    clash = [Paper("cai", "for", 2), Paper("cai", "against", 2)]

    assert count([*clash, Paper("cai", "abstain", 1)], ROLL) == Tally(0, 0, 4, 15)
    assert count([*clash, Paper("cai", "for", 3)], ROLL) == Tally(4, 0, 0, 15)


def test_ballots_from_outside_the_roll_do_not_count() -> None:
    assert count([Paper("eve", "for"), Paper("ana", "for")], ROLL) == Tally(1, 0, 0, 15)


def test_the_set_digest_is_blind_to_order_and_sees_every_ballot() -> None:
    assert ballot_set_digest(["b", "a"]) == ballot_set_digest(["a", "b"])
    assert ballot_set_digest(["a"]) != ballot_set_digest(["a", "b"])
    assert ballot_set_digest([]).startswith("sha256:")
