"""Neighbours that go: they block us, move to another address, are deleted whole, or are found gone.

Called by node.inbound.neighbours and node.inbound.farewells, and by the job that asks who is gone.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from federation.errors import FetchFailure, FetchForbidden, NoAnswerYet
from federation.fetch import failures
from federation.fetch.documents import FetchBudget
from federation.peers import directory
from federation.receive.origins import host_of
from federation.vocabulary.reading import id_of, ids_of
from node.governance.refusals import Refusal
from node.outbound import post
from node.services.follows import keep_follow
from storage.community import tombstones
from storage.neighbours import follows, memberships, unreachable_hosts
from storage.records import FollowRecord
from storage.work import deliveries, events

if TYPE_CHECKING:
    from federation.receive.verify import VerifiedActivity
    from node.context import Node
    from storage.engine import Tx
    from storage.records import PeerRecord


GONE = frozenset({400, 403, 404, 410})
TIED = frozenset({"asked", "accepted", "suspended"})
MOST_ASKED = 3
"""Of the followers behind one inbox: each may take as long as a fetch may, and a job has but its lease."""


async def receive_block(node: Node, activity: VerifiedActivity) -> None:
    """An actor wants nothing more from us: it hears nothing, we stop reading it, and its Follow waits for its Undo."""
    if id_of(activity.document.get("object")) != node.body.actor_id:
        return
    async with node.store.write() as tx:
        is_undone = await tombstones.stands(tx, activity.id, activity.actor_id)
        await follows.save(
            tx,
            FollowRecord(
                id=activity.id,
                direction="in",
                actor_id=activity.actor_id,
                activity_id=activity.id,
                created_at=activity.received_at,
                state="rejected" if is_undone else "blocked",
            ),
        )
        await _stop_reading(tx, activity.actor_id)
        await _note(tx, activity, "blocked-by")


async def receive_end(node: Node, activity: VerifiedActivity) -> None:
    """An actor was deleted by itself: nothing goes there any more, and we stop reading it."""
    if id_of(activity.document.get("object")) != activity.actor_id:
        return
    async with node.store.write() as tx:
        if await follows.find(tx, "in", activity.actor_id) is not None:
            await follows.set_state(tx, "in", activity.actor_id, "rejected")
        await _stop_reading(tx, activity.actor_id)
        await _note(tx, activity, "actor-gone")


async def end_if_gone(node: Node, inbox: str) -> None:
    """None, after the followers behind an inbox that answered 410 were asked: those whose own ids do so too are let go.

    Three are asked for all of a shared inbox. Bodies that we belong with, or that asked, stay whatever they answer, and
    what could not be delivered to them is kept for the operators. Nothing changes if somebody does not answer: the next
    delivery that meets a 410 has them asked again. Only those of a host that was silent for a month are gone then too.
    """
    async with node.store.read() as tx:
        there, tied = await follows.behind(tx, inbox), await _tied(tx)
    there = tuple(actor_id for actor_id in there if actor_id not in tied)
    asked = there[:MOST_ASKED]
    try:
        gone = tuple([actor_id for actor_id in asked if await directory.is_gone(node.federation, actor_id)])
    except FetchFailure:
        if not await _is_host_gone(node, inbox):
            return
        gone = asked
    for actor_id in there if gone == asked else gone:
        await _let_go(node, actor_id, inbox)


async def _is_host_gone(node: Node, inbox: str) -> bool:
    """Whether a host took nothing for as long as deliveries are held, while others did: so it was not our own line."""
    host, patience = host_of(inbox), timedelta(days=node.settings.delivery_hold_days)
    async with node.store.read() as tx:
        silent = (await unreachable_hosts.find_all(tx, [host])).get(host)
        taken_at = await deliveries.last_sent_at(tx)
    is_old = silent is not None and silent.since + patience <= node.clock()
    return silent is not None and is_old and taken_at is not None and taken_at > silent.since


async def _let_go(node: Node, actor_id: str, inbox: str) -> None:
    async with node.store.write() as tx:
        found = await follows.find(tx, "in", actor_id)
        if found is None or found.state != "accepted" or actor_id in await _tied(tx):
            return
        await follows.set_state(tx, "in", actor_id, "rejected")
        await _stop_reading(tx, actor_id)
        await events.append(
            tx, at=node.clock(), actor=node.body.actor_id, type="actor-gone", subject=actor_id, content={"inbox": inbox}
        )


async def _tied(tx: Tx) -> frozenset[str]:
    """The actors of the bodies that we belong with, or that one of us asked."""
    ties = [*await memberships.list(tx, "above"), *await memberships.list(tx, "below")]
    return frozenset(tie.actor_id for tie in ties if tie.state in TIED)


async def receive_move(node: Node, activity: VerifiedActivity) -> None:
    """An actor lives elsewhere: if we follow it, we follow it there, once its new self names the old one (FEP-7628).

    Memberships and rolls are kept by DID and do not move; operators find the event. A stranger's move is nobody's
    business here, and nothing is fetched for it. Refusals: move-unproven.
    Raises NoAnswerYet while the new address does not answer.
    """
    old, new = activity.actor_id, id_of(activity.document.get("target"))
    if id_of(activity.document.get("object")) != old or new is None or new == old:
        raise Refusal("move-unproven")
    if not await _concerns_us(node, old):
        return
    target = await _new_self(node, old, new)
    if old not in ids_of(target.document.get("alsoKnownAs")):
        raise Refusal("move-unproven")
    async with node.store.write() as tx:
        followed, there = await follows.find(tx, "out", old), await follows.find(tx, "out", new)
        if followed is not None and followed.state == "accepted" and there is None:
            await keep_follow(tx, node, new, await post.follow(tx, node, new))
            await _stop_reading(tx, old)
        await _note(tx, activity, "actor-moved", target=new)


async def _new_self(node: Node, old: str, new: str) -> PeerRecord:
    """The actor at the new address, asked for now: anybody's, so the old one's server soon asks in vain no more."""
    by = host_of(old)
    if await failures.is_spent(node.federation, new, by):
        raise NoAnswerYet(f"too much that {by} named could not be had")
    try:
        budget = FetchBudget(node.federation.limits.fetch_budget_of_handler)
        return await directory.fetched_afresh(node.federation, new, budget=budget)
    except FetchFailure as failure:
        await failures.note(node.federation, new, by)
        if isinstance(failure, FetchForbidden) or failure.status in GONE:
            raise Refusal("move-unproven") from failure
        raise NoAnswerYet(f"the new address of {old} does not answer") from failure


async def _concerns_us(node: Node, actor_id: str) -> bool:
    async with node.store.read() as tx:
        follow = [await follows.find(tx, direction, actor_id) for direction in ("in", "out")]
        membership = [await memberships.find(tx, direction, actor_id) for direction in ("above", "below")]
    return any(tie is not None for tie in (*follow, *membership))


async def _stop_reading(tx: Tx, actor_id: str) -> None:
    if await follows.find(tx, "out", actor_id) is not None:
        await follows.set_state(tx, "out", actor_id, "rejected")


async def _note(tx: Tx, activity: VerifiedActivity, event: str, **content: str) -> None:
    await events.append(
        tx, at=activity.received_at, actor=activity.actor_id, type=event, subject=activity.id, content=content
    )
