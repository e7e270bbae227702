"""When people may answer, and which of two versions of what they said stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from node.community.opinions import chosen, is_in_time
from node.community.replies import DEEPEST, LONGEST_TEXT, MOST_BY_ONE, hindrance, supersedes

NOON = datetime(2026, 3, 8, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "depth", "said_before", "code"),
    [
        ("Yes.", 1, 0, None),
        (" \n\t", 1, 0, "reply-empty"),
        ("x" * LONGEST_TEXT, DEEPEST, MOST_BY_ONE - 1, None),
        ("x" * (LONGEST_TEXT + 1), 1, 0, "reply-too-long"),
        ("Yes.", DEEPEST + 1, 0, "reply-too-deep"),
        ("Yes.", 1, MOST_BY_ONE, "reply-too-many"),
    ],
)
def test_a_reply_is_hindered_only_beyond_its_limits(text: str, depth: int, said_before: int, code: str | None) -> None:
    assert hindrance(text, depth=depth, said_before=said_before) == code


def test_the_later_version_stands_and_of_two_at_one_moment_always_the_same() -> None:
    early, late, twin = (NOON, "b"), (NOON + timedelta(seconds=1), "a"), (NOON, "c")

    assert supersedes(early, None)
    assert supersedes(late, early)
    assert not supersedes(early, late)
    assert supersedes(twin, early) != supersedes(early, twin)
    assert not supersedes(early, early)


@pytest.mark.parametrize(
    ("names", "option"), [(["Yes"], "Yes"), (["Yes", "Yes"], "Yes"), (["yes"], None), ([], None), (["Yes", "No"], None)]
)
def test_an_answer_is_exactly_one_of_the_options(names: list[str], option: str | None) -> None:
    assert chosen(names, ["Yes", "No"]) == option


def test_an_answer_is_in_time_up_to_the_close_of_an_open_poll() -> None:
    assert is_in_time("open", NOON, NOON)
    assert not is_in_time("open", NOON, NOON + timedelta(seconds=1))
    assert not is_in_time("passed", NOON, NOON)
