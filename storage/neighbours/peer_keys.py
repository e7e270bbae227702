"""Public keys of other actors, as last fetched.

Called by the verifier of incoming messages.
"""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from storage import dialect, rows
from storage.engine import Tx
from storage.records import PeerKeyRecord
from storage.tables import peer_keys


async def save(tx: Tx, record: PeerKeyRecord) -> None:
    """Store the key, new or fetched again."""
    await dialect.upsert(tx, peer_keys, rows.values(record), key=("key_id",))


async def find(tx: Tx, key_id: str) -> PeerKeyRecord | None:
    """The key of that id."""
    return await rows.one(tx, rows.pick(peer_keys, PeerKeyRecord).where(peer_keys.c.key_id == key_id), PeerKeyRecord)


async def of_actor(tx: Tx, actor_id: str) -> tuple[PeerKeyRecord, ...]:
    """All keys the actor is known by, those given up last of all and longest ago at the end."""
    theirs = rows.pick(peer_keys, PeerKeyRecord).where(peer_keys.c.actor_id == actor_id)
    last = (peer_keys.c.given_up_at.is_not(None), peer_keys.c.given_up_at.desc(), peer_keys.c.key_id)
    return await rows.many(tx, theirs.order_by(*last), PeerKeyRecord)


async def give_up(tx: Tx, key_ids: Collection[str], at: datetime) -> None:
    """Note that these keys are listed no more; nothing for those that are unknown or were given up before."""
    still_listed = sa.and_(peer_keys.c.key_id.in_(key_ids), peer_keys.c.given_up_at.is_(None))
    await tx.execute(sa.update(peer_keys).where(still_listed).values(given_up_at=at))


async def remove(tx: Tx, key_ids: Collection[str]) -> None:
    """Forget the keys; nothing for those that are unknown."""
    await tx.execute(sa.delete(peer_keys).where(peer_keys.c.key_id.in_(key_ids)))
