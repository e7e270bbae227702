"""Ballots: read strictly, checked against proposal, clock, roll and sequence, and counted (G1, G4)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from federation.assembly.tally import Tally
from node.governance.ballots import Ballot, BallotFacts, Choice, check_ballot, read_ballot
from node.governance.counting import ballot_set_digest, count
from node.governance.electorate import freeze
from node.governance.refusals import Refusal
from tests.unit.governance.worlds import CLOSES, small_world, voter_did

DOCUMENT = small_world().documents["ballot:leaf:0"]
BALLOT = read_ballot(DOCUMENT)
FACTS = BallotFacts(
    proposal_id=BALLOT.proposal_id,
    proposal_digest=BALLOT.proposal_digest,
    is_open=True,
    closes_at=CLOSES,
    weight=1,
)


def refusal_of(ballot: Ballot, facts: BallotFacts, milliseconds: int = 0) -> str | None:
    try:
        check_ballot(ballot, facts, received_at=CLOSES + timedelta(milliseconds=milliseconds))
    except Refusal as refusal:
        return refusal.code
    return None


def test_a_ballot_is_read_as_it_was_cast() -> None:
    assert BALLOT.voter == voter_did("leaf:0")
    assert (BALLOT.choice, BALLOT.seq) == (Choice.FOR, 1)
    assert BALLOT.actor == "https://leaf.example/body"


@pytest.mark.parametrize(("milliseconds", "code"), [(-1, None), (0, None), (1, "ballot-late")])
def test_a_ballot_received_exactly_at_the_close_is_in_time(milliseconds: int, code: str | None) -> None:
    assert refusal_of(BALLOT, FACTS, milliseconds) == code


def test_a_late_ballot_is_late_even_after_the_proposal_was_closed() -> None:
    assert refusal_of(BALLOT, replace(FACTS, is_open=False), 1) == "ballot-late"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"proposal_id": "https://leaf.example/proposals/other"}, "ballot-wrong-proposal"),
        ({"proposal_digest": "sha256:" + "0" * 64}, "ballot-wrong-proposal"),
        ({"is_open": False}, "proposal-not-open"),
        ({"weight": None}, "not-on-roll"),
        ({"current_seq": 1}, "ballot-stale"),
        ({"current_seq": 2, "current_digest": "sha256:other"}, "ballot-stale"),
        ({"current_seq": 1, "current_digest": "sha256:other"}, "ballot-equivocation"),
        ({"current_seq": 1, "current_digest": BALLOT.digest}, "ballot-stale"),
    ],
)
def test_a_ballot_that_may_not_count_is_refused(changes: dict[str, Any], code: str) -> None:
    assert refusal_of(BALLOT, replace(FACTS, **changes)) == code


def test_a_higher_sequence_replaces_the_current_ballot() -> None:
    assert refusal_of(replace(BALLOT, seq=3), replace(FACTS, current_seq=2, current_digest="sha256:other")) is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"choice": "perhaps"}, "choice-unknown"),
        ({"choice": 1}, "malformed"),
        ({"seq": 0}, "malformed"),
        ({"seq": "1"}, "malformed"),
        ({"voter": ""}, "malformed"),
        ({"proposal": BALLOT.proposal_id}, "malformed"),
        ({"cast_at": "noon"}, "malformed"),
        ({"weight": 7}, "malformed"),
        ({"kind": "receipt"}, "malformed"),
    ],
)
def test_a_paper_that_is_no_ballot_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_ballot({**DOCUMENT, "governance": DOCUMENT["governance"] | changes})

    assert refused.value.code == code


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
