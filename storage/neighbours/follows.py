"""Who hears us and whom we hear.

Called by joining, by the audience of deliveries and by the followers door.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from storage import dialect, rows
from storage.engine import Tx
from storage.records import FollowRecord
from storage.tables import follows, peers

ALL = rows.pick(follows, FollowRecord)
IS_FOLLOWER = sa.and_(follows.c.direction == "in", follows.c.state == "accepted")
OLDEST_FIRST = (follows.c.created_at, follows.c.actor_id)
KNOWN = follows.join(peers, follows.c.actor_id == peers.c.actor_id)
REACHED_AT = sa.func.coalesce(peers.c.shared_inbox, peers.c.inbox)
INBOXES = sa.select(follows.c.actor_id, REACHED_AT).select_from(KNOWN).where(IS_FOLLOWER).order_by(*OLDEST_FIRST)
AT_HOSTS = (
    sa.select(peers.c.host, follows.c.actor_id)
    .select_from(KNOWN)
    .where(peers.c.host.in_(sa.bindparam("hosts", expanding=True)), IS_FOLLOWER)
    .order_by(follows.c.actor_id)
)

BEHIND = INBOXES.where(sa.bindparam("inbox") == REACHED_AT)


async def save(tx: Tx, record: FollowRecord) -> None:
    """Store the follow; a second one of that direction and actor replaces the first."""
    await dialect.upsert(tx, follows, rows.values(record), key=("direction", "actor_id"))


async def set_state(tx: Tx, direction: str, actor_id: str, state: str) -> None:
    """Change the state of a follow; RowMissingError if there is none."""
    await rows.change(tx, follows, {"direction": direction, "actor_id": actor_id}, {"state": state})


async def find(tx: Tx, direction: str, actor_id: str) -> FollowRecord | None:
    """The follow of that direction and actor, in any state."""
    statement = ALL.where(follows.c.direction == direction, follows.c.actor_id == actor_id)
    return await rows.one(tx, statement, FollowRecord)


async def by_activity(tx: Tx, activity_id: str) -> FollowRecord | None:
    """The follow that this Follow activity asked for."""
    return await rows.find(tx, follows, FollowRecord, activity_id=activity_id)


async def followers(tx: Tx) -> tuple[FollowRecord, ...]:
    """Accepted followers of ours, oldest first."""
    return await _accepted(tx, "in")


async def follower_ids(tx: Tx) -> tuple[str, ...]:
    """The actors of accepted followers, oldest first."""
    accepted = sa.select(follows.c.actor_id).where(IS_FOLLOWER).order_by(*OLDEST_FIRST)
    return tuple((await tx.execute(accepted)).scalars())


async def inboxes(tx: Tx) -> dict[str, str]:
    """Where to reach accepted followers, by actor, oldest first: the shared inbox where there is one.

    Those whose actor is not known are left out.
    """
    return {row.actor_id: row[1] for row in await tx.execute(INBOXES)}


async def behind(tx: Tx, inbox: str) -> tuple[str, ...]:
    """The accepted followers that are reached at that inbox, oldest first."""
    return tuple((await tx.execute(BEHIND, {"inbox": inbox})).scalars())


async def inboxes_under(tx: Tx, domain: str, *, most: int) -> frozenset[str]:
    """Up to `most` inboxes of the accepted followers whose host is that domain or lies under it.

    Empty while there are fewer followers than that altogether, which is quicker to see.
    """
    enough = sa.select(follows.c.id).where(IS_FOLLOWER).limit(1).offset(most - 1)
    if (await tx.execute(enough)).first() is None:
        return frozenset()
    is_there = sa.or_(peers.c.host == domain, peers.c.host.endswith(f".{domain}", autoescape=True))
    found = sa.select(REACHED_AT).select_from(KNOWN).where(IS_FOLLOWER, is_there).distinct().limit(most)
    return frozenset((await tx.execute(found)).scalars())


async def follower_ids_at(tx: Tx, hosts: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """For each of the hosts the accepted followers that live there, as far as their actors are known, by id."""
    found: dict[str, list[str]] = {}
    for row in await tx.execute(AT_HOSTS, {"hosts": [*set(hosts)]}):
        found.setdefault(row.host, []).append(row.actor_id)
    return tuple(tuple(found.get(host, ())) for host in hosts)


async def find_outward(tx: Tx, actor_ids: Sequence[str]) -> tuple[FollowRecord | None, ...]:
    """For each of the actors our follow of it, in any state."""
    statement = ALL.where(follows.c.direction == "out", follows.c.actor_id.in_(set(actor_ids)))
    found = {record.actor_id: record for record in await rows.many(tx, statement, FollowRecord)}
    return tuple(found.get(actor_id) for actor_id in actor_ids)


async def following(tx: Tx) -> tuple[FollowRecord, ...]:
    """Those who accepted that we follow them, oldest first."""
    return await _accepted(tx, "out")


async def _accepted(tx: Tx, direction: str) -> tuple[FollowRecord, ...]:
    statement = ALL.where(follows.c.direction == direction, follows.c.state == "accepted")
    return await rows.many(tx, statement.order_by(*OLDEST_FIRST), FollowRecord)
