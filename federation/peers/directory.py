"""Peers we know or come to know: their actor documents, read once and kept.

Called by fetch.keys, the node's services and inbound handlers, outside their transactions (these functions may fetch).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.errors import FetchFailure
from federation.fetch.actors import MAX_KEYS, FetchedActor, fetch_actor
from storage.neighbours import follows, memberships, peer_keys, peers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from federation.fetch.documents import FetchBudget
    from federation.ports import Federation
    from storage.engine import Tx
    from storage.records import PeerKeyRecord, PeerRecord


_GONE = 410
HEARD_IN = {"above": ("asked", "accepted", "suspended"), "below": ("accepted",)}


async def known(federation: Federation, actor_id: str) -> PeerRecord | None:
    """The peer's row, or None; never fetches."""
    async with federation.store.read() as tx:
        return await peers.find(tx, actor_id)


async def known_or_fetched(federation: Federation, actor_id: str, *, budget: FetchBudget | None = None) -> PeerRecord:
    """The peer's row, fetching and saving its actor document when it is not known; raises FetchFailure."""
    return await known(federation, actor_id) or await fetched_afresh(federation, actor_id, budget=budget)


async def fetched_afresh(federation: Federation, actor_id: str, *, budget: FetchBudget | None = None) -> PeerRecord:
    """The peer's row after fetching its actor document now; raises FetchFailure."""
    actor = await fetch_actor(federation.fetcher, actor_id, now=federation.clock(), budget=budget)
    await remember(federation, actor)
    return actor.peer


async def is_gone(federation: Federation, actor_id: str) -> bool:
    """Whether the actor's own address answers 410; if it answers with the actor, that is kept. Raises FetchFailure.

    What is raised is a failure that may pass: then nothing is known of the actor.
    """
    try:
        await fetched_afresh(federation, actor_id)
    except FetchFailure as failure:
        if failure.is_passing:
            raise
        return failure.status == _GONE
    return False


async def remember(federation: Federation, actor: FetchedActor, *, asked: str | None = None) -> None:
    """Save the peer's row and its keys, replacing what was known.

    `asked` is the key whose own address led to this actor. Of the others, those under the actor's id are its own, and
    the rest only while no other actor of its server has them: it could put its key in the place of a neighbour's.
    Raises FetchFailure `actor-stripped` for a document that lost its followers collection: some servers answer a
    request whose signature they do not understand with a bare actor and 200 (misskey#17706).
    """
    async with federation.store.write() as tx:
        earlier = await peers.find(tx, actor.peer.actor_id)
        if earlier is not None and "followers" in earlier.document and "followers" not in actor.peer.document:
            raise FetchFailure("actor-stripped", f"{actor.peer.actor_id} was served without its collections")
        await peers.save(tx, actor.peer)
        before = await peer_keys.of_actor(tx, actor.peer.actor_id)
        for key in actor.keys:
            if key.key_id == asked or await _is_its_own(tx, key):
                await peer_keys.save(tx, key)
        await _give_up(tx, before, actor)
    for earlier_key in before:  # a key may be another one under its old name
        federation.keys.drop(earlier_key.key_id)


async def _give_up(tx: Tx, before: Sequence[PeerKeyRecord], actor: FetchedActor) -> None:
    """What the actor does not list any more proves nothing new from now on; of such keys the last few are kept."""
    listed = {key.key_id for key in actor.keys}
    gone = [key.key_id for key in before if key.key_id not in listed]
    await peer_keys.give_up(tx, gone, actor.peer.fetched_at)
    await peer_keys.remove(tx, gone[MAX_KEYS:])


async def _is_its_own(tx: Tx, key: PeerKeyRecord) -> bool:
    if key.key_id.partition("#")[0] == key.actor_id:
        return True
    known = await peer_keys.find(tx, key.key_id)
    return known is None or known.actor_id == key.actor_id


async def may_relay(federation: Federation, actor_id: str) -> bool:
    """Whether we hear this actor: we follow it, it is a constituent, or an assembly we asked to join or belonged to.

    An assembly's first relays may overtake its answer to our application. Others relay nothing to us, and what they
    say of deciding is none of our business.
    """
    async with federation.store.read() as tx:
        return await is_heard(tx, actor_id)


async def is_heard(tx: Tx, actor_id: str) -> bool:
    """The same, in a transaction of the caller's."""
    followed = await follows.find(tx, "out", actor_id)
    if followed is not None and followed.state == "accepted":
        return True
    ties = {direction: await memberships.find(tx, direction, actor_id) for direction in HEARD_IN}
    return any(tie is not None and tie.state in HEARD_IN[direction] for direction, tie in ties.items())
