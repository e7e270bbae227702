"""Frozen rolls: who may vote on a proposal, with which weight, from which home.

Called when a proposal opens, when a ballot arrives and when it is counted.
"""

from collections.abc import Iterable
from itertools import islice
from typing import Any

import sqlalchemy as sa

from storage import rows
from storage.engine import Tx
from storage.records import RollEntryRecord
from storage.tables import ballots, roll_entries

ALL = rows.pick(roll_entries, RollEntryRecord)
CHUNK_ROWS = 5_000
HAS_BALLOT = sa.exists().where(
    ballots.c.proposal_id == roll_entries.c.proposal_id,
    ballots.c.voter == roll_entries.c.voter,
    sa.text("ballots.status = 'counted'"),
)
WITHOUT_BALLOT = (
    sa.select(roll_entries.c.voter)
    .where(roll_entries.c.proposal_id == sa.bindparam("proposal"), ~HAS_BALLOT)
    .limit(sa.literal_column("1"))
)


async def add_all(tx: Tx, entries_to_add: Iterable[RollEntryRecord]) -> int:
    """The number of entries stored; IntegrityError if a voter is named twice."""
    waiting = iter(entries_to_add)
    total = 0
    while chunk := [rows.values(entry) for entry in islice(waiting, CHUNK_ROWS)]:
        await tx.execute(sa.insert(roll_entries), chunk)
        total += len(chunk)
    return total


async def entries(tx: Tx, proposal_id: str) -> tuple[RollEntryRecord, ...]:
    """The whole roll by voter."""
    statement = ALL.where(roll_entries.c.proposal_id == proposal_id)
    found = await rows.many(tx, statement, RollEntryRecord)
    return tuple(sorted(found, key=lambda entry: entry.voter))


async def entry(tx: Tx, proposal_id: str, voter: str) -> RollEntryRecord | None:
    """The voter's entry, or None for one who is not on the roll."""
    return await rows.find(tx, roll_entries, RollEntryRecord, proposal_id=proposal_id, voter=voter)


async def has_all_voted(tx: Tx, proposal_id: str) -> bool:
    """Whether each voter on the roll has a ballot that counts; looks no further than the first who has none."""
    return (await tx.execute(WITHOUT_BALLOT, {"proposal": proposal_id})).first() is None


async def total_weight(tx: Tx, proposal_id: str) -> int:
    """The weight of the whole roll."""
    return await rows.number(tx, _of(proposal_id, sa.func.sum(roll_entries.c.weight)))


async def homes(tx: Tx, proposal_id: str) -> tuple[str, ...]:
    """The other nodes that have voters on the roll, by actor id."""
    statement = _of(proposal_id, roll_entries.c.home).where(roll_entries.c.home.is_not(None)).distinct()
    return tuple(sorted((await tx.execute(statement)).scalars()))


def _of(proposal_id: str, what: sa.ColumnElement[Any]) -> sa.Select[Any]:
    return sa.select(what).select_from(roll_entries).where(roll_entries.c.proposal_id == proposal_id)
