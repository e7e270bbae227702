"""Ties between bodies: assemblies above us, constituents and applicants below.

Called by the assembly services and by relays.
"""

from datetime import datetime

from storage import dialect, rows
from storage.engine import Tx
from storage.records import MembershipRecord
from storage.tables import memberships

ALL = rows.pick(memberships, MembershipRecord)


async def save(tx: Tx, record: MembershipRecord) -> None:
    """Store the tie; a second one of that direction and actor replaces the first."""
    await dialect.upsert(tx, memberships, rows.values(record), key=("direction", "actor_id"))


async def find(tx: Tx, direction: str, actor_id: str) -> MembershipRecord | None:
    """The tie of that direction and actor, in any state."""
    statement = ALL.where(memberships.c.direction == direction, memberships.c.actor_id == actor_id)
    return await rows.one(tx, statement, MembershipRecord)


async def by_activity(tx: Tx, activity_id: str) -> MembershipRecord | None:
    """The tie that this Join activity asked for."""
    return await rows.find(tx, memberships, MembershipRecord, activity_id=activity_id)


async def list(tx: Tx, direction: str, state: str | None = None) -> tuple[MembershipRecord, ...]:  # noqa: A001 (read as memberships.list)
    """The ties of that direction, in that state or in any, oldest first."""
    statement = ALL.where(memberships.c.direction == direction)
    if state is not None:
        statement = statement.where(memberships.c.state == state)
    return await rows.many(tx, statement.order_by(memberships.c.created_at, memberships.c.actor_id), MembershipRecord)


async def set_state(
    tx: Tx, direction: str, actor_id: str, state: str, *, decided_at: datetime, weight: int | None = None
) -> None:
    """Change the state of a tie, and its weight if one is given; RowMissingError if there is none."""
    weighing = {} if weight is None else {"weight": weight}
    changes = {"state": state, "decided_at": decided_at, **weighing}
    await rows.change(tx, memberships, {"direction": direction, "actor_id": actor_id}, changes)
