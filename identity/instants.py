"""The one way a moment is written into signed text, and read back; called by the proofs and by authors."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)

FIRST_YEAR_BEYOND = 9000
"""Leaves every span that a rule may name room within the calendar."""


def instant_text(moment: datetime) -> str:
    """``2026-11-21T10:00:00Z``, with milliseconds only when there are any; ``ValueError`` for a naive ``moment``."""
    if moment.tzinfo is None:
        raise ValueError("a moment in signed text needs a time zone")
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds" if moment.microsecond // 1000 else "seconds")
    return text.replace("+00:00", "Z")


def read_instant(text: object) -> datetime:
    """The aware moment an XML Schema ``dateTimeStamp`` names, in UTC; ``ValueError`` for anything else."""
    if not isinstance(text, str) or _INSTANT.fullmatch(text) is None:
        raise ValueError("not an ISO 8601 date and time with a time zone")
    try:
        moment = datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError as fault:
        raise ValueError("the moment is outside the calendar") from fault
    if moment.year >= FIRST_YEAR_BEYOND:
        raise ValueError(f"the moment is not before the year {FIRST_YEAR_BEYOND}")
    return moment
