"""Replies from elsewhere: kept under the proposal they answer, changed, deleted, passed on by the deciding body.

Called by node.inbound.notes. Whatever order Create, Update, Delete and Remove come in, the thread ends the same (P15).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from federation.errors import NotYet
from federation.peers import directory
from federation.peers.policy import Policy
from federation.vocabulary.notes import answered
from federation.vocabulary.reading import governance_of, id_of, is_public
from federation.vocabulary.times import read_time
from identity.canonical import content_digest
from identity.dids.did_key import public_key
from identity.errors import IdentityError
from identity.proofs import eddsa_jcs_2022
from node.community.replies import LONGEST_HTML, hindrance, supersedes
from node.governance.refusals import Refusal
from node.markdown import safe_html
from node.outbound import post
from node.services.community import containers
from node.services.community.replies import Place, emptied, place_of
from storage.community import replies, tombstones
from storage.governance import proposals
from storage.neighbours import peers
from storage.records import ReplyRecord
from storage.work import events

if TYPE_CHECKING:
    from collections.abc import Mapping

    from federation.receive.verify import VerifiedActivity
    from node.context import Node
    from storage.engine import Tx


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks: the name to show, and the member's DID when a body speaks for one of its members."""

    name: str
    did: str | None = None


async def receive(node: Node, activity: VerifiedActivity, note: Mapping[str, Any]) -> None:
    """A public note in a thread we keep: new, or a newer version of one we have; anything else is passed over.

    Refusals: forbidden (somebody else's note), reply-forged, reply-empty, reply-too-long, reply-too-deep,
    reply-too-many. Raises NotYet while what it answers has not arrived though it says it stands in our thread.
    """
    if not (is_public(activity.document) or is_public(note)) or not await _is_heard(node, activity, answered(note)):
        return
    async with node.store.write() as tx:
        place = await place_of(tx, answered(note))
        if place is None:
            if await _is_in_our_thread(tx, note):
                raise NotYet("what this note answers has not arrived")
            return
        record = await _read(tx, activity, note, place)
        known = await replies.find(tx, record.id)
        if known is not None and known.author_actor != record.author_actor:
            raise Refusal("forbidden")
        if known is not None and (known.state == "deleted" or not supersedes(_version(record), _version(known))):
            return
        kept = await _with_state(tx, record, known, place)
        await replies.save(tx, kept)
        if kept.state == "shown" and place.proposal.origin == "own":
            await post.relay(tx, node, activity, ordering_key=kept.id)
            if await node.federation.policies.of(activity.actor_id) is Policy.ALLOW:
                await containers.add(tx, node, activity.document, proposal=place.proposal, heard_by=[kept.author_actor])
        await _note(tx, kept, activity, "reply-received")


async def receive_deletion(node: Node, activity: VerifiedActivity) -> None:
    """A note or a whole actor deleted by itself: emptied where we have it, remembered where it may still come."""
    gone = id_of(activity.document.get("object")) or ""
    now = activity.received_at
    async with node.store.write() as tx:
        if gone == activity.actor_id:
            found = await replies.of_author(tx, gone)
        else:
            record = await replies.find(tx, gone)
            found = (record,) if record is not None and record.author_actor == activity.actor_id else ()
        await _bury(node, tx, gone, activity.actor_id, now)
        for one in found:
            if one.state == "deleted":
                continue
            await replies.save(tx, emptied(one, now))
            proposal = await proposals.find(tx, one.proposal_id)
            if proposal is not None and proposal.origin == "own" and "proof" in activity.document:
                await post.relay(tx, node, activity, ordering_key=one.id)
                await containers.add(tx, node, activity.document, proposal=proposal, heard_by=[one.author_actor])
            await _note(tx, one, activity, "reply-deleted")


async def receive_removal(node: Node, activity: VerifiedActivity) -> None:
    """The body whose thread it is takes a reply out of it: out of our sight too, also when it comes first."""
    removed = id_of(activity.document.get("object")) or ""
    async with node.store.write() as tx:
        await _bury(node, tx, removed, activity.actor_id, activity.received_at)
        record = await replies.find(tx, removed)
        proposal = await proposals.find(tx, record.proposal_id) if record else None
        if record is None or proposal is None or proposal.deciding_actor != activity.actor_id:
            return
        if record.state == "shown":
            await replies.save(tx, replace(record, state="hidden"))
            await _note(tx, record, activity, "reply-hidden")


