"""Vetoes of constituents, in time or late; of each body the first on a proposal.

Called by assembly services, by roll-ups and by evidence.
"""

from storage import dialect, rows
from storage.engine import Tx
from storage.records import VetoRecord
from storage.tables import vetoes

ALL = rows.pick(vetoes, VetoRecord)


async def add(tx: Tx, record: VetoRecord) -> bool:
    """True if it is the body's first veto on that proposal, False (and nothing kept) if there is one."""
    return bool(await dialect.insert_new(tx, vetoes, [rows.values(record)], key=("proposal_id", "body_did")))


async def find(tx: Tx, veto_id: str) -> VetoRecord | None:
    """The veto of that id."""
    return await rows.find(tx, vetoes, VetoRecord, id=veto_id)


async def of_body(tx: Tx, proposal_id: str, body_did: str) -> VetoRecord | None:
    """The body's veto on that proposal."""
    is_theirs = (vetoes.c.proposal_id == proposal_id, vetoes.c.body_did == body_did)
    return await rows.one(tx, ALL.where(*is_theirs), VetoRecord)


async def for_proposal(tx: Tx, proposal_id: str) -> tuple[VetoRecord, ...]:
    """All vetoes on a proposal, late ones too, in the order in which they came."""
    order = (vetoes.c.received_at, vetoes.c.id)
    return await rows.many(tx, ALL.where(vetoes.c.proposal_id == proposal_id).order_by(*order), VetoRecord)


async def set_status(tx: Tx, veto_id: str, status: str) -> None:
    """Change the status of a veto; RowMissingError if there is none."""
    await rows.change(tx, vetoes, {"id": veto_id}, {"status": status})
