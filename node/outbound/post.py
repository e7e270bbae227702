"""Activities of this body into the outbox and onto the delivery rows, in the caller's transaction; called by services.

Each function finds the audience, wraps the object and publishes; nothing is sent before the transaction commits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from federation import authoring
from federation.deliver.audience import actor_inboxes, follower_inboxes
from federation.deliver.enqueue import publish
from federation.peers.policy import Policy
from federation.vocabulary import activities
from federation.vocabulary.reading import first_type, id_of, object_of
from federation.vocabulary.terms import PUBLIC
from storage.neighbours import peers

if TYPE_CHECKING:
    from federation.receive.verify import VerifiedActivity
    from federation.vocabulary.activities import Envelope
    from node.context import Node
    from storage.engine import Tx

Document = Mapping[str, Any]
SHOWN_EVERYWHERE = frozenset({"Note", "Question"})


async def create(tx: Tx, node: Node, document: Document, *, ordering_key: str, to: Sequence[str] = ()) -> Document:
    """Create{document} to everybody who follows, and to the named actors; the activity."""
    return await _to_followers(tx, node, activities.create(_public(node, to), document), ordering_key, to)


async def update(tx: Tx, node: Node, document: Document, *, ordering_key: str, inboxes: Sequence[str] = ()) -> Document:
    """Update{document} to everybody who follows, and into further inboxes without naming whose they are; as said."""
    about = activities.update(_public(node), document)
    inboxes = [*await follower_inboxes(tx, node.federation), *inboxes]
    return await publish(tx, node.federation, about, inboxes=inboxes, ordering_key=ordering_key, is_public=True)


async def delete(tx: Tx, node: Node, object_id: str, *, inboxes: Sequence[str] = ()) -> Document:
    """Delete{Tombstone} of an own object to everybody who follows, and into further inboxes; the activity."""
    inboxes = [*await follower_inboxes(tx, node.federation), *inboxes]
    about = activities.delete(_public(node, ()), object_id)
    return await publish(tx, node.federation, about, inboxes=inboxes, ordering_key=object_id, is_public=True)


async def add(
    tx: Tx, node: Node, about: Document | str, *, target: Document, to: Sequence[str], ordering_key: str
) -> None:
    """Add{activity to a collection of ours} to the named actors; it is read there, and not in the outbox."""
    added = activities.add(_public(node, to), about, target=target)
    inboxes = await actor_inboxes(tx, to)
    await publish(tx, node.federation, added, inboxes=inboxes, ordering_key=ordering_key, is_public=False)


async def remove(tx: Tx, node: Node, object_id: str, *, target: str) -> None:
    """Remove{object from a collection of ours} to everybody who follows."""
    about = activities.remove(_public(node), object_id, target=target)
    await _to_followers(tx, node, about, object_id, ())


async def inboxes_of(tx: Tx, actors: Sequence[str]) -> list[str]:
    """Where these actors are reached, as far as we know them."""
    return await actor_inboxes(tx, actors)


async def create_for(tx: Tx, node: Node, document: Document, *, ordering_key: str, to: Sequence[str]) -> str:
    """Create{document} to the named actors only; the activity's id."""
    return await _to_actors(tx, node, activities.create(_private(node, to), document), ordering_key, to)


async def relay(tx: Tx, node: Node, activity: VerifiedActivity, *, ordering_key: str) -> None:
    """Announce{activity}, byte for byte as received, to all followers but author and bringer (FEP-1b12).

    An assembly keeps it in its outbox even when nobody is left to tell: whoever joins later reads it there. What a
    server without groups can show is announced to such followers by its id as well; without a proof of its own nobody
    could believe the copy, so that is then all that is passed on. What a limited host wrote or brought is not.
    """
    if [actor for actor in _came_from(activity) if await node.federation.policies.of(actor) is not Policy.ALLOW]:
        return
    came_from = _came_from(activity)
    if "proof" in activity.document:
        inboxes = await follower_inboxes(tx, node.federation, but=came_from)
        if inboxes or node.body.kind == "assembly":
            await _announce(tx, node, activity.document, inboxes, ordering_key, verbatim=activity.raw)
    shown = id_of(activity.document.get("object")) if is_for_everybody(activity) else None
    if shown is None:
        return
    told = await peers.bodies(tx) if "proof" in activity.document else ()
    inboxes = await follower_inboxes(tx, node.federation, but=[*came_from, *told])
    if inboxes:
        await _announce(tx, node, shown, inboxes, ordering_key)


