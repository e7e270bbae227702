"""Who has spoken on an open proposal so far; asked by the services that may close it early."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.assembly.statute import Statute, read_statute
from node.governance.proposals import MOTION
from storage.governance import positions, rolls, statutes

if TYPE_CHECKING:
    from storage.engine import Tx
    from storage.records import ProposalRecord

MOST_READ = 8
_read: dict[str, Statute] = {}


async def is_complete(tx: Tx, proposal: ProposalRecord) -> bool:
    """Whether everybody of the electorate has spoken and the rule lets the proposal close before its time.

    Where constituents may veto, they have until the close for it, so it does not come early; nor does a second call.
    """
    if not proposal.rule.get("closes_early") or proposal.first_outcome is not None:
        return False
    if proposal.electorate_kind != "constituents":
        return await rolls.has_all_voted(tx, proposal.id)
    statute = await statute_of(tx, proposal)
    if statute.terms.veto and (proposal.type or MOTION) in statute.terms.veto.types:
        return False
    return await positions.count_counted(tx, proposal.id) >= len(statute.constituents)


async def statute_of(tx: Tx, proposal: ProposalRecord) -> Statute:
    """The statute a proposal to constituents was opened under. LookupError when the store lost it."""
    statute = await statute_at(tx, proposal.statute_digest or "")
    if statute is None:
        raise LookupError(f"the statute of {proposal.id} is not in the store")
    return statute


async def statute_at(tx: Tx, digest: str) -> Statute | None:
    """The statute of that digest; None where it is not in the store.

    The last ones stay read in this process: one with ten thousand bodies takes longer to read than all else that a
    position needs.
    """
    if digest in _read and await statutes.is_known(tx, digest):
        return _read[digest]
    record = await statutes.find(tx, digest)
    if record is None:
        return None
    if len(_read) >= MOST_READ:
        _read.clear()
    _read[digest] = read_statute(record.document)
    return _read[digest]
