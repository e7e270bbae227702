"""Replies of our members: writing, changing and deleting them, and taking any reply out of sight.

Called by the doors; what comes from elsewhere is heard.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from federation.vocabulary.reading import id_of
from identity.canonical import content_digest
from identity.keys.pairs import Ed25519Pair
from node.community.replies import hindrance
from node.governance.refusals import Refusal
from node.markdown import to_html
from node.outbound import post
from node.outbound.replies import Said, note
from node.services.community import containers
from storage.community import replies
from storage.governance import proposals
from storage.house import keys
from storage.records import ReplyRecord
from storage.work import events

if TYPE_CHECKING:
    from datetime import datetime

    from node.context import Node
    from storage.engine import Tx
    from storage.records import MemberRecord, ProposalRecord

NOT_YET_PUBLIC = frozenset({"draft", "submitted", "withdrawn"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a reply goes: the proposal, what it answers directly, and whose that is."""

    proposal: ProposalRecord
    in_reply_to: str
    actor: str
    depth: int


async def place_of(tx: Tx, answered: str) -> Place | None:
    """The place below a proposal or a reply we know; None for anything else."""
    above = await replies.find(tx, answered)
    proposal = await proposals.find(tx, above.proposal_id if above else answered)
    if proposal is None or proposal.state in NOT_YET_PUBLIC:
        return None
    actor = above.author_actor if above else proposal.deciding_actor
    return Place(proposal=proposal, in_reply_to=answered, actor=actor, depth=above.depth + 1 if above else 1)


async def write(
    node: Node, *, member: MemberRecord, proposal_id: str, text: str, answers: str | None = None
) -> ReplyRecord:
    """A member's public reply to a proposal, or to another reply under it: to all who follow and to whom it answers.

    Refusals: not-found, reply-empty, reply-too-long, reply-too-deep, reply-too-many.
    """
    now = node.clock()
    async with node.store.write() as tx:
        place = await place_of(tx, answers or proposal_id)
        if place is None or place.proposal.id != proposal_id:
            raise Refusal("not-found")
        before = await replies.count_by(tx, place.proposal.id, node.body.actor_id, member.did)
        _refuse(hindrance(text, depth=place.depth, said_before=before))
        said = Said(
            reply_id=node.url("replies", node.new_id()),
            proposal_id=place.proposal.id,
            in_reply_to=place.in_reply_to,
            answers_actor=place.actor,
            thread=id_of((place.proposal.document or {}).get("context")),
            did=member.did,
            name=member.display_name,
            text=text.strip(),
            published=now,
        )
        document = note(node, said, await _voice(node, tx, member))
        record = _row(said, document, place, now)
        await replies.save(tx, record)
        heard_by = _elsewhere(node, place.proposal.deciding_actor, place.actor)
        created = await post.create(tx, node, document, ordering_key=record.id, to=heard_by)
        await containers.add(tx, node, created, proposal=place.proposal, heard_by=heard_by)
        await _note(tx, record, by=member.id, event="reply-written", now=now)
    return record


async def edit(node: Node, *, member: MemberRecord, reply_id: str, text: str) -> ReplyRecord:
    """A member's own reply with other words. Refusals: not-found, forbidden, reply-empty, reply-too-long."""
    now = node.clock()
    async with node.store.write() as tx:
        record = await _found(tx, reply_id, by=member)
        _refuse(hindrance(text, depth=record.depth, said_before=0))
        proposal = await proposals.find(tx, record.proposal_id)
        place = await place_of(tx, record.in_reply_to)
        assert proposal is not None
        said = Said(
            reply_id=record.id,
            proposal_id=record.proposal_id,
            in_reply_to=record.in_reply_to,
            answers_actor=place.actor if place else proposal.deciding_actor,
            thread=id_of((proposal.document or {}).get("context")),
            did=member.did,
            name=member.display_name,
            text=text.strip(),
            published=record.published_at,
        )
        document = note(node, said, await _voice(node, tx, member), updated=now)
        changed = replace(
            record,
            author_name=said.name,
            content_html=to_html(said.text),
            source=said.text,
            document=document,
            version_at=now,
            version_digest=content_digest(document),
        )
        await replies.save(tx, changed)
        heard_by = _elsewhere(node, proposal.deciding_actor, said.answers_actor)
        inboxes = await post.inboxes_of(tx, heard_by)
        updated = await post.update(tx, node, document, ordering_key=record.id, inboxes=inboxes)
        await containers.add(tx, node, updated, proposal=proposal, heard_by=heard_by)
        await _note(tx, changed, by=member.id, event="reply-edited", now=now)
    return changed


