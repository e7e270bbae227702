"""Moving: which addresses this body says it had before, and to which one it moved (FEP-7628).

Called by the doors, the command line and the actor door.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from federation.errors import FetchFailure
from federation.peers.directory import fetched_afresh
from federation.receive.origins import host_of, same_origin
from federation.vocabulary.actors import Addresses
from federation.vocabulary.reading import ids_of
from node.governance.refusals import Refusal
from node.outbound import post
from node.services.house.keys import ANNOUNCE
from storage.governance import proposals
from storage.house import body
from storage.neighbours import follows, memberships, peers
from storage.work import events, jobs

if TYPE_CHECKING:
    from node.context import Node
    from storage.engine import Store, Tx
    from storage.records import PeerRecord

FACT = "addresses"
MOST_EARLIER = 20
LONGEST = 2048


@dataclass(frozen=True, slots=True)
class Prospect:
    """A new address that names this body as its own, how many it would be told to, and what would stay behind."""

    name: str
    actor: str
    followers: int
    assemblies: tuple[str, ...]
    open_proposals: int


async def addresses_of(store: Store) -> Addresses:
    """What was written down last, in whichever process."""
    async with store.read() as tx:
        return await _read(tx)


async def add_earlier(node: Node, *, by: str, actor: str) -> Addresses:
    """The addresses, now with an actor this body says it was. Without it nobody believes that actor's Move to here.

    Saying it again changes nothing. Refusals: address-invalid, too-large (more than twenty).
    """
    _check(node, actor)
    async with node.store.write() as tx:
        known = await _read(tx)
        if actor in known.earlier:
            return known
        if len(known.earlier) >= MOST_EARLIER:
            raise Refusal("too-large")
        changed = replace(known, earlier=(*known.earlier, actor))
        await _write(tx, node, changed, by=by, event="address-earlier-added", actor=actor)
    return changed


async def remove_earlier(node: Node, *, by: str, actor: str) -> Addresses:
    """The addresses without an actor this body said it was. Refusals: not-found."""
    async with node.store.write() as tx:
        known = await _read(tx)
        if actor not in known.earlier:
            raise Refusal("not-found")
        changed = replace(known, earlier=tuple(one for one in known.earlier if one != actor))
        await _write(tx, node, changed, by=by, event="address-earlier-removed", actor=actor)
    return changed


async def prospect(node: Node, *, actor: str) -> Prospect:
    """What a move to that actor would come to; nothing changes. Refusals: those of `move`."""
    target = await _target(node, actor)
    async with node.store.read() as tx:
        followers = await follows.follower_ids(tx)
        ties = await memberships.list(tx, "above", "accepted")
        known = [await peers.find(tx, tie.actor_id) for tie in ties]
        running = await proposals.count_open(tx)
    names = tuple(peer.name or peer.actor_id for peer in known if peer is not None)
    return Prospect(target.name or actor, actor, len(followers), names, running)


async def move(node: Node, *, by: str, actor: str) -> Addresses:
    """The addresses, after everybody who follows was told that this body is that actor now; also a second time.

    Refusals: address-invalid, peer-unreachable, move-unproven (its `alsoKnownAs` does not name this body).
    """
    await _target(node, actor)
    async with node.store.write() as tx:
        changed = replace(await _read(tx), moved_to=actor)
        await post.move(tx, node, target=actor)
        await _write(tx, node, changed, by=by, event="body-moved", actor=actor)
    return changed


async def stay(node: Node, *, by: str) -> Addresses:
    """The addresses of a body that is here after all; nobody who followed it is called back. Refusals: state-wrong."""
    async with node.store.write() as tx:
        known = await _read(tx)
        if known.moved_to is None:
            raise Refusal("state-wrong")
        changed = replace(known, moved_to=None)
        await _write(tx, node, changed, by=by, event="body-stayed", actor=known.moved_to)
    return changed


async def _target(node: Node, actor: str) -> PeerRecord:
    _check(node, actor)
    try:
        target = await fetched_afresh(node.federation, actor)
    except FetchFailure as failure:
        raise Refusal("peer-unreachable") from failure
    if node.body.actor_id not in ids_of(target.document.get("alsoKnownAs")):
        raise Refusal("move-unproven")
    return target


def _check(node: Node, actor: str) -> None:
    if not host_of(actor) or len(actor) > LONGEST or same_origin(actor, node.origin):
        raise Refusal("address-invalid")


async def _read(tx: Tx) -> Addresses:
    known: dict[str, Any] = await body.get(tx, FACT, {})
    return Addresses(earlier=tuple(known.get("earlier", ())), moved_to=known.get("moved_to"))


async def _write(tx: Tx, node: Node, addresses: Addresses, *, by: str, event: str, actor: str) -> None:
    now = node.clock()
    await body.put(tx, FACT, {"earlier": list(addresses.earlier), "moved_to": addresses.moved_to})
    await events.append(tx, at=now, actor=by, type=event, subject=node.body.actor_id, content={"actor": actor})
    await jobs.enqueue(tx, ANNOUNCE, node.body.actor_id, now)
