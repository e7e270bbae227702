"""What nobody needs any more: where it lies, and how it is thrown away, a bounded batch at a time.

Called by the node's daily job; `tied_hosts` by the wire, which counts what all other hosts leave here.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.engine import Tx
from storage.records import ActorLookedAt, LookedAt
from storage.tables import (
    activities,
    deliveries,
    flags,
    follows,
    memberships,
    offers,
    opinions,
    peer_keys,
    peer_policies,
    peers,
    reliefs,
    replies,
    roll_entries,
    statutes,
)

KEPT_TYPES = ("Accept", "Block", "Delete", "Join", "Leave", "Move", "Reject", "Undo")
"""What ends, moves or ties something: it must never be heard a second time, however late somebody sends it again."""


def _is_stranger(actor: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Whether we have no tie with the actor and nothing of it stands here; each look goes by an index."""
    theirs = (
        sa.exists().where(follows.c.actor_id == actor, follows.c.direction.in_(("in", "out"))),
        sa.exists().where(memberships.c.actor_id == actor, memberships.c.direction.in_(("above", "below"))),
        sa.exists().where(replies.c.author_actor == actor),
        sa.exists().where(opinions.c.actor_id == actor),
        sa.exists().where(offers.c.owner_actor == actor),
    )
    return sa.and_(*(~one for one in theirs))


BRINGING_TYPES = ("Add", "Create", "Flag", "Remove", "Update")
"""What a handler passes over without a word where it is about nothing here."""

_WAS_IGNORED = sa.and_(activities.c.state == "dispatched", activities.c.reason == "ignored")
_WAS_PASSED_OVER = sa.and_(
    activities.c.state == "dispatched",
    activities.c.reason.is_(None),
    activities.c.type.in_(BRINGING_TYPES),
    _is_stranger(activities.c.actor_id),
    ~sa.exists().where(flags.c.id == activities.c.id),
)
_LEFT_NOTHING = sa.and_(
    activities.c.direction == "in",
    activities.c.type.not_in(KEPT_TYPES),
    sa.or_(activities.c.state == "refused", _WAS_IGNORED, _WAS_PASSED_OVER),
    ~sa.exists().where(deliveries.c.activity_id == activities.c.id),  # what we passed on is ours to prove
)

_ASSEMBLIES = sa.union(sa.select(statutes.c.assembly_actor), sa.select(reliefs.c.assembly_actor))
# Whatever is kept of an actor came by an activity of its own, and that is kept as well.
_IS_UNRELATED = sa.and_(
    _is_stranger(peers.c.actor_id),
    ~sa.exists().where(activities.c.actor_id == peers.c.actor_id),
    ~sa.exists().where(roll_entries.c.home == peers.c.actor_id),
    peers.c.actor_id.not_in(_ASSEMBLIES),
    peers.c.host.not_in(sa.select(peer_policies.c.host)),
)
_TIED = sa.union_all(
    sa.select(follows.c.actor_id).where(follows.c.direction == "out", follows.c.state.in_(("pending", "accepted"))),
    sa.select(memberships.c.actor_id).where(memberships.c.state != "rejected"),
    sa.select(roll_entries.c.home).where(roll_entries.c.home.is_not(None)),
)
_TIED_HOSTS = sa.select(peers.c.host).distinct().where(peers.c.actor_id.in_(_TIED))


async def tied_hosts(tx: Tx) -> frozenset[str]:
    """The hosts of those whom we follow, who belong together with us, or who have members on a roll of ours."""
    return frozenset((await tx.execute(_TIED_HOSTS)).scalars())


async def look_at(tx: Tx, *, after: int, limit: int) -> tuple[LookedAt, ...]:
    """The next activities above a position, ours too, and whether they left nothing; what they say is not asked."""
    columns = activities.c.position, activities.c.received_at, activities.c.actor_id, activities.c.source_actor
    looked = sa.select(*columns, _LEFT_NOTHING, activities.c.state == "dispatched", activities.c.reason.is_(None))
    found = await tx.execute(looked.where(activities.c.position > after).order_by(activities.c.position).limit(limit))
    return tuple(
        LookedAt(position, at, tuple(filter(None, (actor, bringer))), bool(left), bool(is_done and is_mute))
        for position, at, actor, bringer, left, is_done, is_mute in found
    )


async def texts(tx: Tx, positions: Collection[int]) -> dict[int, str]:
    """The bytes of the activities at these positions."""
    found = sa.select(activities.c.position, activities.c.raw).where(activities.c.position.in_(positions))
    return {row.position: row.raw for row in await tx.execute(found)}


async def throw_away(tx: Tx, positions: Collection[int]) -> int:
    """How many activities went; one that something was made of meanwhile stays."""
    gone = sa.delete(activities).where(activities.c.position.in_(positions), _LEFT_NOTHING)
    return (await tx.execute(gone)).rowcount


async def look_at_actors(tx: Tx, *, after: str, before: datetime, limit: int) -> tuple[ActorLookedAt, ...]:
    """The next actors by id, and whether they were fetched before then and have nothing to do with us."""
    looked = sa.select(peers.c.actor_id, sa.and_(peers.c.fetched_at < before, _IS_UNRELATED))
    found = await tx.execute(looked.where(peers.c.actor_id > after).order_by(peers.c.actor_id).limit(limit))
    return tuple(ActorLookedAt(actor_id, is_unrelated=bool(left)) for actor_id, left in found)


async def throw_actors_away(tx: Tx, actor_ids: Sequence[str], *, before: datetime) -> int:
    """How many of these actors went with their keys; one that was fetched or heard of meanwhile stays."""
    is_gone = sa.and_(peers.c.actor_id.in_(actor_ids), peers.c.fetched_at < before, _IS_UNRELATED)
    gone = (await tx.execute(sa.delete(peers).where(is_gone).returning(peers.c.actor_id))).scalars().all()
    await tx.execute(sa.delete(peer_keys).where(peer_keys.c.actor_id.in_(gone)))
    return len(gone)
