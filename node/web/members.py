"""The members of this co-op, and enrolling one.

Called by the routes of node.web.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from node.context import NODE
from node.governance.refusals import Refusal
from node.services import members
from node.web.frame.forms import Form, read_form
from node.web.frame.problems import status_of
from node.web.frame.render import render, see_other, setting_of
from node.web.frame.security import member_of, operator_of, visitor_of
from node.web.views.members import MemberLine, member_line
from storage import members as member_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import web


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberList:
    """The list and, for operators, the form to enrol with what was typed so far."""

    sentence: str
    lines: Sequence[MemberLine]
    has_weights: bool
    may_enrol: bool
    name: str
    display_name: str
    refusal: str | None


async def list_members(request: web.Request) -> web.StreamResponse:
    """The members, for members."""
    await member_of(request)
    return await _response(request, Form({}))


async def enrol_member(request: web.Request) -> web.StreamResponse:
    """A new member who can sign in, or the form again."""
    operator, form = await operator_of(request), await read_form(request)
    newcomer = members.Newcomer(
        name=form.text("name"),
        display_name=form.text("display_name"),
        passphrase=form.secret("passphrase"),
        roles=("member", "operator") if form.text("operator") else ("member",),
    )
    try:
        await members.enrol(request.app[NODE], newcomer, by=operator.id)
    except Refusal as refusal:
        return await _response(request, form, refusal=refusal)
    return see_other("/members", done="enrolled")


async def _response(request: web.Request, form: Form, *, refusal: Refusal | None = None) -> web.Response:
    node, setting, visitor = request.app[NODE], setting_of(request), await visitor_of(request)
    async with node.store.read() as tx:
        found = await member_rows.active(tx)
    page = MemberList(
        sentence=setting.say.count(
            "%(number)s member stands on the roll when a proposal opens.",
            "%(number)s members stand on the roll when a proposal opens.",
            len(found),
        ),
        lines=[member_line(record, setting) for record in found],
        has_weights=any(record.weight != 1 for record in found),
        may_enrol=visitor.is_operator,
        name=form.text("name"),
        display_name=form.text("display_name"),
        refusal=refusal.public if refusal else None,
    )
    return await render(request, "members.html", page, here="members", status=status_of(refusal) if refusal else 200)
