"""Which hosts an operator limited or blocked, and which names under them are heard all the same.

Called by the wire before it listens, fetches or sends, and by the operator's doors.
"""

import sqlalchemy as sa

from storage import dialect, rows
from storage.engine import Tx
from storage.records import PeerPolicyRecord
from storage.tables import peer_policies

ALL = rows.pick(peer_policies, PeerPolicyRecord).order_by(peer_policies.c.host)


async def save(tx: Tx, record: PeerPolicyRecord) -> None:
    """Store the policy in place of an earlier one of its host."""
    await dialect.upsert(tx, peer_policies, rows.values(record), key=("host",))


async def remove(tx: Tx, host: str) -> None:
    """Hear the host in full again."""
    await tx.execute(sa.delete(peer_policies).where(peer_policies.c.host == host))


async def all(tx: Tx) -> tuple[PeerPolicyRecord, ...]:  # noqa: A001 (read as peer_policies.all)
    """Every policy by host."""
    return await rows.many(tx, ALL, PeerPolicyRecord)
