"""Every refusal and fault as one problem+json answer (RFC 9457); called by the middleware and by idempotency.

The only file of the member door that knows which refusal is which status. `code` is stable; `detail` is safe to show.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import structlog
from aiohttp import web

from federation.assembly.refusals import AssemblyRefusal
from federation.errors import FetchFailure, Throttled, WireError
from node.governance.refusals import Category, Refusal
from storage.away import is_away
from storage.errors import EphemeralError, StoreAwayError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pydantic import ValidationError

log = structlog.get_logger("rochdale.api")
REQUEST_ID: web.RequestKey[str] = web.RequestKey("rochdale_request_id", str)
MEDIA_TYPE = "application/problem+json"
Location = dict[str, Any]

STATUS_OF: Mapping[str, int] = {
    "bad_request": 422,
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "gone": 410,
    "too_many": 429,
    "unreachable": 503,
}
"""Category of a refusal → status."""

CODE_OF: Mapping[int, str] = {400: "malformed", 404: "not-found", 405: "method-not-allowed", 413: "too-large"}
"""Status raised by the HTTP library itself → our code."""


class Problem(Exception):  # noqa: N818  # a refusal at the door, named as RFC 9457 does
    """The door itself says no, before any rule is asked."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[Location] = (),
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})
        self.errors = list(errors)


def located(broken: ValidationError, place: str) -> list[Location]:
    """Each broken field: where (a JSON pointer under `place`), which rule, in words. Never the value given."""
    return [
        {
            "in": place,
            "pointer": "".join(f"/{_escaped(part)}" for part in error["loc"]),
            "code": error["type"].replace("_", "-"),
            "detail": error["msg"],
        }
        for error in broken.errors(include_url=False, include_input=False, include_context=False)
    ]


def problem_of(raised: Exception) -> Problem:
    """What is said about an exception; whatever is not known is a fault of ours, without its internals."""
    for kind, said in KNOWN.items():
        if isinstance(raised, kind):
            return said(raised)
    if is_away(raised):
        detail = "The node cannot reach its memory right now. Try again in a moment."
        return Problem(503, StoreAwayError.code, detail, headers={"Retry-After": "10"})
    return Problem(500, "fault", "Something went wrong in this node. Its log has more under the request id.")


def problem_response(request: web.Request, raised: Exception) -> web.Response:
    """The answer; a fault is also logged with the request id the caller is shown."""
    problem = problem_of(raised)
    request_id = request.get(REQUEST_ID, "")
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(raised, Refusal):
        log.error(
            "fault at the member door", request_id=request_id, path=request.path, code=problem.code, exc_info=raised
        )
    document = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
        "request_id": request_id,
        **({"errors": problem.errors} if problem.errors else {}),
    }
    headers = {"Cache-Control": "no-store", **problem.headers}
    return web.json_response(document, status=problem.status, headers=headers, content_type=MEDIA_TYPE)


def _escaped(part: str | int) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


def _of_refusal(raised: Refusal) -> Problem:
    headers = {"Retry-After": "5"} if raised.category == Category.UNREACHABLE else None
    return Problem(STATUS_OF[raised.category], raised.code, raised.public, headers=headers)


def _of_assembly(raised: AssemblyRefusal) -> Problem:
    return Problem(422, raised.code, raised.explained)


def _of_throttle(raised: Throttled) -> Problem:
    return Problem(429, raised.code, raised.public, headers={"Retry-After": str(raised.retry_after_seconds)})


def _of_fetch(raised: FetchFailure) -> Problem:
    return Problem(502, raised.code, raised.public)


def _of_wire(raised: WireError) -> Problem:
    return Problem(422, raised.code, raised.public)


def _of_short_memory(_: EphemeralError) -> Problem:
    detail = "The node cannot remember requests right now; nothing was changed. Try again in a moment."
    return Problem(503, "short-memory-unavailable", detail, headers={"Retry-After": "10"})


def _of_library(raised: web.HTTPException) -> Problem:
    allowed = {"Allow": raised.headers["Allow"]} if "Allow" in raised.headers else {}
    code = CODE_OF.get(raised.status, "request-refused")
    return Problem(raised.status, code, f"{raised.reason}.", headers=allowed)


KNOWN: Mapping[type[Exception], Callable[[Any], Problem]] = {
    Problem: lambda raised: raised,
    Refusal: _of_refusal,
    AssemblyRefusal: _of_assembly,
    Throttled: _of_throttle,
    FetchFailure: _of_fetch,
    WireError: _of_wire,
    EphemeralError: _of_short_memory,
    web.HTTPException: _of_library,
}
"""What is not a fault, the narrower kinds first."""
