"""The people of this co-op.

Called by member services and by the freezing of rolls.
"""

from typing import Any

import sqlalchemy as sa

from storage import rows
from storage.engine import Tx
from storage.records import MemberRecord
from storage.tables import members

ALL = rows.pick(members, MemberRecord)
IS_ACTIVE = members.c.state == "active"


async def add(tx: Tx, record: MemberRecord) -> None:
    """Store a new member; IntegrityError if name or DID is taken."""
    await tx.execute(sa.insert(members).values(rows.values(record)))


async def update(tx: Tx, member_id: str, **changes: Any) -> None:
    """Change the named columns of a member; RowMissingError if there is none."""
    await rows.change(tx, members, {"id": member_id}, changes)


async def find(tx: Tx, member_id: str) -> MemberRecord | None:
    """The member of that id, active or not."""
    return await rows.find(tx, members, MemberRecord, id=member_id)


async def by_name(tx: Tx, name: str) -> MemberRecord | None:
    """The member who signs in with that name."""
    return await rows.find(tx, members, MemberRecord, name=name)


async def by_did(tx: Tx, did: str) -> MemberRecord | None:
    """The member who votes under that DID."""
    return await rows.find(tx, members, MemberRecord, did=did)


async def active(tx: Tx) -> tuple[MemberRecord, ...]:
    """All active members by name."""
    return await rows.many(tx, ALL.where(IS_ACTIVE).order_by(members.c.name), MemberRecord)


async def count(tx: Tx) -> int:
    """The number of active members."""
    return await rows.number(tx, sa.select(sa.func.count()).select_from(members).where(IS_ACTIVE))