async def _is_heard(node: Node, activity: VerifiedActivity, target: str) -> bool:
    """Whether this sender's notes belong into threads here: into ours anybody's, into a peer's those it passes on."""
    if not target:
        return False
    async with node.store.read() as tx:
        place = await place_of(tx, target)
    if place is None or place.proposal.origin == "own":
        return True
    bringer = activity.announced_by or activity.actor_id
    return bringer == place.proposal.deciding_actor or await directory.may_relay(node.federation, bringer)


async def _is_in_our_thread(tx: Tx, note: Mapping[str, Any]) -> bool:
    thread = id_of(note.get("context")) or ""
    found = await proposals.find(tx, thread.removesuffix("/thread"))
    return found is not None and thread.endswith("/thread")


async def _read(tx: Tx, activity: VerifiedActivity, note: Mapping[str, Any], place: Place) -> ReplyRecord:
    content, note_id = note.get("content"), id_of(note)
    if not isinstance(content, str) or note_id is None:
        raise Refusal("reply-empty")
    speaker = await _speaker(tx, activity, note)
    known = await replies.find(tx, note_id)
    before = 0 if known else await replies.count_by(tx, place.proposal.id, activity.actor_id, speaker.did)
    code = hindrance(content, depth=place.depth, said_before=before, longest=LONGEST_HTML)
    if code is not None:
        raise Refusal(code)
    arrival = activity.received_at
    published = _moment(note.get("published"), arrival) or arrival
    return ReplyRecord(
        id=note_id,
        proposal_id=place.proposal.id,
        in_reply_to=place.in_reply_to,
        depth=place.depth,
        author_actor=activity.actor_id,
        author_name=speaker.name,
        author_did=speaker.did,
        origin="peer",
        content_html=safe_html(content),
        published_at=published,
        version_at=_moment(note.get("updated"), arrival) or published,
        version_digest=content_digest(note),
        received_at=activity.received_at,
    )


async def _speaker(tx: Tx, activity: VerifiedActivity, note: Mapping[str, Any]) -> Speaker:
    said = governance_of(note)
    if said.get("kind") == "reply":
        did, name = said.get("member"), said.get("name")
        if not isinstance(did, str) or not isinstance(name, str):
            raise Refusal("reply-forged")
        try:
            if eddsa_jcs_2022.proof_method(note).partition("#")[0] != did:
                raise Refusal("reply-forged")
            eddsa_jcs_2022.verify(note, key=public_key(did), now=None)
        except IdentityError as error:
            raise Refusal("reply-forged") from error
        return Speaker(name[:300], did)
    peer = await peers.find(tx, activity.actor_id)
    return Speaker((peer.name or peer.handle) if peer else activity.actor_id)


async def _with_state(tx: Tx, record: ReplyRecord, known: ReplyRecord | None, place: Place) -> ReplyRecord:
    """The reply as it stands after what was said about it before it came."""
    if await tombstones.stands(tx, record.id, record.author_actor):
        return emptied(record, record.version_at)
    is_removed = await tombstones.stands(tx, record.id, place.proposal.deciding_actor)
    state = "hidden" if is_removed or (known is not None and known.state == "hidden") else "shown"
    return replace(record, state=state)


def _version(record: ReplyRecord) -> tuple[datetime, str]:
    return record.version_at, record.version_digest


def _moment(value: object, arrival: datetime) -> datetime | None:
    """The moment a note states, moved back to its arrival when it lies ahead of it; None when it states none."""
    stated = read_time(value)
    return min(stated, arrival) if stated is not None else None


async def _bury(node: Node, tx: Tx, object_id: str, actor_id: str, now: datetime) -> None:
    patience = timedelta(days=node.federation.limits.out_of_order_days)
    await tombstones.bury(tx, object_id, actor_id, at=now, forget_before=now - patience)


async def _note(tx: Tx, record: ReplyRecord, activity: VerifiedActivity, event: str) -> None:
    content = {"proposal": record.proposal_id, "digest": record.version_digest}
    await events.append(
        tx, at=activity.received_at, actor=activity.actor_id, type=event, subject=record.id, content=content
    )
