from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from identity.instants import instant_text, read_instant


def test_a_moment_is_written_in_utc_with_z() -> None:
    berlin = timezone(timedelta(hours=1))

    assert instant_text(datetime(2026, 11, 21, 11, 0, tzinfo=berlin)) == "2026-11-21T10:00:00Z"


def test_milliseconds_are_written_only_when_there_are_any() -> None:
    assert instant_text(datetime(2026, 1, 2, 3, 4, 5, 6000, tzinfo=UTC)) == "2026-01-02T03:04:05.006Z"
    assert instant_text(datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)) == "2026-01-02T03:04:05Z"


def test_a_moment_without_time_zone_is_not_written() -> None:
    with pytest.raises(ValueError, match="time zone"):
        instant_text(datetime(2026, 1, 2))  # noqa: DTZ001


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T10:00:00Z",
        "2026-11-21T11:00:00+01:00",
        "2026-11-21T10:00:00.000Z",
        "2026-11-21T10:00:00.000000001Z",
    ],
)
def test_the_spellings_of_one_moment_are_read_alike(text: str) -> None:
    assert read_instant(text) == datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        None,
        7,
        "",
        "2026-11-21",
        "2026-11-21T10:00:00",
        "2026-11-21 10:00:00Z",
        "2026-13-21T10:00:00Z",
        "2026-11-21T10:00:00Z\n",
        "20261121T100000Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "２０２６-11-21T10:00:00Z",  # noqa: RUF001  full-width digits are digits to a careless pattern
    ],
)
def test_anything_else_is_no_moment(text: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_instant(text)
