"""Who is looking, and what no page may do: session cookies, CSRF tokens, headers of every answer.

Called by render, forms and the handlers that need a member; the middleware is mounted by node.routes.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from aiohttp import web

from node.context import NODE
from node.governance.refusals import Refusal
from node.services import members

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

    from node.context import Node
    from storage.records import MemberRecord, SessionRecord

COOKIE = "rochdale"
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; connect-src 'self'"
)
HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}
PAGE_HEADERS = HEADERS | {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks for a page; `csrf` is the token its forms carry."""

    member: MemberRecord | None
    session: SessionRecord | None
    csrf: str

    @property
    def is_operator(self) -> bool:
        """Whether the visitor runs this node."""
        return self.member is not None and "operator" in self.member.roles


VISITOR: web.RequestKey[Visitor] = web.RequestKey("rochdale_visitor", Visitor)


def cookie_name(node: Node, purpose: str = "") -> str:
    """The cookie of this node: locked to its host under https; on loopback told apart by port, which cookies ignore."""
    origin = urlsplit(node.origin)
    name = f"{COOKIE}-{purpose}" if purpose else COOKIE
    return f"__Host-{name}" if origin.scheme == "https" else f"{name}-{origin.port or 80}"


def set_cookie(response: web.StreamResponse, node: Node, value: str, *, purpose: str = "", days: int = 0) -> None:
    """Write a cookie no script can read; without `days` it ends with the browser."""
    response.set_cookie(
        cookie_name(node, purpose),
        value,
        max_age=days * 86_400 or None,
        path="/",
        httponly=True,
        secure=node.origin.startswith("https:"),
        samesite="Lax",
    )


def drop_cookie(response: web.StreamResponse, node: Node) -> None:
    """End the session cookie."""
    response.del_cookie(
        cookie_name(node), path="/", httponly=True, secure=node.origin.startswith("https:"), samesite="Lax"
    )


async def visitor_of(request: web.Request) -> Visitor:
    """Who asks, read once for each request; before signing in the forms carry the token of a cookie of their own."""
    if VISITOR not in request:
        node = request.app[NODE]
        token = request.cookies.get(cookie_name(node), "")
        found = await members.session(node, token) if token else None
        if found is None:
            as_nobody(request)
        else:
            request[VISITOR] = Visitor(found[0], found[1], found[1].csrf_token)
    return request[VISITOR]


def as_nobody(request: web.Request) -> None:
    """Answer this request as one of somebody who is not signed in."""
    csrf = request.cookies.get(cookie_name(request.app[NODE], "form")) or secrets.token_urlsafe(32)
    request[VISITOR] = Visitor(None, None, csrf)


async def member_of(request: web.Request) -> MemberRecord:
    """The signed-in member; anybody else is sent to sign in and comes back afterwards."""
    member = (await visitor_of(request)).member
    if member is None:
        back = request.path_qs if request.method in {"GET", "HEAD"} else request.path
        raise web.HTTPSeeOther(f"/sign-in?next={quote(back, safe='')}")
    return member


async def operator_of(request: web.Request) -> MemberRecord:
    """The signed-in operator. Refusal forbidden for other members."""
    member = await member_of(request)
    if "operator" not in member.roles:
        raise Refusal("forbidden")
    return member


def check_csrf(visitor: Visitor, given: str) -> None:
    """Nothing when the form carries the visitor's own token. Refusal csrf otherwise."""
    if not hmac.compare_digest(given.encode(), visitor.csrf.encode()):
        raise Refusal("csrf")


@web.middleware
async def secured(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every answer with the headers that keep a browser strict; pages get the content policy on top."""
    try:
        response = await handler(request)
    except web.HTTPException as answer:
        _add_headers(answer)
        raise
    if not response.prepared:
        _add_headers(response)
    return response


def _add_headers(response: web.StreamResponse) -> None:
    for name, value in (PAGE_HEADERS if response.content_type == "text/html" else HEADERS).items():
        response.headers.setdefault(name, value)
