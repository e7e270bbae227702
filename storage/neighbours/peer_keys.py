"""Public keys of other actors, as last fetched.

Called by the verifier of incoming messages.
"""

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
    """All keys the actor is known by."""
    return await rows.many(
        tx, rows.pick(peer_keys, PeerKeyRecord).where(peer_keys.c.actor_id == actor_id), PeerKeyRecord
    )


async def remove(tx: Tx, key_id: str) -> None:
    """Forget the key; nothing if unknown."""
    await tx.execute(sa.delete(peer_keys).where(peer_keys.c.key_id == key_id))
