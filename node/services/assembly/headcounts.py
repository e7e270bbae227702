"""How many members a body has: told to the assemblies above, and kept of the bodies below until a statute takes it up.

Called where the number may have changed (members, statutes), by the assembly services, and by node.inbound.assemblies.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from federation.assembly.bylaws.applications import HeadCount, application, members_below, read_count
from federation.assembly.refusals import StatuteError
from federation.assembly.statute import read_statute
from federation.errors import NotYet
from federation.vocabulary.reading import id_of
from node.outbound import post
from storage.governance import statutes
from storage.house import members
from storage.neighbours import memberships
from storage.work import events

if TYPE_CHECKING:
    from federation.receive.verify import VerifiedActivity
    from node.context import Node
    from storage.engine import Tx
    from storage.records import MembershipRecord

LASTING = frozenset({"asked", "accepted", "suspended"})
"""Ties whose count is kept up to date."""


async def own_count(node: Node, tx: Tx) -> HeadCount | None:
    """The members of this co-op, or of all co-ops below this assembly, each once; None while that is not known."""
    if node.body.kind == "coop":
        return HeadCount(await members.count(tx), node.clock())
    known = {one.assembly_did: read_statute(one.document) for one in await statutes.all_latest(tx)}
    found = members_below(node.body.did, known) if node.body.did in known else None
    return HeadCount(found, node.clock()) if found else None


def stated(node: Node, count: HeadCount | None) -> dict[str, object]:
    """What we say of ourselves to an assembly."""
    return application(body=node.body.did, name=node.body.name, kind=node.body.kind, count=count)


async def report(node: Node, tx: Tx) -> None:
    """Tell every assembly above that heard another number last; nothing where the number is as it was."""
    above = [tie for tie in await memberships.list(tx, "above") if tie.state in LASTING]
    count = await own_count(node, tx) if above else None
    if count is None:
        return
    for tie in above:
        if tie.members != count.members:
            await post.update_join(tx, node, tie.activity_id, to=tie.actor_id, governance=stated(node, count))
            await _keep(tx, tie, count, by=node.body.actor_id, event="members-reported")


async def receive(node: Node, activity: VerifiedActivity) -> None:
    """A body that belongs to us, or asks to, counted its members again: kept, for the next statute to take up.

    Refusals: statute-members (no number). Raises NotYet while the Join it renews has not arrived.
    """
    count = read_count(activity.document)
    if count is None:
        raise StatuteError("statute-members", "no number of members")
    count = HeadCount(count.members, min(count.counted_at, activity.received_at))
    async with node.store.write() as tx:
        tie = await memberships.find(tx, "below", activity.actor_id)
        if tie is None or tie.activity_id != id_of(activity.document.get("object")):
            raise NotYet("the application that this count belongs to has not arrived")
        is_older = tie.members_at is not None and count.counted_at < tie.members_at
        if tie.state in LASTING and not is_older and tie.members != count.members:
            await _keep(tx, tie, count, by=activity.actor_id, event="constituent-counted")


async def _keep(tx: Tx, tie: MembershipRecord, count: HeadCount, *, by: str, event: str) -> None:
    await memberships.save(tx, replace(tie, members=count.members, members_at=count.counted_at))
    content = {"body": tie.did, "members": count.members, "before": tie.members}
    await events.append(tx, at=count.counted_at, actor=by, type=event, subject=tie.actor_id, content=content)
