"""Hosts that did not take our deliveries last time, and when they are tried again.

Called by federation.peers.reachability.
"""

from collections.abc import Collection

import sqlalchemy as sa

from storage import dialect, rows
from storage.engine import Tx
from storage.records import UnreachableHostRecord
from storage.tables import unreachable_hosts

ALL = rows.pick(unreachable_hosts, UnreachableHostRecord)
NAMED = ALL.where(unreachable_hosts.c.host.in_(sa.bindparam("hosts", expanding=True)))


async def find_all(tx: Tx, hosts: Collection[str]) -> dict[str, UnreachableHostRecord]:
    """Those of the hosts that are unreachable, by host."""
    found = (await tx.execute(NAMED, {"hosts": [*hosts]})).mappings()
    return {row["host"]: UnreachableHostRecord(**row) for row in found}


async def list(tx: Tx) -> tuple[UnreachableHostRecord, ...]:  # noqa: A001 (read as unreachable_hosts.list)
    """All of them, longest first."""
    return await rows.many(tx, ALL.order_by(unreachable_hosts.c.since), UnreachableHostRecord)


async def save(tx: Tx, record: UnreachableHostRecord) -> None:
    """Store the host in place of what was known of it."""
    await dialect.upsert(tx, unreachable_hosts, rows.values(record), key=("host",))


async def remove(tx: Tx, hosts: Collection[str]) -> None:
    """Forget that these hosts were unreachable."""
    await tx.execute(sa.delete(unreachable_hosts).where(unreachable_hosts.c.host.in_(hosts)))
