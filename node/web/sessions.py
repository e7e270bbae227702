"""Signing in and out.

Called by the routes of node.web.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from federation.receive.gate import network_of
from node.context import NODE
from node.governance.refusals import Refusal
from node.services import members
from node.web.frame.forms import read_form
from node.web.frame.problems import status_of
from node.web.frame.render import render, see_other
from node.web.frame.security import drop_cookie, set_cookie, visitor_of

if TYPE_CHECKING:
    from aiohttp import web

MINUTE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class SignInPage:
    """The form with what was typed, and where to go afterwards."""

    next: str
    name: str = ""
    refusal: str | None = None


def safe_path(path: str) -> str:
    """A path of this node to go back to; anything that could lead elsewhere becomes the home page."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_ours else "/"


async def sign_in_form(request: web.Request) -> web.StreamResponse:
    """The sign-in page."""
    page = SignInPage(next=safe_path(request.query.get("next", "/")))
    return await render(request, "sign_in.html", page, here="sign-in")


async def sign_in(request: web.Request) -> web.StreamResponse:
    """A session and its cookie, or the form again; attempts are limited by address."""
    node, form = request.app[NODE], await read_form(request)
    page = SignInPage(next=safe_path(form.text("next")), name=form.text("name"))
    try:
        await _limit(request)
        token, session, _ = await members.sign_in(
            node, name=page.name, passphrase=form.secret("passphrase"), label=device(request)
        )
    except Refusal as refusal:
        refused = SignInPage(next=page.next, name=page.name, refusal=refusal.public)
        return await render(request, "sign_in.html", refused, here="sign-in", status=status_of(refusal))
    answer = see_other(page.next)
    set_cookie(answer, node, token, days=max(1, (session.expires_at - session.created_at).days))
    return answer


async def sign_out(request: web.Request) -> web.StreamResponse:
    """The session ends here and the cookie goes."""
    node = request.app[NODE]
    await read_form(request)
    visitor = await visitor_of(request)
    if visitor.member is not None and visitor.session is not None:
        await members.sign_out(node, member=visitor.member, session_hash=visitor.session.token_hash)
    answer = see_other("/", done="out")
    drop_cookie(answer, node)
    return answer


async def _limit(request: web.Request) -> None:
    node = request.app[NODE]
    key = f"sign-in:{network_of(request.remote or '')}"
    if not await node.ephemeral.hit(key, node.settings.sign_in_per_minute, MINUTE_SECONDS):
        raise Refusal("too-many-requests")


BROWSERS = (("Firefox", "Firefox"), ("Edg", "Edge"), ("Chrom", "Chromium"), ("Safari", "Safari"))
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def device(request: web.Request) -> str:
    """A browser and system in words, for the list of a member's sessions."""
    agent = request.headers.get("User-Agent", "")
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return " · ".join(part for part in (browser, system) if part) or agent[:60] or "?"
