"""What a body says of its members to an assembly, and how an assembly counts those of all co-ops below it once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from federation.assembly.bylaws.applications import HeadCount, application, members_below, read_count
from federation.assembly.refusals import StatuteError
from federation.assembly.statute import Constituent, Statute, read_statute, statute_governance

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
COUNTED = HeadCount(31, NOON)


def statute(name: str, *, day: int = 1, **below: int | None) -> Statute:
    """The statute of an assembly; a constituent in capitals is an assembly itself."""
    governance = statute_governance(
        assembly=name,
        name=name,
        version=1,
        mode="heads",
        weight_denominator=1,
        constituents=[
            Constituent(
                body=each,
                actor=f"https://{each}/body",
                name=each,
                kind="assembly" if each.isupper() else "coop",
                key=each,
                weight=1,
                members=members,
            )
            for each, members in below.items()
        ],
        rule={"preset": "majority"},
        margin_seconds=0,
        adopted_at=datetime(2026, 1, day, tzinfo=UTC),
    )
    return read_statute({"attributedTo": f"https://{name}/body", "governance": governance})


def known(*statutes: Statute) -> dict[str, Statute]:
    return {each.assembly: each for each in statutes}


def test_what_is_said_is_what_is_read() -> None:
    said = application(body="did:web:a", name="A", kind="coop", count=COUNTED)

    assert said["members"] == 31
    assert read_count({"type": "Join", "governance": said}) == COUNTED


@pytest.mark.parametrize("join", [{}, {"governance": application(body="b", name="B", kind="coop", count=None)}])
def test_an_application_may_leave_the_number_out(join: dict[str, Any]) -> None:
    assert read_count(join) is None


@pytest.mark.parametrize(
    "said",
    [
        {"members": 0, "counted_at": "2026-11-21T12:00:00Z"},
        {"members": "31", "counted_at": "2026-11-21T12:00:00Z"},
        {"members": True, "counted_at": "2026-11-21T12:00:00Z"},
        {"members": 10**10, "counted_at": "2026-11-21T12:00:00Z"},
        {"members": 31},
        {"members": 31, "counted_at": "yesterday"},
    ],
)
def test_what_is_no_number_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(StatuteError) as refused:
        read_count({"governance": said})

    assert refused.value.code == "statute-members"


def test_a_co_op_that_two_ways_lead_to_counts_once() -> None:
    top = statute("TOP", LEFT=None, RIGHT=None, own=4)
    left, right = statute("LEFT", shared=10, one=3), statute("RIGHT", shared=10, two=2)

    assert members_below("TOP", known(top, left, right)) == 4 + 10 + 3 + 2


def test_of_two_numbers_for_one_co_op_the_one_adopted_last_counts() -> None:
    top = statute("TOP", LEFT=None, RIGHT=None)

    def both(left_day: int, right_day: int) -> int | None:
        left, right = statute("LEFT", day=left_day, shared=10), statute("RIGHT", day=right_day, shared=7)
        return members_below("TOP", known(top, left, right))

    assert (both(2, 1), both(1, 2), both(1, 1)) == (10, 7, 10)


def test_an_assembly_whose_statute_is_not_known_counts_with_the_number_above_it() -> None:
    assert members_below("TOP", known(statute("TOP", FAR=25, own=4))) == 29


@pytest.mark.parametrize("below", [{}, {"one": 3, "two": None}, {"FAR": None}])
def test_nothing_is_said_while_a_number_is_missing(below: dict[str, Any]) -> None:
    assert members_below("TOP", known(statute("TOP", **below))) is None


def test_a_ring_of_assemblies_is_walked_once() -> None:
    ring = known(statute("TOP", LEFT=None, one=1), statute("LEFT", TOP=None, two=2))

    assert members_below("TOP", ring) == 3
