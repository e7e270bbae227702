"""Reminders that a position is missing, sent by us to constituents and by assemblies to us.

Called by assembly services and by pages.
"""

from storage import dialect, rows
from storage.engine import Tx
from storage.records import ReminderRecord
from storage.tables import reminders

ALL = rows.pick(reminders, ReminderRecord)


async def add(tx: Tx, record: ReminderRecord) -> bool:
    """True if the body was not reminded at that percent yet; False (and nothing kept) if it was."""
    key = ("proposal_id", "body_did", "percent")
    return bool(await dialect.insert_new(tx, reminders, [rows.values(record)], key=key))


async def find(tx: Tx, reminder_id: str) -> ReminderRecord | None:
    """The reminder of that id."""
    return await rows.one(tx, ALL.where(reminders.c.id == reminder_id), ReminderRecord)


async def for_proposal(tx: Tx, proposal_id: str) -> tuple[ReminderRecord, ...]:
    """All reminders about a proposal, in the order in which they were given."""
    order = (reminders.c.reminded_at, reminders.c.body_did, reminders.c.percent)
    return await rows.many(tx, ALL.where(reminders.c.proposal_id == proposal_id).order_by(*order), ReminderRecord)