def is_for_everybody(activity: VerifiedActivity) -> bool:
    """Whether servers that know no groups would show what this activity brings, once they are told its id."""
    return activity.type == "Create" and first_type(object_of(activity.document)) in SHOWN_EVERYWHERE


async def _announce(
    tx: Tx,
    node: Node,
    about: Document | str,
    inboxes: Sequence[str],
    ordering_key: str,
    *,
    verbatim: str | None = None,
) -> None:
    announced = activities.announce(_public(node), about)
    await publish(
        tx, node.federation, announced,
        inboxes=inboxes, ordering_key=ordering_key, is_public=True, verbatim=verbatim,
    )  # fmt: skip


async def accept(tx: Tx, node: Node, about: str, *, to: str, governance: Document | None = None) -> str:
    """Accept of a peer's activity, to its actor only; the activity's id."""
    return await _to_actors(
        tx, node, activities.accept(_private(node, [to]), about, governance=governance), about, [to]
    )


async def reject(tx: Tx, node: Node, about: str, *, to: str, governance: Document | None = None) -> str:
    """Reject of a peer's activity, to its actor only; the activity's id."""
    return await _to_actors(
        tx, node, activities.reject(_private(node, [to]), about, governance=governance), about, [to]
    )


async def join(tx: Tx, node: Node, assembly: str, *, governance: Document) -> str:
    """Join{assembly}, to the assembly only; the activity's id."""
    envelope = _private(node, [assembly])
    return await _to_actors(tx, node, activities.join(envelope, assembly, governance=governance), assembly, [assembly])


async def update_join(tx: Tx, node: Node, about: str, *, to: str, governance: Document) -> str:
    """Update{a Join of ours}, to its assembly only and behind the Join itself; the activity's id."""
    return await _to_actors(tx, node, activities.update(_private(node, [to]), about, governance=governance), to, [to])


async def follow(tx: Tx, node: Node, actor: str) -> str:
    """Follow{actor}, to that actor only; the activity's id."""
    return await _to_actors(tx, node, activities.follow(_private(node, [actor]), actor), actor, [actor])


async def move(tx: Tx, node: Node, *, target: str) -> None:
    """Move of this body to another actor, to everybody who follows."""
    actor = node.body.actor_id
    await _to_followers(tx, node, activities.move(_public(node), actor, target=target), actor, ())


async def flag(tx: Tx, node: Node, about: Sequence[str], content: str, *, to: str) -> str:
    """Flag of what an actor said, to that actor's home only; the activity's id."""
    return await _to_actors(tx, node, activities.flag(_private(node, [to]), about, content), to, [to])


async def unfollow(tx: Tx, node: Node, actor: str, *, follow_id: str | None) -> str:
    """Undo{Follow} to an actor that counts us as a follower; without an id, of whatever Follow it has; the id.

    Such a Follow is written out whole: the actor that lists us may know it under another id, or under none.
    """
    taken_back = {"id": follow_id, "type": "Follow", "actor": node.body.actor_id, "object": actor}
    about = {name: value for name, value in taken_back.items() if value is not None}
    return await _to_actors(tx, node, activities.undo(_private(node, [actor]), about), actor, [actor])


async def leave(tx: Tx, node: Node, assembly: str) -> str:
    """Leave{assembly}, to the assembly only; the activity's id."""
    return await _to_actors(tx, node, activities.leave(_private(node, [assembly]), assembly), assembly, [assembly])


def _public(node: Node, to: Sequence[str] = ()) -> Envelope:
    followers = authoring.followers_id(node.federation)
    return authoring.envelope(node.federation, to=[PUBLIC, *to], cc=[followers])


def _private(node: Node, to: Sequence[str]) -> Envelope:
    return authoring.envelope(node.federation, to=to)


def _came_from(activity: VerifiedActivity) -> list[str]:
    return [activity.actor_id, activity.announced_by] if activity.announced_by else [activity.actor_id]


async def _to_followers(tx: Tx, node: Node, activity: dict[str, Any], ordering_key: str, to: Sequence[str]) -> Document:
    inboxes = await follower_inboxes(tx, node.federation)
    inboxes += [inbox for inbox in await actor_inboxes(tx, to) if inbox not in inboxes]
    return await publish(tx, node.federation, activity, inboxes=inboxes, ordering_key=ordering_key, is_public=True)


async def _to_actors(tx: Tx, node: Node, activity: dict[str, Any], ordering_key: str, to: Sequence[str]) -> str:
    inboxes = await actor_inboxes(tx, to)
    await publish(tx, node.federation, activity, inboxes=inboxes, ordering_key=ordering_key, is_public=False)
    return str(activity["id"])
