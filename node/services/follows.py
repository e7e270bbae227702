"""Who hears what this body publishes, and catching up with those whom it hears.

Follows are called by node.inbound.follows; catching up by job rows, and by app when the node starts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from federation.errors import FetchFailure, Throttled
from federation.fetch.names import domain_of
from federation.peers.catch_up import NO_END, catch_up
from federation.peers.directory import known_or_fetched
from federation.peers.followers import last_said, listed_once
from federation.receive.origins import same_origin
from federation.vocabulary import followers
from federation.vocabulary.reading import first_type, id_of
from node.governance.refusals import Refusal
from node.outbound import post
from storage.community import tombstones
from storage.neighbours import follows, memberships, peers
from storage.records import FollowRecord
from storage.work import activities, events, jobs

if TYPE_CHECKING:
    from federation.receive.verify import VerifiedActivity
    from node.context import Node
    from storage.engine import Tx
    from storage.records import PeerRecord

CATCH_UP = "catch-up"
NEXT_RUN = timedelta(seconds=2)
"""Between two runs through one long outbox: others get their turn, and the peer a rest."""
ON_ITS_WAY = timedelta(seconds=1)
MOST_INBOXES_OF_DOMAIN = 1000
"""Everything published is a row and a request for each inbox; servers of many people have one inbox for all."""
SETTLED_AFTER = timedelta(hours=3)
"""Until a follow is as old as this, the two sides may not have heard the same of it yet."""


async def receive_follow(node: Node, activity: VerifiedActivity) -> None:
    """A follow of this body, granted at once: what it publishes is public. Refusals: not-found (meant for another).

    Rejected where we would have to send to yet another inbox of a domain that has too many.
    """
    if id_of(activity.document.get("object")) != node.body.actor_id:
        raise Refusal("not-found")
    peer = await known_or_fetched(node.federation, activity.actor_id)
    async with node.store.write() as tx:
        known = await follows.find(tx, "in", activity.actor_id)
        is_undone = await tombstones.stands(tx, activity.id, activity.actor_id)
        if is_undone or (known is not None and known.state == "blocked"):
            return
        if (known is None or known.state != "accepted") and await _is_one_too_many(tx, peer):
            await post.reject(tx, node, activity.id, to=activity.actor_id)
            return
        await follows.save(
            tx,
            FollowRecord(
                id=activity.id,
                direction="in",
                actor_id=activity.actor_id,
                activity_id=activity.id,
                created_at=activity.received_at,
                state="accepted",
            ),
        )
        await post.accept(tx, node, activity.id, to=activity.actor_id)
        await events.append(
            tx,
            at=activity.received_at,
            actor=activity.actor_id,
            type="follow-accepted",
            subject=activity.id,
            content={},
        )


async def _is_one_too_many(tx: Tx, peer: PeerRecord) -> bool:
    """Whether this follower would be one inbox more of its domain than we send to: whoever invents actors has many.

    A body that we belong with is never one too many.
    """
    ties = [await memberships.find(tx, way, peer.actor_id) for way in ("above", "below")]
    if any(tie is not None and tie.state == "accepted" for tie in ties):
        return False
    known = await follows.inboxes_under(tx, domain_of(peer.host), most=MOST_INBOXES_OF_DOMAIN)
    return len(known) == MOST_INBOXES_OF_DOMAIN and (peer.shared_inbox or peer.inbox) not in known


async def receive_undo(node: Node, activity: VerifiedActivity) -> None:
    """A follow or a block taken back, also when it comes before what it undoes; undoing anything else changes nothing.

    A second follow that was not undone stays in force, whichever of the two came first.
    """
    undone = id_of(activity.document.get("object"))
    earliest = activity.received_at - timedelta(days=node.federation.limits.out_of_order_days)
    async with node.store.write() as tx:
        if undone is not None:
            await tombstones.bury(tx, undone, activity.actor_id, at=activity.received_at, forget_before=earliest)
        found = await follows.find(tx, "in", activity.actor_id)
        if found is None or not await _is_meant(tx, node, activity, found):
            return
        other = await _other_follow(tx, activity.actor_id, earliest) if found.state == "accepted" and undone else None
        if other is not None:
            await follows.save(tx, replace(found, activity_id=other))
            return
        await follows.set_state(tx, "in", activity.actor_id, "rejected")
        await events.append(
            tx, at=activity.received_at, actor=activity.actor_id, type="follow-undone", subject=found.id, content={}
        )


async def _is_meant(tx: Tx, node: Node, activity: VerifiedActivity, found: FollowRecord) -> bool:
    """Whether an Undo takes this follow back: by its id, or written out whole by a peer that lost the id (FEP-8fcf).

    A Follow of another id may still be on its way, so one that we never saw stands for ours only when ours is too old
    for that.
    """
    named = activity.document.get("object")
    undone = id_of(named)
    if undone == found.activity_id:
        return True
    if not isinstance(named, Mapping) or first_type(named) != "Follow" or found.state != "accepted":
        return False
    if id_of(named.get("object")) != node.body.actor_id:
        return False
    if undone is None:
        return True
    patience = timedelta(days=node.federation.limits.out_of_order_days)
    is_old = found.created_at < activity.received_at - patience
    return is_old and not await activities.known(tx, [undone])


async def _other_follow(tx: Tx, actor_id: str, since: datetime) -> str | None:
    for follow_id in await activities.said(tx, actor_id, "Follow", since=since):
        if not await tombstones.stands(tx, follow_id, actor_id):
            return follow_id
    return None


async def compare_followers(node: Node, actor_id: str) -> None:
    """None, after what an actor says about its followers here was compared with whom we follow, and mended (FEP-8fcf).

    Its list is believed only if it is what its last word was about. Raises FetchFailure when it does not answer.
    """
    said = await last_said(node.federation, actor_id)
    async with node.store.read() as tx:
        actor, follow = await peers.find(tx, actor_id), await follows.find(tx, "out", actor_id)
    if (
        _is_settling(node, follow)
        or said is None
        or actor is None
        or said.collection != id_of(actor.document.get("followers"))
    ):
        return
    held = {node.body.actor_id} if follow is not None and follow.state == "accepted" else set()
    if said.digest == followers.followers_digest(held) or not same_origin(said.url, actor_id):
        return
    node.federation.count("followers", "differ")
    listed = await listed_once(node.federation, said.url, by=actor_id)
    if listed is not None and followers.followers_digest(listed) == said.digest:
        await _mend_follow(node, actor_id, is_listed=node.body.actor_id in listed)


def _is_settling(node: Node, follow: FollowRecord | None) -> bool:
    """Whether the other side may have spoken before it heard of this follow, or we before we heard its answer."""
    return follow is not None and node.clock() - follow.created_at < SETTLED_AFTER


async def _mend_follow(node: Node, actor_id: str, *, is_listed: bool) -> None:
    """Our follow of the actor as both sides have it; nothing while an application to it is under way.

    Bodies that belong together go on hearing each other; else its word holds, or ours that we do not listen.
    """
    async with node.store.write() as tx:
        follow = await follows.find(tx, "out", actor_id)
        ties = [await memberships.find(tx, way, actor_id) for way in ("above", "below")]
        tie = next((tie for tie in ties if tie is not None and tie.state == "accepted"), None)
        is_held = follow is not None and follow.state == "accepted"
        if (
            is_held == is_listed
            or _is_settling(node, follow)
            or any(tie is not None and tie.state == "asked" for tie in ties)
        ):
            return
        if tie is not None:
            await keep_follow(
                tx, node, actor_id, tie.activity_id if is_listed else await post.follow(tx, node, actor_id)
            )
        elif is_listed:
            await post.unfollow(tx, node, actor_id, follow_id=follow.activity_id if follow is not None else None)
        else:
            await follows.set_state(tx, "out", actor_id, "rejected")
        content = {"listed": is_listed, "tied": tie is not None}
        await events.append(
            tx, at=node.clock(), actor=node.body.actor_id, type="follow-mended", subject=actor_id, content=content
        )


async def keep_follow(tx: Tx, node: Node, actor_id: str, follow_id: str) -> None:
    """Count us among the actor's followers from now on, and read what it said before."""
    now = node.clock()
    record = FollowRecord(
        id=follow_id, direction="out", actor_id=actor_id, activity_id=follow_id, created_at=now, state="accepted"
    )
    await follows.save(tx, record)
    await jobs.enqueue(tx, CATCH_UP, actor_id, now + ON_ITS_WAY)


