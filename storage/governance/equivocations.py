"""Proofs that somebody signed two different things for one place, each kept once whoever published it.

Called by assembly services and by the doors that show them.
"""

from storage import dialect, rows
from storage.engine import Tx
from storage.records import EquivocationRecord
from storage.tables import equivocations

ALL = rows.pick(equivocations, EquivocationRecord)


async def add(tx: Tx, record: EquivocationRecord) -> bool:
    """True if the proof is new, False if these two documents were exposed before."""
    return bool(await dialect.insert_new(tx, equivocations, [rows.values(record)], key=("digest",)))


async def by_id(tx: Tx, document_id: str) -> EquivocationRecord | None:
    """The proof whose signed document has that id."""
    return await rows.find(tx, equivocations, EquivocationRecord, document_id=document_id)


async def by_signer(tx: Tx, what: str, signer: str) -> tuple[EquivocationRecord, ...]:
    """The proofs that this signer signed two of that kind for one place, the first one received first."""
    found = ALL.where(equivocations.c.what == what, equivocations.c.signer == signer)
    return await rows.many(tx, found.order_by(equivocations.c.received_at, equivocations.c.digest), EquivocationRecord)


async def list(tx: Tx, *, limit: int = 50, offset: int = 0) -> tuple[EquivocationRecord, ...]:  # noqa: A001 (read as equivocations.list)
    """The proofs received last."""
    newest = (equivocations.c.received_at.desc(), equivocations.c.digest)
    return await rows.many(tx, ALL.order_by(*newest).limit(limit).offset(offset), EquivocationRecord)
