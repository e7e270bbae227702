"""Proposals, ours and those of bodies we hear.

Called by proposal and assembly services, by the closing job and by the lists on pages.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage import dialect, rows
from storage.engine import Tx
from storage.records import ProposalRecord
from storage.tables import proposals

ALL = rows.pick(proposals, ProposalRecord)


async def add(tx: Tx, record: ProposalRecord) -> bool:
    """True if the proposal is new, False (and nothing changed) if its id was known."""
    return bool(await dialect.insert_new(tx, proposals, [rows.values(record)], key=("id",)))


async def update(tx: Tx, proposal_id: str, **changes: Any) -> None:
    """Change the named columns of a proposal; RowMissingError if there is none."""
    await rows.change(tx, proposals, {"id": proposal_id}, changes)


async def find(tx: Tx, proposal_id: str) -> ProposalRecord | None:
    """The proposal of that id."""
    return await rows.find(tx, proposals, ProposalRecord, id=proposal_id)


async def list(  # noqa: A001 (read as proposals.list)
    tx: Tx,
    *,
    states: Collection[str] | None = None,
    origin: str | None = None,
    is_public: bool = False,
    limit: int = 100,
    offset: int = 0,
) -> tuple[ProposalRecord, ...]:
    """Proposals in those states and of that origin (all if not given), newest first.

    With `is_public` those of bodies whose host is limited or blocked are left out.
    """
    statement = ALL.order_by(proposals.c.created_at.desc(), proposals.c.id.desc()).limit(limit).offset(offset)
    if states is not None:
        statement = statement.where(proposals.c.state.in_(states))
    if origin is not None:
        statement = statement.where(proposals.c.origin == origin)
    if is_public:
        statement = statement.where(rows.is_heard(proposals.c.deciding_actor))
    return await rows.many(tx, statement, ProposalRecord)


async def count_open(tx: Tx) -> int:
    """How many proposals take ballots or positions now."""
    return await rows.number(tx, sa.select(sa.func.count()).where(proposals.c.state == "open"))


async def due(tx: Tx, now: datetime) -> tuple[ProposalRecord, ...]:
    """Our open proposals whose closing time has passed, first closing first; a ballot at that very time counts (G4)."""
    is_due = sa.and_(proposals.c.state == "open", proposals.c.origin == "own", proposals.c.closes_at < now)
    return await rows.many(tx, ALL.where(is_due).order_by(proposals.c.closes_at, proposals.c.id), ProposalRecord)


async def by_upstream(tx: Tx, upstream_id: str) -> tuple[ProposalRecord, ...]:
    """The proposals held to answer that proposal of an assembly above, oldest first."""
    statement = ALL.where(proposals.c.upstream_id == upstream_id)
    return await rows.many(tx, statement.order_by(proposals.c.created_at, proposals.c.id), ProposalRecord)


async def ratifying(tx: Tx, decided_id: str) -> tuple[ProposalRecord, ...]:
    """The proposals opened to ratify the outcome of that one, oldest first."""
    statement = ALL.where(proposals.c.ratifies_id == decided_id)
    return await rows.many(tx, statement.order_by(proposals.c.created_at, proposals.c.id), ProposalRecord)


async def by_root(tx: Tx, root_id: str) -> tuple[ProposalRecord, ...]:
    """All proposals of the decision that started with that root proposal, oldest first."""
    statement = ALL.where(proposals.c.root_id == root_id)
    return await rows.many(tx, statement.order_by(proposals.c.created_at, proposals.c.id), ProposalRecord)
