"""What an operator may set, where it is read in a form of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from tests.doors.api import quick_settings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("written", "percents"), [("50, 90", (50, 90)), ("", ()), ("  7 ,33,99", (7, 33, 99)), ("10", (10,))]
)
def test_the_moments_of_reminders_are_read_from_a_list(tmp_path: Path, written: str, percents: tuple[int, ...]) -> None:
    assert quick_settings(tmp_path, remind_percents=written).reminder_percents == percents


@pytest.mark.parametrize("written", ["0", "100", "half", "50;90", "50,,90"])
def test_other_moments_are_refused(tmp_path: Path, written: str) -> None:
    with pytest.raises(ValidationError):
        quick_settings(tmp_path, remind_percents=written)