async def catch_up_all(node: Node) -> None:
    """Nothing, after a run with everybody we follow was asked for; repeating it is harmless."""
    now = node.clock()
    async with node.store.write() as tx:
        await jobs.enqueue_all(tx, CATCH_UP, [follow.actor_id for follow in await follows.following(tx)], now)


async def catch_up_for(node: Node, activity_id: str) -> None:
    """Read again what the bringer of this activity said, since something the activity builds on has not arrived.

    Nothing happens in its first moments, when the missing piece is most likely on its way, nor for strangers.
    """
    now = node.clock()
    async with node.store.write() as tx:
        activity = await activities.find(tx, activity_id)
        if activity is None or now - activity.received_at < ON_ITS_WAY:
            return
        bringer = await follows.find(tx, "out", activity.source_actor or activity.actor_id)
        if bringer is not None and bringer.state == "accepted":
            await jobs.enqueue(tx, CATCH_UP, bringer.actor_id, now)


async def endless(tx: Tx) -> frozenset[str]:
    """Those whom we follow and whose outbox may have no end, so that it is read slowly for now; for the operator."""
    return await jobs.saying(tx, CATCH_UP, NO_END)


async def catch_up_with(node: Node, actor_id: str) -> datetime | None:
    """When to read this actor's outbox again, after one run through it; None when we do not follow it any more.

    A peer that does not answer is asked again at the next turn. Raises NotYet when its outbox may have no end.
    """
    async with node.store.read() as tx:
        follow = await follows.find(tx, "out", actor_id)
    if follow is None or follow.state != "accepted":
        return None
    try:
        is_read = await catch_up(node.federation, actor_id)
    except Throttled as busy:
        return node.clock() + timedelta(seconds=busy.retry_after_seconds)
    except FetchFailure as failure:
        node.metrics.count_wire("catch-up", failure.code)
        return _next_turn(node)
    return _next_turn(node) if is_read else node.clock() + NEXT_RUN


def _next_turn(node: Node) -> datetime:
    # Spread by a quarter, or the peers of a node that started would all be asked in the same second for ever.
    period = node.settings.catch_up_seconds
    spread = node.federation.random(max(1, round(period * 250)))
    return node.clock() + timedelta(seconds=period, milliseconds=spread)
