"""Our key pairs: actor keys and members' keys, private halves sealed.

Called by the keyring and by enrolment.
"""

from datetime import datetime

import sqlalchemy as sa

from storage import rows
from storage.engine import Tx
from storage.records import KeyRecord
from storage.tables import keys


async def add(tx: Tx, record: KeyRecord) -> None:
    """Store a new key; IntegrityError if the id is taken."""
    await tx.execute(sa.insert(keys).values(rows.values(record)))


async def retire(tx: Tx, key_id: str, at: datetime) -> None:
    """Say when the key is no longer published; RowMissingError if there is none."""
    await rows.change(tx, keys, {"key_id": key_id}, {"retired_at": at})


async def find(tx: Tx, key_id: str) -> KeyRecord | None:
    """The key of that id, retired or not."""
    return await rows.one(tx, rows.pick(keys, KeyRecord).where(keys.c.key_id == key_id), KeyRecord)


async def for_owner(tx: Tx, owner: str) -> tuple[KeyRecord, ...]:
    """The owner's keys, retired ones too, oldest first."""
    statement = rows.pick(keys, KeyRecord).where(keys.c.owner == owner).order_by(keys.c.created_at, keys.c.key_id)
    return await rows.many(tx, statement, KeyRecord)
