"""Casting a ballot and keeping its receipt; an operator's veto for the whole body.

Called by the routes of node.web.
"""

from __future__ import annotations

from aiohttp import web

from node.context import NODE
from node.governance.refusals import Refusal
from node.services import ballots
from node.services.assembly import vetoes
from node.web.frame.forms import read_form
from node.web.frame.problems import status_of
from node.web.frame.render import see_other, setting_of
from node.web.frame.security import member_of, operator_of
from node.web.proposals import found_proposal, proposal_response
from node.web.views.ballots import receipt_text
from node.web.views.wording.places import local_path
from storage import ballots as ballot_rows


async def cast_ballot(request: web.Request) -> web.StreamResponse:
    """The member's ballot, then the proposal with its receipt; a refusal stands above the form."""
    node, member = request.app[NODE], await member_of(request)
    form, record = await read_form(request), await found_proposal(request)
    try:
        await ballots.cast(node, member=member, proposal_id=record.id, choice=form.text("choice"))
    except Refusal as refusal:
        return await proposal_response(request, record, refusal=refusal.public, status=status_of(refusal))
    return see_other(local_path(record.id, origin=node.origin, room="proposals"), done="cast", anchor="receipt")


async def submit_veto(request: web.Request) -> web.StreamResponse:
    """The veto of this body, then the proposal that shows it."""
    node, operator = request.app[NODE], await operator_of(request)
    form, record = await read_form(request), await found_proposal(request)
    await vetoes.submit(node, member=operator, proposal_id=record.id, reason=form.text("reason"))
    return see_other(local_path(record.id, origin=node.origin, room="proposals"), done="vetoed", anchor="vetoes")


async def keep_receipt(request: web.Request) -> web.StreamResponse:
    """The receipt of the member's latest ballot as a text to keep."""
    node, member = request.app[NODE], await member_of(request)
    record = await found_proposal(request)
    async with node.store.read() as tx:
        ballot = await ballot_rows.latest_sent(tx, record.id, member.did)
    if ballot is None:
        raise Refusal("not-found")
    headers = {"Content-Disposition": 'attachment; filename="receipt.txt"', "Cache-Control": "private, no-store"}
    return web.Response(text=receipt_text(record, ballot, setting_of(request)), headers=headers)
