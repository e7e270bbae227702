"""Reliefs and the logs of their signed documents: every document once, none ever changed.

Called by relief services, by doors and by pages.
"""

from storage import dialect, rows
from storage.engine import Tx
from storage.records import ReliefEntryRecord, ReliefRecord
from storage.tables import relief_entries, reliefs

ALL = rows.pick(reliefs, ReliefRecord)
ENTRIES = rows.pick(relief_entries, ReliefEntryRecord)


async def add(tx: Tx, record: ReliefRecord) -> bool:
    """True if the relief is new, False (and nothing kept) if its id is known."""
    return bool(await dialect.insert_new(tx, reliefs, [rows.values(record)], key=("id",)))


async def find(tx: Tx, relief_id: str) -> ReliefRecord | None:
    """The relief of that id."""
    return await rows.find(tx, reliefs, ReliefRecord, id=relief_id)


async def of_survey(tx: Tx, proposal_id: str) -> ReliefRecord | None:
    """The relief whose survey that proposal is."""
    return await rows.find(tx, reliefs, ReliefRecord, survey_id=proposal_id)


async def list(tx: Tx, *, limit: int = 100, offset: int = 0) -> tuple[ReliefRecord, ...]:  # noqa: A001 (reliefs.list)
    """All reliefs, newest first."""
    statement = ALL.order_by(reliefs.c.received_at.desc(), reliefs.c.id.desc())
    return await rows.many(tx, statement.limit(limit).offset(offset), ReliefRecord)


async def append(tx: Tx, record: ReliefEntryRecord) -> bool:
    """True if the document is new, False (and nothing kept) if its id is known."""
    return bool(await dialect.insert_new(tx, relief_entries, [rows.values(record)], key=("id",)))


async def entry(tx: Tx, entry_id: str) -> ReliefEntryRecord | None:
    """The document of that id, whichever relief it belongs to."""
    return await rows.one(tx, ENTRIES.where(relief_entries.c.id == entry_id), ReliefEntryRecord)


async def entries(tx: Tx, relief_id: str) -> tuple[ReliefEntryRecord, ...]:
    """The log of a relief in the order in which it came here."""
    statement = ENTRIES.where(relief_entries.c.relief_id == relief_id)
    order = (relief_entries.c.received_at, relief_entries.c.id)
    return await rows.many(tx, statement.order_by(*order), ReliefEntryRecord)
