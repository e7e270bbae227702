"""Writing a proposal and moving it until it opens: draft, submit, open, withdraw.

Called by the routes of node.web.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from federation.assembly.refusals import AssemblyRefusal
from federation.assembly.statute import read_statute
from node.context import NODE
from node.governance.proposals import KEPT_TYPES, MOTION
from node.governance.refusals import Refusal
from node.services import proposals
from node.services.statutes import usual_rule
from node.web.frame.forms import read_form
from node.web.frame.problems import status_of
from node.web.frame.render import render, see_other, setting_of
from node.web.frame.security import member_of
from node.web.proposals import found_proposal
from node.web.views.drafts import DAY_SECONDS, draft_form, written_rule
from node.web.views.wording.places import local_path
from storage import statutes

if TYPE_CHECKING:
    from aiohttp import web

    from node.web.frame.forms import Form
    from node.web.views.drafts import DraftForm
    from storage.records import ProposalRecord

Move = Callable[..., Awaitable["ProposalRecord"]]


async def new_draft(request: web.Request) -> web.StreamResponse:
    """The empty form."""
    await member_of(request)
    node = request.app[NODE]
    days = max(1, node.body.window_seconds // DAY_SECONDS)
    page = await _form(request, {"days": str(days)})
    return await render(request, "proposals/form.html", page, here="proposals")


async def save_draft(request: web.Request) -> web.StreamResponse:
    """The draft and its page, or the form again with what was typed."""
    node, member, form = request.app[NODE], await member_of(request), await read_form(request)
    try:
        record = await proposals.draft(node, author=member, written=_written(form))
    except (Refusal, AssemblyRefusal) as refusal:
        said = refusal.explained if isinstance(refusal, AssemblyRefusal) else refusal.public
        page = await _form(request, form.fields, refusal=said)
        return await render(request, "proposals/form.html", page, here="proposals", status=status_of(refusal))
    return see_other(local_path(record.id, origin=node.origin, room="proposals"), done="drafted")


def _written(form: Form) -> proposals.Draft:
    return proposals.Draft(
        title=form.text("title"),
        text=form.text("text"),
        rule=written_rule(form.text("preset"), form.text("quorum")),
        window_seconds=form.number("days") * DAY_SECONDS,
        type=form.text("type") or None,
    )


async def _form(request: web.Request, typed: Mapping[str, str], refusal: str | None = None) -> DraftForm:
    """The form with the usual rule and, in an assembly, the types of proposals that its constituents may veto."""
    node = request.app[NODE]
    async with node.store.read() as tx:
        rule, found = await usual_rule(node, tx), await statutes.latest(tx, node.body.did)
    right = read_statute(found.document).terms.veto if found else None
    types = tuple(one for one in right.types if one not in (MOTION, *KEPT_TYPES)) if right else ()
    return draft_form(setting_of(request), typed, bylaws=rule, types=types, refusal=refusal)


async def submit_draft(request: web.Request) -> web.StreamResponse:
    """The draft handed to the operators."""
    return await _moved(request, proposals.submit, "submitted")


async def open_draft(request: web.Request) -> web.StreamResponse:
    """The proposal frozen and open."""
    return await _moved(request, proposals.open_proposal, "opened")


async def withdraw_draft(request: web.Request) -> web.StreamResponse:
    """The proposal taken back."""
    return await _moved(request, proposals.withdraw, "withdrawn")


async def _moved(request: web.Request, move: Move, done: str) -> web.StreamResponse:
    node, member = request.app[NODE], await member_of(request)
    await read_form(request)
    record = await found_proposal(request)
    await move(node, member=member, proposal_id=record.id)
    return see_other(local_path(record.id, origin=node.origin, room="proposals"), done=done)
