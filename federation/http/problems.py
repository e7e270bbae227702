"""Refusals of the wire as JSON problem documents (RFC 9457); the only place of this floor that knows status codes.

Called by every peer door, through `answered`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import structlog
from aiohttp import web

from federation.errors import FetchFailure, MalformedJson, WireRefusal
from identity.errors import IdentityError
from storage.away import is_away
from storage.errors import EphemeralError, StoreAwayError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Door = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = structlog.get_logger("rochdale.wire")

_STATUS_BY_CODE = {
    "activity-malformed": 400,
    "request-malformed": 400,
    "too-slow": 408,
    "not-found": 404,
    "too-large": 413,
    "media-type": 415,
    "key-local": 401,
    "key-unavailable": 401,
    "key-owner": 401,
    "authority-foreign": 401,
    "nonce-unknown": 401,
    "rate-limited": 429,
    "share-used": 429,
    "backlog": 503,
    "queue-full": 503,
    "strangers-full": 503,
}
_OTHER_REFUSALS = 403
_TITLES = {
    400: "The activity cannot be read",
    401: "The sender is not proven",
    403: "The activity is not its actor's to send",
    404: "Nothing here",
    408: "The request came too slowly",
    413: "The activity is too large",
    415: "The media type is not accepted",
    429: "Too much",
    503: "Not now",
}
_ASK_AGAIN = frozenset({429, 503})
_RETRY_SECONDS = 30


def status_of(refusal: Exception) -> int:
    """The HTTP status of a refusal: 401 whenever the sender is not proven, 403 when it may not say this."""
    if isinstance(refusal, MalformedJson):
        return 400
    if isinstance(refusal, IdentityError | FetchFailure):
        return 401
    if isinstance(refusal, EphemeralError | StoreAwayError):
        return 503
    return _STATUS_BY_CODE.get(str(getattr(refusal, "code", "")), _OTHER_REFUSALS)


def problem(status: int, code: str, detail: str, *, headers: dict[str, str] | None = None) -> web.Response:
    """A problem document with type, title, status, code and detail."""
    document: dict[str, Any] = {
        "type": f"urn:rochdale:problem:{code}",
        "title": _TITLES.get(status, "Refused"),
        "status": status,
        "code": code,
        "detail": detail,
    }
    return web.Response(
        status=status, text=json.dumps(document), content_type="application/problem+json", headers=headers
    )


def not_found() -> web.Response:
    """The one answer for what is absent and for what is hidden (P24)."""
    return problem(404, "not-found", "There is nothing at this address.")


def refused(refusal: WireRefusal | IdentityError | FetchFailure | EphemeralError | StoreAwayError) -> web.Response:
    """The problem document of a refusal: its code and public text, never its advice."""
    status, seconds = status_of(refusal), getattr(refusal, "retry_after_seconds", _RETRY_SECONDS)
    headers = {"Retry-After": str(seconds)} if status in _ASK_AGAIN else None
    return problem(status, refusal.code, refusal.public, headers=headers)


def answered(door: Door) -> Door:
    """The door with refusals turned into problem documents."""

    async def wrapped(request: web.Request) -> web.StreamResponse:
        try:
            return await door(request)
        except (WireRefusal, IdentityError, FetchFailure, EphemeralError) as refusal:
            return refused(refusal)
        except Exception as fault:
            if not is_away(fault):
                raise
            log.warning("the database takes nothing", path=request.path, error=f"{type(fault).__name__}: {fault}"[:500])
            return refused(StoreAwayError())

    return wrapped
