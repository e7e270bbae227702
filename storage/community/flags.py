"""What people elsewhere asked our operators to look at.

Called by the flag service and by the operators' doors.
"""

from datetime import datetime

import sqlalchemy as sa

from storage import dialect, rows
from storage.engine import Tx
from storage.records import FlagRecord
from storage.tables import flags

ALL = rows.pick(flags, FlagRecord)


async def add(tx: Tx, record: FlagRecord) -> bool:
    """True if the flag is new, False (and nothing changed) if it was known."""
    return bool(await dialect.insert_new(tx, flags, [rows.values(record)], key=("id",)))


async def find(tx: Tx, flag_id: str) -> FlagRecord | None:
    """The flag of that id."""
    return await rows.find(tx, flags, FlagRecord, id=flag_id)


async def list(tx: Tx, *, state: str | None = None, limit: int = 50, offset: int = 0) -> tuple[FlagRecord, ...]:  # noqa: A001 (read as flags.list)
    """Flags in that state, or all of them; newest first."""
    statement = ALL if state is None else ALL.where(flags.c.state == state)
    newest_first = statement.order_by(flags.c.received_at.desc(), flags.c.id)
    return await rows.many(tx, newest_first.limit(limit).offset(offset), FlagRecord)


async def count_open(tx: Tx) -> int:
    """How many flags nobody dealt with yet."""
    return await rows.number(tx, sa.select(sa.func.count()).where(flags.c.state == "open"))


async def settle(tx: Tx, flag_id: str, *, by: str, at: datetime) -> None:
    """Mark a flag as dealt with; RowMissingError if there is none."""
    await rows.change(tx, flags, {"id": flag_id}, {"state": "settled", "settled_by": by, "settled_at": at})
