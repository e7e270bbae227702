"""What an answer of a peer's inbox means, and when to try again. Pure.

Called by deliver.send. Source: the retry rules of FEDERATION.md (transient, permanent, full jitter).
"""

from __future__ import annotations

from datetime import timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from federation.ports import Limits


class Verdict(StrEnum):
    """What becomes of a delivery after one attempt."""

    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"


_TRANSIENT_4XX = frozenset({401, 408, 425, 429})
_WHOLE_HOST = frozenset({429, 502, 503, 504})
_MAX_DOUBLINGS = 32
_MOST_DIGITS = 12  # of seconds: thirty thousand years


def judge(status: int | None) -> Verdict:
    """The verdict on an HTTP status; None means that no answer came.

    Redirects are not followed and count as transient: a proxy in maintenance answers them for inboxes that come back.
    """
    if status is None or status in _TRANSIENT_4XX:
        return Verdict.RETRY
    return _BY_CLASS.get(status // 100, Verdict.RETRY)


def is_of_host(status: int | None) -> bool:
    """Whether an answer says that the host as a whole takes nothing now, rather than something about one activity."""
    return status is None or status in _WHOLE_HOST


_BY_CLASS = {2: Verdict.SENT, 3: Verdict.RETRY, 4: Verdict.FAILED, 5: Verdict.RETRY}


def wait(attempts: int, limits: Limits, *, random: Callable[[int], int], at_least: timedelta | None) -> timedelta:
    """How long to wait after `attempts` failures: full jitter under base·2ⁿ⁻¹ and the cap, at least Retry-After."""
    doublings = min(max(attempts - 1, 0), _MAX_DOUBLINGS)
    ceiling_seconds = min(limits.retry_cap_seconds, limits.retry_base_seconds * 2**doublings)
    jittered = timedelta(milliseconds=1 + random(max(1, round(ceiling_seconds * 1000))))
    asked = min(at_least or timedelta(), timedelta(seconds=limits.retry_cap_seconds))
    return max(jittered, asked)


def retry_after(header: str | None, *, now: datetime) -> timedelta | None:
    """What a Retry-After header asks for, in seconds or as a date (RFC 9110 §10.2.3); None when it asks nothing."""
    if header is None:
        return None
    if (digits := header.strip()).isdecimal():
        return timedelta(seconds=int(digits[:_MOST_DIGITS]))
    try:
        return max(timedelta(), parsedate_to_datetime(header) - now)
    except (TypeError, ValueError, OverflowError):
        return None