async def delete(node: Node, *, member: MemberRecord, reply_id: str) -> ReplyRecord:
    """A member's own reply, gone here and at everybody who has it. Refusals: not-found, forbidden."""
    now = node.clock()
    async with node.store.write() as tx:
        record = await _found(tx, reply_id, by=member)
        gone = emptied(record, now)
        await replies.save(tx, gone)
        proposal = await proposals.find(tx, record.proposal_id)
        assert proposal is not None
        inboxes = await post.inboxes_of(tx, _elsewhere(node, proposal.deciding_actor))
        deleted = await post.delete(tx, node, reply_id, inboxes=inboxes)
        await containers.add(tx, node, deleted, proposal=proposal, heard_by=())
        await _note(tx, gone, by=member.id, event="reply-deleted", now=now)
    return gone


async def hide(node: Node, *, operator: MemberRecord, reply_id: str, is_hidden: bool = True) -> ReplyRecord:
    """A reply taken out of sight by an operator, or shown again; followers of a proposal of ours hear of the first.

    Refusals: not-found (also for deleted ones), forbidden.
    """
    if "operator" not in operator.roles:
        raise Refusal("forbidden")
    now = node.clock()
    async with node.store.write() as tx:
        record = await replies.find(tx, reply_id)
        if record is None or record.state == "deleted":
            raise Refusal("not-found")
        changed = replace(record, state="hidden" if is_hidden else "shown")
        await replies.save(tx, changed)
        proposal = await proposals.find(tx, record.proposal_id)
        thread = id_of(((proposal and proposal.document) or {}).get("context"))
        if is_hidden and thread and proposal and proposal.origin == "own":
            await post.remove(tx, node, record.id, target=thread)
        await _note(tx, changed, by=operator.id, event="reply-hidden" if is_hidden else "reply-shown", now=now)
    return changed


def emptied(record: ReplyRecord, now: datetime) -> ReplyRecord:
    """The place of a reply that was deleted: it holds the thread together and says nothing."""
    return replace(
        record, state="deleted", content_html="", source="", author_name="", author_did=None, document=None,
        version_at=now, version_digest="",
    )  # fmt: skip


async def _found(tx: Tx, reply_id: str, *, by: MemberRecord) -> ReplyRecord:
    record = await replies.find(tx, reply_id)
    if record is None or record.origin != "own" or record.state == "deleted":
        raise Refusal("not-found")
    if record.author_did != by.did:
        raise Refusal("forbidden")
    return record


async def _voice(node: Node, tx: Tx, member: MemberRecord) -> Any:
    record = await keys.find(tx, member.key_id)
    if record is None:
        raise Refusal("not-found")
    return Ed25519Pair.from_pkcs8(node.sealer.open(record.sealed_private, label=record.key_id)).private


def _row(said: Said, document: dict[str, Any], place: Place, now: datetime) -> ReplyRecord:
    return ReplyRecord(
        id=said.reply_id,
        proposal_id=said.proposal_id,
        in_reply_to=said.in_reply_to,
        depth=place.depth,
        author_actor=str(document["attributedTo"]),
        author_name=said.name,
        author_did=said.did,
        origin="own",
        content_html=to_html(said.text),
        source=said.text,
        document=document,
        published_at=now,
        version_at=now,
        version_digest=content_digest(document),
        received_at=now,
    )


def _elsewhere(node: Node, *actors: str) -> list[str]:
    return [actor for actor in dict.fromkeys(actors) if actor != node.body.actor_id]


def _refuse(code: str | None) -> None:
    if code is not None:
        raise Refusal(code)


async def _note(tx: Tx, record: ReplyRecord, *, by: str, event: str, now: datetime) -> None:
    content = {"proposal": record.proposal_id, "digest": record.version_digest}
    await events.append(tx, at=now, actor=by, type=event, subject=record.id, content=content)
