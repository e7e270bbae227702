"""Refusals and faults as pages: what happened, what was kept, what to do.

The middleware is mounted by node.routes; the only file of the pages that knows which refusal is which status.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

import structlog
from aiohttp import web

from federation.assembly.refusals import AssemblyRefusal
from federation.http.problems import problem, refused
from node.governance.refusals import Category, Refusal
from node.web.frame.render import render, setting_of
from node.web.frame.security import as_nobody
from storage.away import is_away
from storage.errors import StoreAwayError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp.typedefs import Handler

log = structlog.get_logger("rochdale.web")
STATUSES: Mapping[Category, int] = {
    Category.BAD_REQUEST: 422,
    Category.UNAUTHORIZED: 401,
    Category.FORBIDDEN: 403,
    Category.NOT_FOUND: 404,
    Category.CONFLICT: 409,
    Category.GONE: 410,
    Category.TOO_MANY: 429,
    Category.UNREACHABLE: 503,
}
TITLES: Mapping[int, str] = {
    400: "We could not read this address",
    401: "Please sign in",
    403: "This is not yours to do",
    404: "We could not find this",
    405: "This cannot be done here",
    409: "This does not fit any more",
    410: "This is over",
    413: "This is too large",
    422: "We could not take this",
    429: "One moment, please",
    500: "Something broke on our side",
    503: "Not just now",
}
TEXTS: Mapping[int, str] = {
    400: "It has a character in it that no address here has.",
    404: "It may have moved or never been here.",
    405: "This address takes no such request.",
    413: "It is more than we can take in one piece.",
    500: "The fault is ours, and it is in the log. Please try again; if it stays, tell whoever runs the node.",
    503: "The node cannot reach what this needs. Please try again in a moment.",
}
FAULT, AWAY = 500, 503


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemPage:
    """What an error page says."""

    status: int
    code: str
    title: str
    what: str
    kept: str
    href: str
    action: str


def status_of(refusal: Refusal | AssemblyRefusal) -> int:
    """The status a refusal is answered with; a rule of assemblies always speaks of what was sent."""
    category = refusal.category if isinstance(refusal, Refusal) else Category.BAD_REQUEST
    return STATUSES[Category(category)]


@web.middleware
async def problem_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The answer, or instead of a refusal or fault a page for people; a refusal of others is a problem document."""
    try:
        return await handler(request)
    except (Refusal, AssemblyRefusal) as refusal:
        if not is_for_people(request):
            return problem(status_of(refusal), refusal.code, refusal.public)
        return await problem_response(request, status_of(refusal), code=refusal.code, what=refusal.public)
    except web.HTTPException as answer:
        if answer.status < 400 or not is_for_people(request):  # noqa: PLR2004 - from here on it is an error
            raise
        return await problem_response(request, answer.status)
    except Exception as fault:
        if is_away(fault):
            log.warning("the database takes nothing", path=request.path, error=f"{type(fault).__name__}: {fault}"[:500])
            return await _away(request)
        log.exception("page failed", path=request.path)
        if not is_for_people(request):
            raise
        return await problem_response(request, FAULT)


def is_for_people(request: web.Request) -> bool:
    """Whether a browser asked for a page; peers and the member door have answers of their own."""
    return "text/html" in request.headers.get("Accept", "") and not request.path.startswith("/api/")


async def _away(request: web.Request) -> web.Response:
    answer = refused(StoreAwayError())
    if not is_for_people(request):
        return answer
    as_nobody(request)  # who it is cannot be looked up either
    page = await problem_response(request, AWAY, code=StoreAwayError.code, what=StoreAwayError.public)
    page.headers["Retry-After"] = answer.headers["Retry-After"]
    return page


async def problem_response(request: web.Request, status: int, *, code: str = "", what: str = "") -> web.Response:
    """The page of an error."""
    say = setting_of(request).say
    needs_sign_in = status == STATUSES[Category.UNAUTHORIZED]
    page = ProblemPage(
        status=status,
        code=code,
        title=say(TITLES.get(status, TITLES[FAULT])),
        what=say(what or TEXTS.get(status, TEXTS[FAULT])),
        kept=say(_kept(code, is_get=request.method in {"GET", "HEAD"})),
        href=f"/sign-in?next={quote(request.path, safe='')}" if needs_sign_in else "/",
        action=say("Sign in") if needs_sign_in else say("Go home"),
    )
    return await render(request, "frame/problem.html", page, here="", status=status)


def _kept(code: str, *, is_get: bool) -> str:
    if is_get:
        return "Nothing was changed."
    if code == StoreAwayError.code:
        return "Please look whether what you sent was taken before you send it again."
    return "What you sent was not taken; nothing was changed."
