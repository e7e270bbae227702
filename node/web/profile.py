"""A member's own page: passphrase and sessions.

Called by the routes of node.web.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from node.context import NODE
from node.governance.refusals import Refusal
from node.services import members
from node.web.frame.forms import read_form
from node.web.frame.problems import status_of
from node.web.frame.render import render, see_other, setting_of
from node.web.frame.security import member_of, set_cookie, visitor_of
from node.web.sessions import device
from node.web.views.members import profile_page
from storage import sessions

if TYPE_CHECKING:
    from aiohttp import web


async def show_profile(request: web.Request) -> web.StreamResponse:
    """The signed-in member's page."""
    return await _response(request)


async def change_passphrase(request: web.Request) -> web.StreamResponse:
    """The new passphrase; every session ends and this browser gets a fresh one."""
    node, member, form = request.app[NODE], await member_of(request), await read_form(request)
    try:
        await members.change_passphrase(node, member=member, old=form.secret("current"), new=form.secret("new"))
    except Refusal as refusal:
        return await _response(request, refusal)
    token, session, _ = await members.sign_in(
        node, name=member.name, passphrase=form.secret("new"), label=device(request)
    )
    answer = see_other("/profile", done="changed")
    set_cookie(answer, node, token, days=max(1, (session.expires_at - session.created_at).days))
    return answer


async def end_session(request: web.Request) -> web.StreamResponse:
    """One of the member's other sessions ended."""
    node, member, form = request.app[NODE], await member_of(request), await read_form(request)
    await members.sign_out(node, member=member, session_hash=form.text("session"))
    return see_other("/profile", done="ended")


async def _response(request: web.Request, refusal: Refusal | None = None) -> web.Response:
    node, member, visitor = request.app[NODE], await member_of(request), await visitor_of(request)
    async with node.store.read() as tx:
        found = await sessions.for_member(tx, member.id)
    this = visitor.session.token_hash if visitor.session else ""
    said = refusal.public if refusal else None
    page = profile_page(member, found, this=this, setting=setting_of(request), refusal=said)
    return await render(request, "profile.html", page, here="", status=status_of(refusal) if refusal else 200)
