"""What an actor deleted or undid before it reached us, kept until nothing older can still arrive (P15).

Called by the services that hear farewells and by those that hear beginnings.
"""

from datetime import datetime

import sqlalchemy as sa

from storage import dialect
from storage.engine import Tx
from storage.tables import tombstones

STANDING = sa.select(tombstones.c.at).where(
    tombstones.c.id.in_((sa.bindparam("of"), sa.bindparam("by"))), tombstones.c.actor_id == sa.bindparam("by")
)


async def bury(tx: Tx, object_id: str, actor_id: str, *, at: datetime, forget_before: datetime) -> None:
    """Remember that this actor took the object back; whoever was buried before `forget_before` is forgotten."""
    await tx.execute(sa.delete(tombstones).where(tombstones.c.at < forget_before))
    row = {"id": object_id, "actor_id": actor_id, "at": at}
    await dialect.insert_new(tx, tombstones, [row], key=("id", "actor_id"))


async def stands(tx: Tx, object_id: str, actor_id: str) -> bool:
    """Whether this very actor took the object back, or deleted itself; what others say does not matter."""
    return (await tx.execute(STANDING, {"of": object_id, "by": actor_id})).first() is not None
