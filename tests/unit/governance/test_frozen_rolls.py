"""Rolls: sorted, hashed, whole weights, nobody twice."""

from __future__ import annotations

from typing import Any

import pytest

from node.governance.electorate import freeze, read_roll, roll_digest, roll_document
from node.governance.refusals import Refusal

PROPOSAL = "https://a.example/proposals/1"


def test_a_roll_does_not_depend_on_the_order_of_members() -> None:
    roll = freeze([("did:b", 2), ("did:a", 1)])

    assert roll == freeze([("did:a", 1), ("did:b", 2)])
    assert roll.entries == (("did:a", 1), ("did:b", 2))
    assert (roll.count, roll.weight) == (2, 3)
    assert roll.weights() == {"did:a": 1, "did:b": 2}
    assert roll.digest == roll_digest([("did:b", 2), ("did:a", 1)])


def test_a_roll_digest_changes_with_a_weight() -> None:
    assert freeze([("did:a", 1)]).digest != freeze([("did:a", 2)]).digest


def test_a_roll_may_be_empty() -> None:
    assert (freeze([]).count, freeze([]).weight) == (0, 0)


@pytest.mark.parametrize("weight", [0, -1, 1.5, True])
def test_a_weight_that_is_no_whole_number_is_refused(weight: Any) -> None:
    with pytest.raises(Refusal) as refused:
        freeze([("did:a", weight)])

    assert refused.value.code == "weight-invalid"


def test_weights_that_json_could_not_add_up_are_refused() -> None:
    with pytest.raises(Refusal) as refused:
        freeze([("did:a", 2**52), ("did:b", 2**52)])

    assert refused.value.code == "weight-invalid"


def test_one_person_cannot_stand_on_a_roll_twice() -> None:
    with pytest.raises(Refusal) as refused:
        freeze([("did:a", 1), ("did:a", 2)])

    assert refused.value.code == "roll-duplicate"


def test_a_roll_survives_its_document() -> None:
    roll = freeze([("did:b", 2), ("did:a", 1)])

    assert read_roll(roll_document(PROPOSAL, roll)) == (PROPOSAL, roll)


@pytest.mark.parametrize(
    "entries",
    [None, {}, ["did:a"], [["did:a"]], [["did:a", 1, 2]], [[1, "did:a"]], [["did:a", True]], [["b", 1], ["a", 1]]],
)
def test_entries_that_are_no_sorted_pairs_are_refused(entries: Any) -> None:
    document = {"type": "rochdale:Roll", "governance": {"kind": "roll", "proposal": PROPOSAL, "entries": entries}}

    with pytest.raises(Refusal) as refused:
        read_roll(document)

    assert refused.value.code == "malformed"


def test_a_roll_document_carries_nothing_else() -> None:
    document = roll_document(PROPOSAL, freeze([]))

    with pytest.raises(Refusal, match="unknown member"):
        read_roll({**document, "note": "and my cousin"})
