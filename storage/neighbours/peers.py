"""Other actors as last fetched.

Called by the wire floor when it fetches actors, and by pages that name them.
"""

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from storage import dialect, rows
from storage.engine import Tx
from storage.records import PeerRecord
from storage.tables import follows, peers

ACTORS_OF_HOST = 4
ALL = rows.pick(peers, PeerRecord)
INBOXES = sa.select(peers.c.actor_id, sa.func.coalesce(peers.c.shared_inbox, peers.c.inbox)).where(
    peers.c.actor_id.in_(sa.bindparam("actors", expanding=True))
)

NAMES = sa.select(peers.c.actor_id, peers.c.name).where(
    peers.c.actor_id.in_(sa.bindparam("actors", expanding=True)), peers.c.name != ""
)
IS_FOLLOWED = sa.exists().where(follows.c.direction == "out", follows.c.actor_id == peers.c.actor_id)


async def save(tx: Tx, record: PeerRecord) -> None:
    """Store the actor, new or fetched again."""
    await dialect.upsert(tx, peers, rows.values(record), key=("actor_id",))


async def find(tx: Tx, actor_id: str) -> PeerRecord | None:
    """The actor of that id."""
    return await rows.find(tx, peers, PeerRecord, actor_id=actor_id)


async def inboxes(tx: Tx, actor_ids: Collection[str]) -> dict[str, str]:
    """Where to reach those of the actors that we know, by actor: the shared inbox where there is one."""
    found = await tx.execute(INBOXES, {"actors": [*actor_ids]})
    return {row.actor_id: row[1] for row in found}


async def by_did(tx: Tx, did: str) -> PeerRecord | None:
    """The actor of that DID, the last fetched if several claim it."""
    return await rows.one(tx, ALL.where(peers.c.did == did).order_by(peers.c.fetched_at.desc()).limit(1), PeerRecord)


async def on_hosts(tx: Tx, hosts: Sequence[str]) -> tuple[tuple[PeerRecord, ...], ...]:
    """For each of the hosts (`host` or `host:port`) the four of its actors that were fetched last."""
    newest = sa.func.row_number().over(partition_by=peers.c.host, order_by=peers.c.fetched_at.desc()).label("place")
    placed = sa.select(peers.c.actor_id, newest).where(peers.c.host.in_(set(hosts))).subquery()
    statement = ALL.join(placed, placed.c.actor_id == peers.c.actor_id).where(placed.c.place <= ACTORS_OF_HOST)
    found: dict[str, list[PeerRecord]] = {}
    for record in await rows.many(tx, statement.order_by(placed.c.place), PeerRecord):
        found.setdefault(record.host, []).append(record)
    return tuple(tuple(found.get(host, ())) for host in hosts)


async def bodies(tx: Tx) -> tuple[str, ...]:
    """The ids of all actors that are bodies like ours and understand whole announced activities."""
    found = await tx.execute(sa.select(peers.c.actor_id).where(peers.c.kind.in_(("coop", "assembly"))))
    return tuple(found.scalars())


async def names(tx: Tx, actor_ids: Collection[str]) -> dict[str, str]:
    """What those of the actors call themselves that we know and that have a name, by actor."""
    found = await tx.execute(NAMES, {"actors": [*actor_ids]})
    return {row.actor_id: row.name for row in found}


async def all(tx: Tx, *, limit: int) -> tuple[PeerRecord, ...]:  # noqa: A001 (read as peers.all)
    """Up to `limit` known actors: those that we follow, or asked to, by name, then all others."""
    order = (~IS_FOLLOWED, peers.c.name, peers.c.actor_id)
    return await rows.many(tx, ALL.order_by(*order).limit(limit), PeerRecord)
