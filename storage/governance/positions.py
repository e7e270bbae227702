"""What constituents reported upward, counted or not; of each body at most one per proposal is counted.

Called by assembly services, by roll-ups and by evidence.
"""

import sqlalchemy as sa

from storage import dialect, rows
from storage.engine import Tx
from storage.records import PositionRecord
from storage.tables import positions

ALL = rows.pick(positions, PositionRecord)
IS_COUNTED = sa.text("status = 'counted'")


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


async def of_body(tx: Tx, proposal_id: str, body_did: str) -> tuple[PositionRecord, ...]:
    """All positions of one body on a proposal in any status, by sequence and receipt."""
    whose = positions.c.proposal_id == proposal_id, positions.c.body_did == body_did
    in_order = ALL.where(*whose).order_by(positions.c.seq, positions.c.received_at, positions.c.id)
    return await rows.many(tx, in_order, PositionRecord)


async def count_counted(tx: Tx, proposal_id: str) -> int:
    """How many bodies have a position on a proposal that counts."""
    counted = positions.c.proposal_id == proposal_id, IS_COUNTED
    return await rows.number(tx, sa.select(sa.func.count()).select_from(positions).where(*counted))


async def digests(tx: Tx, proposal_id: str, **where: str) -> dict[str, str]:
    """Ids and digests of the positions on a proposal whose columns have these values, by id."""
    named = sa.select(positions.c.id, positions.c.digest).where(positions.c.proposal_id == proposal_id)
    wanted = [positions.c[name] == value for name, value in where.items()]
    return {row.id: row.digest for row in await tx.execute(named.where(*wanted).order_by(positions.c.id))}


async def set_status(tx: Tx, position_id: str, status: str, *, reason: str | None = None) -> None:
    """Change the status of a position and say why; RowMissingError if there is none."""
    await rows.change(tx, positions, {"id": position_id}, {"status": status, "reason": reason})
