"""Deadlines down the tree: margins add up, and whoever decides at the bottom has time to (G6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from federation.assembly.bylaws.deadlines import check_deadlines, way_down
from federation.assembly.statute import Statute, StatuteError
from tests.unit.assembly.rosters import statute_of

OPENS = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def margin(statute: Statute, hours: float) -> Statute:
    return replace(statute, margin_seconds=hours * 3600)


TREE = {
    "top": margin(statute_of({"middle": 1, "coop": 1}, shortest_window_seconds=2 * 3600), 1),
    "middle": margin(statute_of({"low": 1, "other": 1}), 2),
    "low": margin(statute_of({"leaf": 1}), 4),
}


def test_margins_add_up_on_the_longest_way_down() -> None:
    assert way_down("top", TREE) == 7 * HOUR
    assert way_down("coop", TREE) == timedelta(0)


def test_a_ring_is_followed_once() -> None:
    assert way_down("a", {"a": margin(statute_of({"b": 1}), 1), "b": margin(statute_of({"a": 1}), 1)}) == 2 * HOUR


@pytest.mark.parametrize(("hours", "fits"), [(9, True), (8.99, False), (1, False)])
def test_members_at_the_bottom_get_the_shortest_window(hours: float, *, fits: bool) -> None:
    def check() -> None:
        check_deadlines("top", TREE, opens_at=OPENS, closes_at=OPENS + hours * HOUR)

    if fits:
        check()
        return
    with pytest.raises(StatuteError) as refused:
        check()
    assert refused.value.code == "statute-window"


def test_without_a_shortest_window_there_must_still_be_some_time() -> None:
    with pytest.raises(StatuteError, match="statute-window"):
        check_deadlines("low", TREE, opens_at=OPENS, closes_at=OPENS + 4 * HOUR)
    check_deadlines("low", TREE, opens_at=OPENS, closes_at=OPENS + 4 * HOUR + timedelta(seconds=1))
