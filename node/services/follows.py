"""Who hears what this body publishes, and catching up with those whom it hears.

Follows are called by node.inbound.follows; catching up by job rows, and by app when the node starts.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from federation.errors import FetchFailure, Throttled
from federation.peers.catch_up import catch_up
from federation.peers.directory import known_or_fetched
from federation.vocabulary.reading import id_of
from node.governance.refusals import Refusal
from node.outbound import post
from storage.community import tombstones
from storage.neighbours import follows
from storage.records import FollowRecord
from storage.work import activities, events, jobs

if TYPE_CHECKING:
    from federation.receive.verify import VerifiedActivity
    from node.context import Node
    from storage.engine import Tx

CATCH_UP = "catch-up"
NEXT_RUN = timedelta(seconds=2)
"""Between two runs through one long outbox: others get their turn, and the peer a rest."""
ON_ITS_WAY = timedelta(seconds=1)


async def receive_follow(node: Node, activity: VerifiedActivity) -> None:
    """A follow of this body, granted at once: what it publishes is public. Refusals: not-found (meant for another)."""
    if id_of(activity.document.get("object")) != node.body.actor_id:
        raise Refusal("not-found")
    await known_or_fetched(node.federation, activity.actor_id)
    async with node.store.write() as tx:
        known = await follows.find(tx, "in", activity.actor_id)
        is_undone = await tombstones.stands(tx, activity.id, activity.actor_id)
        if is_undone or (known is not None and known.state == "blocked"):
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
    node.wake()


async def receive_undo(node: Node, activity: VerifiedActivity) -> None:
    """A follow or a block taken back, also when it comes before what it undoes; undoing anything else changes nothing.

    A second follow that was not undone stays in force, whichever of the two came first.
    """
    undone = id_of(activity.document.get("object")) or ""
    earliest = activity.received_at - timedelta(days=node.federation.limits.out_of_order_days)
    async with node.store.write() as tx:
        await tombstones.bury(tx, undone, activity.actor_id, at=activity.received_at, forget_before=earliest)
        found = await follows.find(tx, "in", activity.actor_id)
        if found is None or found.activity_id != undone:
            return
        other = await _other_follow(tx, activity.actor_id, earliest) if found.state == "accepted" else None
        if other is not None:
            await follows.save(tx, replace(found, activity_id=other))
            return
        await follows.set_state(tx, "in", activity.actor_id, "rejected")
        await events.append(
            tx, at=activity.received_at, actor=activity.actor_id, type="follow-undone", subject=found.id, content={}
        )


async def _other_follow(tx: Tx, actor_id: str, since: datetime) -> str | None:
    for follow_id in await activities.said(tx, actor_id, "Follow", since=since):
        if not await tombstones.stands(tx, follow_id, actor_id):
            return follow_id
    return None


async def catch_up_all(node: Node) -> None:
    """Nothing, after a run with everybody we follow was asked for; repeating it is harmless."""
    now = node.clock()
    async with node.store.write() as tx:
        for follow in await follows.following(tx):
            await jobs.enqueue(tx, CATCH_UP, follow.actor_id, now)
    node.wake()


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


async def catch_up_with(node: Node, actor_id: str) -> datetime | None:
    """When to read this actor's outbox again, after one run through it; None when we do not follow it any more.

    A peer that does not answer is asked again at the next turn.
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
