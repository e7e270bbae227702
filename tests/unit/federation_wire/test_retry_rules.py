"""What an inbox's answer means and how long to wait after it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from federation.deliver.retry import Verdict, judge, retry_after, wait
from federation.ports import Limits

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("statuses", "verdict"),
    [
        ((200, 201, 202, 204), Verdict.SENT),
        ((None, 301, 307, 401, 408, 425, 429, 500, 502, 503, 599), Verdict.RETRY),
        ((400, 403, 404, 405, 410, 413, 422), Verdict.FAILED),
    ],
)
def test_each_status_has_its_verdict(statuses: tuple[int | None, ...], verdict: Verdict) -> None:
    assert {judge(status) for status in statuses} == {verdict}


def test_jitter_is_full_between_nothing_and_the_ceiling() -> None:
    limits = Limits(retry_base_seconds=30, retry_cap_seconds=100)

    shortest = [wait(n, limits, random=lambda _: 0, at_least=None) for n in (1, 2, 3, 50)]
    longest = [wait(n, limits, random=lambda below: below - 1, at_least=None) for n in (0, 1, 2, 3, 10_000)]

    assert set(shortest) == {timedelta(milliseconds=1)}
    assert [pause.total_seconds() for pause in longest] == [30, 30, 60, 100, 100]


def test_what_the_peer_asks_for_is_waited_up_to_the_cap() -> None:
    limits = Limits(retry_base_seconds=1, retry_cap_seconds=100)

    assert wait(1, limits, random=lambda _: 0, at_least=timedelta(seconds=50)) == timedelta(seconds=50)
    assert wait(1, limits, random=lambda _: 0, at_least=timedelta(days=50)) == timedelta(seconds=100)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 5 ", 5),
        ("Sat, 21 Nov 2026 12:10:00 GMT", 600),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0),
        ("Sat, 21 Nov 2026 12:10:00", None),
        ("soon", None),
        ("-5", None),
        ("9" * 400, 999_999_999_999),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 251_607_038_399),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: int | None) -> None:
    asked = retry_after(header, now=NOON)

    assert (None if asked is None else asked.total_seconds()) == seconds
