"""Tallies: what counts can be true together, and their JSON form."""

from __future__ import annotations

import pytest

from federation.assembly.tally import Tally, TallyError

DOCUMENT = {"for": 3, "against": 2, "abstain": 1, "electorate": 10, "unresolved": 4}


def test_a_tally_survives_its_json_form() -> None:
    tally = Tally.from_document(DOCUMENT)

    assert tally == Tally(3, 2, 1, 10, 4)
    assert tally.to_document() == DOCUMENT
    assert (tally.decisive, tally.cast) == (5, 6)


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {**DOCUMENT, "for": -1},
        {**DOCUMENT, "for": True},
        {**DOCUMENT, "for": 3.0},
        {**DOCUMENT, "for": "3"},
        {**DOCUMENT, "for": 2**53},
        {**DOCUMENT, "for": 4},
        {**DOCUMENT, "unresolved": 5},
        {**DOCUMENT, "spoiled": 0},
        {name: number for name, number in DOCUMENT.items() if name != "unresolved"},
    ],
)
def test_counts_that_cannot_be_true_are_refused(document: object) -> None:
    with pytest.raises(TallyError) as refused:
        Tally.from_document(document)

    assert refused.value.code == "tally-malformed"


@pytest.mark.parametrize("counts", [(-1, 0, 0, 5), (3, 3, 0, 5)])
def test_impossible_counts_cannot_be_made_in_code_either(counts: tuple[int, int, int, int]) -> None:
    with pytest.raises(TallyError):
        Tally(*counts)


def test_tallies_of_separate_electorates_add_up() -> None:
    assert Tally(23, 2, 0, 25).plus(Tally(18, 5, 0, 23)).plus(Tally(15, 8, 1, 30, 2)) == Tally(56, 15, 1, 78, 2)
