"""What constituents reported upward, counted or not; of each body at most one per proposal is counted.

Called by assembly services, by roll-ups and by evidence.
"""

import sqlalchemy as sa

from storage import dialect, rows
from storage.engine import Tx
from storage.records import PositionRecord
from storage.tables import positions

ALL = rows.pick(positions, PositionRecord)


async def add(tx: Tx, record: PositionRecord) -> bool:
    """True if the position is new, False if its id was known; a second counted one of a body is an IntegrityError."""
    return bool(await dialect.insert_new(tx, positions, [rows.values(record)], key=("id",)))


async def find(tx: Tx, position_id: str) -> PositionRecord | None:
    """The position of that id, in any status."""
    return await rows.find(tx, positions, PositionRecord, id=position_id)


async def current(tx: Tx, proposal_id: str, body_did: str) -> PositionRecord | None:
    """The body's counted position."""
    is_current = sa.and_(
        positions.c.proposal_id == proposal_id, positions.c.body_did == body_did, positions.c.status == "counted"
    )
    return await rows.one(tx, ALL.where(is_current), PositionRecord)


async def for_proposal(tx: Tx, proposal_id: str) -> tuple[PositionRecord, ...]:
    """All positions of a proposal in any status, by body, then by sequence and receipt."""
    order = (positions.c.body_did, positions.c.seq, positions.c.received_at, positions.c.id)
    return await rows.many(tx, ALL.where(positions.c.proposal_id == proposal_id).order_by(*order), PositionRecord)


async def set_status(tx: Tx, position_id: str, status: str, *, reason: str | None = None) -> None:
    """Change the status of a position and say why; RowMissingError if there is none."""
    await rows.change(tx, positions, {"id": position_id}, {"status": status, "reason": reason})
