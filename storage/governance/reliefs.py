"""Reliefs and the logs of their signed documents: every document once, none ever changed.

Called by relief services, by doors and by pages.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa

from storage import dialect, rows
from storage.engine import Tx
from storage.records import ReliefEntryRecord, ReliefRecord
from storage.tables import relief_entries, reliefs

ALL = rows.pick(reliefs, ReliefRecord)
ENTRIES = rows.pick(relief_entries, ReliefEntryRecord)
ARRIVAL = (relief_entries.c.received_at, relief_entries.c.id, relief_entries.c.digest)


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
    """True if the document is new, False (and nothing kept) if its digest is known."""
    return bool(await dialect.insert_new(tx, relief_entries, [rows.values(record)], key=("digest",)))


async def entry(tx: Tx, digest: str) -> ReliefEntryRecord | None:
    """The document of that digest, whichever relief it belongs to."""
    return await rows.find(tx, relief_entries, ReliefEntryRecord, digest=digest)


async def entry_at(tx: Tx, entry_id: str) -> ReliefEntryRecord | None:
    """The first document that came under that id, whichever relief it belongs to."""
    statement = ENTRIES.where(relief_entries.c.id == entry_id).order_by(*ARRIVAL).limit(1)
    return await rows.one(tx, statement, ReliefEntryRecord)


async def entries(
    tx: Tx, relief_id: str, *, limit: int | None = None, offset: int = 0, newest_first: bool = False
) -> tuple[ReliefEntryRecord, ...]:
    """The log of a relief in the order in which it came here, or the other way round."""
    order = [column.desc() for column in ARRIVAL] if newest_first else ARRIVAL
    statement = ENTRIES.where(relief_entries.c.relief_id == relief_id).order_by(*order)
    return await rows.many(tx, statement.limit(limit).offset(offset), ReliefEntryRecord)


async def entries_of(tx: Tx, digests: Collection[str]) -> tuple[ReliefEntryRecord, ...]:
    """The documents of these digests, a thousand at most."""
    return await rows.many(tx, ENTRIES.where(relief_entries.c.digest.in_(digests)), ReliefEntryRecord)


async def arrivals(tx: Tx, relief_id: str) -> Mapping[str, datetime]:
    """When each document of a relief came, by digest, without reading any."""
    statement = sa.select(relief_entries.c.digest, relief_entries.c.received_at)
    found = await tx.execute(statement.where(relief_entries.c.relief_id == relief_id))
    return {row.digest: row.received_at for row in found}
