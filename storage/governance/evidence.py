"""The bundles that prove decisions.

Called when a decision is assembled or comes down, and by the evidence door.
"""

import sqlalchemy as sa

from storage import dialect, rows
from storage.engine import Tx
from storage.records import EvidenceRecord
from storage.tables import evidence


async def save(tx: Tx, record: EvidenceRecord) -> None:
    """Store the bundle of a proposal, first or better one."""
    await dialect.upsert(tx, evidence, rows.values(record), key=("proposal_id",))


async def forget(tx: Tx, proposal_id: str) -> None:
    """Without a bundle for that proposal, for its outcome is another one now."""
    await tx.execute(sa.delete(evidence).where(evidence.c.proposal_id == proposal_id))


async def find(tx: Tx, proposal_id: str) -> EvidenceRecord | None:
    """The bundle of that proposal."""
    statement = rows.pick(evidence, EvidenceRecord).where(evidence.c.proposal_id == proposal_id)
    return await rows.one(tx, statement, EvidenceRecord)
