"""Reminders that a position is missing, sent by us to constituents and by assemblies to us.

Called by assembly services and by pages.
"""

import sqlalchemy as sa

from storage import dialect, rows
from storage.engine import Tx
from storage.records import ReminderRecord
from storage.tables import reminders

ALL = rows.pick(reminders, ReminderRecord)


async def add(tx: Tx, record: ReminderRecord) -> bool:
    """True if the body was not reminded at that percent of that call yet; False (and nothing kept) if it was."""
    key = ("proposal_id", "body_did", "call", "percent")
    return bool(await dialect.insert_new(tx, reminders, [rows.values(record)], key=key))


async def find(tx: Tx, reminder_id: str) -> ReminderRecord | None:
    """The reminder of that id."""
    return await rows.find(tx, reminders, ReminderRecord, id=reminder_id)


async def reminded(tx: Tx, proposal_id: str, *, call: int, percent: int) -> frozenset[str]:
    """The bodies that were reminded of the proposal at that percent of that call."""
    told = sa.and_(reminders.c.proposal_id == proposal_id, reminders.c.call == call, reminders.c.percent == percent)
    return frozenset((await tx.execute(sa.select(reminders.c.body_did).where(told))).scalars())


async def for_proposal(tx: Tx, proposal_id: str) -> tuple[ReminderRecord, ...]:
    """All reminders about a proposal, in the order in which they were given."""
    order = (reminders.c.reminded_at, reminders.c.body_did, reminders.c.percent)
    return await rows.many(tx, ALL.where(reminders.c.proposal_id == proposal_id).order_by(*order), ReminderRecord)
