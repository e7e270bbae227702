"""Moments and spans as a reader sees them: UTC with the zone named, and how far away they are.

Called by the other views; the browser may rewrite the absolute text into the reader's own zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from node.web.views.wording.words import Words

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
JUST_NOW = timedelta(seconds=5)
STEPS = (
    (86_400 * 2, 86_400, "%(number)s day", "%(number)s days"),
    (3_600 * 2, 3_600, "%(number)s hour", "%(number)s hours"),
    (60, 60, "%(number)s minute", "%(number)s minutes"),
    (0, 1, "%(number)s second", "%(number)s seconds"),
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time: machine form, text in UTC, and the distance from now in words."""

    iso: str
    text: str
    distance: str


def span(length: timedelta, say: Words) -> str:
    """A length of time in its largest fitting unit, as in "3 hours"; never negative."""
    seconds = max(0, int(length.total_seconds()))
    for least, unit, one, many in STEPS:
        if seconds >= least:
            return say.count(one, many, seconds // unit)
    raise AssertionError("the last step holds every length")


def moment(at: datetime, *, now: datetime, say: Words) -> Moment:
    """The view of an aware `at`; the distance is "in …" or "… ago" seen from `now`."""
    shown = at.astimezone(UTC)
    text = say(
        "%(weekday)s %(day)s %(month)s %(year)s, %(clock)s UTC",
        weekday=say(WEEKDAYS[shown.weekday()]),
        day=shown.day,
        month=say(MONTHS[shown.month - 1]),
        year=shown.year,
        clock=f"{shown:%H:%M}",
    )
    if abs(at - now) < JUST_NOW:
        return Moment(_iso(shown), text, say("just now"))
    length = span(abs(at - now), say)
    distance = say("in %(span)s", span=length) if at > now else say("%(span)s ago", span=length)
    return Moment(_iso(shown), text, distance)


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def maybe_moment(at: datetime | None, *, now: datetime, say: Words) -> Moment | None:
    """The view of a time that may not have come."""
    return None if at is None else moment(at, now=now, say=say)
