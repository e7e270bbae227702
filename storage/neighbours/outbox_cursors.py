"""How far the outboxes of other actors were read.

Called by the catch-up with a peer.
"""

from storage import dialect, rows
from storage.engine import Tx
from storage.records import OutboxCursorRecord
from storage.tables import outbox_cursors


async def save(tx: Tx, record: OutboxCursorRecord) -> None:
    """Store the cursor in place of an earlier one of its actor."""
    await dialect.upsert(tx, outbox_cursors, rows.values(record), key=("actor_id",))


async def find(tx: Tx, actor_id: str) -> OutboxCursorRecord | None:
    """How far that actor's outbox was read; None when it never was."""
    statement = rows.pick(outbox_cursors, OutboxCursorRecord).where(outbox_cursors.c.actor_id == actor_id)
    return await rows.one(tx, statement, OutboxCursorRecord)
