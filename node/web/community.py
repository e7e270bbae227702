"""Talking about a proposal: writing, changing, deleting and hiding replies; and the flags that ask for it.

Called by the routes of node.web; the discussion is shown on the page of its proposal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from node.context import NODE
from node.governance.refusals import Refusal
from node.services.community import flags as flag_service
from node.services.community import replies as reply_service
from node.web.frame.forms import read_form
from node.web.frame.render import render, see_other, setting_of
from node.web.frame.security import member_of, operator_of
from node.web.proposals import found_proposal
from node.web.views.community import flag_line
from node.web.views.wording.places import local_path
from storage import flags, replies

if TYPE_CHECKING:
    from aiohttp import web

    from node.context import Node
    from storage.records import ReplyRecord


MOST_FLAGS = 100


async def write_reply(request: web.Request) -> web.StreamResponse:
    """The member's reply, then the discussion."""
    node, member = request.app[NODE], await member_of(request)
    form, record = await read_form(request), await found_proposal(request)
    written = await reply_service.write(
        node, member=member, proposal_id=record.id, text=form.text("text"), answers=form.text("answers") or None
    )
    return _to_thread(node, written, "replied")


async def edit_reply(request: web.Request) -> web.StreamResponse:
    """The member's reply in other words."""
    node, member, form = request.app[NODE], await member_of(request), await read_form(request)
    changed = await reply_service.edit(node, member=member, reply_id=form.text("reply"), text=form.text("text"))
    return _to_thread(node, changed, "reply-edited")


async def delete_reply(request: web.Request) -> web.StreamResponse:
    """The member's reply gone."""
    node, member, form = request.app[NODE], await member_of(request), await read_form(request)
    gone = await reply_service.delete(node, member=member, reply_id=form.text("reply"))
    return _to_thread(node, gone, "reply-deleted")


async def hide_reply(request: web.Request) -> web.StreamResponse:
    """A reply out of sight, or in sight again."""
    node, operator, form = request.app[NODE], await operator_of(request), await read_form(request)
    is_hidden = form.text("hidden") != "no"
    moved = await reply_service.hide(node, operator=operator, reply_id=form.text("reply"), is_hidden=is_hidden)
    return _to_thread(node, moved, "reply-hidden" if is_hidden else "reply-shown")


async def show_reply(request: web.Request) -> web.StreamResponse:
    """To the discussion in which a reply of ours stands. Refusal not-found."""
    node = request.app[NODE]
    async with node.store.read() as tx:
        record = await replies.find(tx, node.origin + request.path)
    if record is None or record.state == "hidden":
        raise Refusal("not-found")
    return _to_thread(node, record)


async def show_flags(request: web.Request) -> web.StreamResponse:
    """What people elsewhere asked the operators to look at, open ones first."""
    await operator_of(request)
    node, setting = request.app[NODE], setting_of(request)
    async with node.store.read() as tx:
        found = [await flags.list(tx, state=state, limit=MOST_FLAGS) for state in ("open", "settled")]
        said = {one: await replies.find(tx, one) for flag in found[0] for one in flag.object_ids}
    lines = [flag_line(flag, said, setting) for part in found for flag in part]
    return await render(request, "flags.html", lines, here="flags")


async def send_flag(request: web.Request) -> web.StreamResponse:
    """Something said elsewhere reported to its home."""
    node, member, form = request.app[NODE], await member_of(request), await read_form(request)
    object_id = form.text("object")
    await flag_service.send(node, member=member, object_id=object_id, content=form.text("text"))
    async with node.store.read() as tx:
        reply = await replies.find(tx, object_id)
    return see_other("/offers", done="reported") if reply is None else _to_thread(node, reply, "reported")


async def settle_flag(request: web.Request) -> web.StreamResponse:
    """A flag dealt with."""
    operator, form = await operator_of(request), await read_form(request)
    await flag_service.settle(request.app[NODE], operator=operator, flag_id=form.text("flag"))
    return see_other("/flags", done="settled")


def _to_thread(node: Node, record: ReplyRecord, done: str = "") -> web.StreamResponse:
    path = local_path(record.proposal_id, origin=node.origin, room="proposals")
    return see_other(path, done=done, anchor="discussion")
