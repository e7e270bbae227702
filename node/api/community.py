"""What people say without deciding: opinions, replies and flags; called by the member door's routes."""

from node.api.door.ids import id_of, key_of
from node.api.door.operation import Access, Call, operation
from node.api.door.paging import Page, Window, page
from node.api.shapes.community import (
    FlagIn,
    FlagsAsked,
    FlagSentView,
    FlagView,
    HideIn,
    OpinionLine,
    OpinionsView,
    ReplyIn,
    ReplyView,
    TextIn,
)
from node.api.shapes.facts import KeyPath
from node.api.standing import found_proposal
from node.services.community import flags as flag_service
from node.services.community import replies as reply_service
from node.services.community.opinions import answers, options_of
from storage import flags, opinions, replies
from storage.records import FlagRecord, ReplyRecord


@operation("GET", "/proposals/{key}/opinions", summary="What the fediverse answered to a proposal's poll")
async def show_opinions(call: Call, path: KeyPath) -> OpinionsView:
    """Advisory: these answers are shown apart and are part of no tally. Who answered what is not told."""
    record = await found_proposal(call, path.key)
    async with call.node.store.read() as tx:
        found = await answers(tx, record)
        hosts = await opinions.hosts(tx, record.id)
    lines = zip(options_of(record), found.counts, strict=True)
    return OpinionsView(
        proposal=record.id,
        is_advisory=True,
        actors=found.actors,
        servers=hosts,
        options=tuple(OpinionLine(option=option, actors=count) for option, count in lines),
    )


@operation("GET", "/proposals/{key}/replies", summary="The discussion of a proposal, oldest first")
async def list_replies(call: Call, path: KeyPath, query: Window) -> Page[ReplyView]:
    """Every reply that is in sight, whatever it answers; deleted ones keep their place and are empty."""
    record = await found_proposal(call, path.key)
    async with call.node.store.read() as tx:
        rows = await replies.thread(tx, record.id, limit=query.limit + 1, offset=query.offset)
    return page(rows, query, lambda one: _view(call, one))


@operation("POST", "/proposals/{key}/replies", summary="Reply to a proposal or to another reply", status=201)
async def write_reply(call: Call, path: KeyPath, body: ReplyIn) -> ReplyView:
    """Public, with the caller's name: sent to all who follow. `answers` is the id of a reply, else the proposal."""
    record = await found_proposal(call, path.key)
    written = await reply_service.write(
        call.node, member=call.caller, proposal_id=record.id, text=body.text, answers=body.answers
    )
    return _view(call, written)


@operation("POST", "/replies/{key}/edit", summary="Put an own reply in other words")
async def edit_reply(call: Call, path: KeyPath, body: TextIn) -> ReplyView:
    """By its author only; everybody who has it gets the new version."""
    return _view(
        call, await reply_service.edit(call.node, member=call.caller, reply_id=_id(call, path), text=body.text)
    )


@operation("DELETE", "/replies/{key}", summary="Delete an own reply")
async def delete_reply(call: Call, path: KeyPath) -> None:
    """By its author only; a tombstone stays."""
    await reply_service.delete(call.node, member=call.caller, reply_id=_id(call, path))


@operation("POST", "/replies/{key}/hide", summary="Take a reply out of sight, or show it again")
async def hide_reply(call: Call, path: KeyPath, body: HideIn) -> ReplyView:
    """Operators only. Followers of a proposal of ours are told when a reply leaves its thread."""
    hidden = await reply_service.hide(
        call.node, operator=call.caller, reply_id=_id(call, path), is_hidden=body.is_hidden
    )
    return _view(call, hidden)


@operation("GET", "/flags", summary="What people elsewhere asked us to look at", allows=Access.OPERATOR)
async def list_flags(call: Call, query: FlagsAsked) -> Page[FlagView]:
    """Newest first; open ones unless another state is asked for."""
    async with call.node.store.read() as tx:
        rows = await flags.list(tx, state=query.state, limit=query.limit + 1, offset=query.offset)
    return page(rows, query, lambda one: _flag(call, one))


@operation("POST", "/flags", summary="Report something said elsewhere to its home", status=202)
async def send_flag(call: Call, body: FlagIn) -> FlagSentView:
    """In the name of the body, without yours; what those who run its home do about it is theirs to decide."""
    sent = await flag_service.send(call.node, member=call.caller, object_id=body.object, content=body.content)
    return FlagSentView(id=sent, object=body.object)


@operation("POST", "/flags/{key}/settle", summary="Mark a flag as dealt with", allows=Access.OPERATOR)
async def settle_flag(call: Call, path: KeyPath) -> FlagView:
    """What is to be done about it, such as hiding a reply, is done apart."""
    flag_id = id_of(call.node.url("flags"), path.key)
    return _flag(call, await flag_service.settle(call.node, operator=call.caller, flag_id=flag_id))


def _flag(call: Call, record: FlagRecord) -> FlagView:
    return FlagView(
        key=key_of(call.node.url("flags"), record.id),
        actor=record.actor_id,
        objects=record.object_ids,
        content=record.content,
        state=record.state,
        received_at=record.received_at,
        settled_by=record.settled_by,
        settled_at=record.settled_at,
    )


def _id(call: Call, path: KeyPath) -> str:
    return id_of(call.node.url("replies"), path.key)


def _view(call: Call, record: ReplyRecord) -> ReplyView:
    return ReplyView(
        key=key_of(call.node.url("replies"), record.id),
        id=record.id,
        proposal=record.proposal_id,
        answers=record.in_reply_to,
        depth=record.depth,
        author=record.author_name,
        author_actor=record.author_actor,
        author_did=record.author_did,
        origin=record.origin,
        html=record.content_html,
        state=record.state,
        published_at=record.published_at,
        edited_at=record.version_at if record.version_at > record.published_at else None,
        is_mine=record.author_did == call.caller.did,
    )


OPERATIONS = (
    show_opinions,
    list_replies,
    write_reply,
    edit_reply,
    delete_reply,
    hide_reply,
    list_flags,
    send_flag,
    settle_flag,
)
