"""Who is calling: a bearer token, or the page cookie together with its CSRF token; called by Operation first."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from node.api.door.call import Access, Call
from node.api.problems import Problem
from node.context import NODE
from node.services import members

if TYPE_CHECKING:
    from aiohttp import web

    from node.context import Node
    from storage.records import SessionRecord

CSRF_HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="rochdale"'}


async def call_of(request: web.Request, allows: Access) -> Call:
    """The call with its caller. Problems: not-signed-in, csrf, forbidden."""
    node = request.app[NODE]
    token, by_cookie = _token(node, request)
    found = await members.session(node, token) if token else None
    if found is None and allows is not Access.PUBLIC:
        raise Problem(401, "not-signed-in", "Sign in first, or sign in again.", headers=CHALLENGE)
    if found is None:
        return Call(request, node, None, None)
    member, session = found
    if by_cookie and request.method not in SAFE_METHODS:
        _check_csrf(request, session)
    if allows is Access.OPERATOR and Access.OPERATOR not in member.roles:
        raise Problem(403, "forbidden", "Only an operator of this node may do this.")
    return Call(request, node, member, session)


def cookie_name(node: Node) -> str:
    """The pages' session cookie: bound to its host under https, on loopback told apart by port (cookies ignore it)."""
    origin = urlsplit(node.origin)
    return "__Host-rochdale" if origin.scheme == "https" else f"rochdale-{origin.port or 80}"


def _token(node: Node, request: web.Request) -> tuple[str, bool]:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip(), False
    return request.cookies.get(cookie_name(node), ""), True


def _check_csrf(request: web.Request, session: SessionRecord) -> None:
    given = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(given.encode(), session.csrf_token.encode()):
        raise Problem(403, "csrf", f"A request with the page cookie must carry the right {CSRF_HEADER}.")
