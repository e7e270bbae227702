"""How old or new a signed request may be; called by the verifiers of HTTP signatures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from identity.errors import SignatureRefusal

if TYPE_CHECKING:
    from collections.abc import Sequence

FUTURE_TOLERANCE = timedelta(hours=1)
AGE_LIMIT = timedelta(hours=1)
# Even a sender who asks for longer gets no more: replay protection must remember signatures this long.
AGE_LIMIT_WITH_EXPIRES = timedelta(hours=12)


@lru_cache(maxsize=256)
def read_http_date(text: str) -> datetime:
    """The moment in a ``Date`` header, in UTC; ``SignatureRefusal`` when it is none (RFC 9110 §5.6.7)."""
    try:
        moment = parsedate_to_datetime(text)
        in_utc = None if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError) as fault:
        raise SignatureRefusal("signature-malformed", "the Date header is not an HTTP date") from fault
    if in_utc is None:
        raise SignatureRefusal("signature-malformed", "the Date header has no time zone")
    return in_utc


def read_unix(seconds: int) -> datetime:
    """The moment so many seconds after 1970; ``SignatureRefusal`` when no calendar holds it."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as fault:
        raise SignatureRefusal("signature-malformed", "created or expires is outside the calendar") from fault


def check_window(made: Sequence[datetime], *, expires: datetime | None, expires_is_signed: bool, now: datetime) -> None:
    """Nothing, or ``SignatureRefusal`` unless every moment in ``made`` is near enough to ``now``.

    At most one hour ahead and one hour old; a signed ``expires`` stretches the age to twelve hours, and any ``expires``
    that has passed ends it.
    """
    oldest = now - (AGE_LIMIT_WITH_EXPIRES if expires is not None and expires_is_signed else AGE_LIMIT)
    if any(moment > now + FUTURE_TOLERANCE for moment in made):
        raise SignatureRefusal("signature-expired", "signed more than an hour ahead of our clock")
    if any(moment < oldest for moment in made):
        raise SignatureRefusal("signature-expired", "signed too long ago")
    if expires is not None and now > expires:
        raise SignatureRefusal("signature-expired", "the signature says that it has expired")
