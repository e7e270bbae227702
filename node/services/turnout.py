"""Who has spoken on an open proposal so far; asked by the services that may close it early."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.assembly.statute import Statute, read_statute
from node.governance.proposals import MOTION
from storage.governance import ballots, positions, rolls, statutes

if TYPE_CHECKING:
    from storage.engine import Tx
    from storage.records import ProposalRecord


async def is_complete(tx: Tx, proposal: ProposalRecord) -> bool:
    """Whether everybody of the electorate has spoken and the rule lets the proposal close before its time.

    Where constituents may veto, they have until the close for it, so it does not come early; nor does a second call.
    """
    if not proposal.rule.get("closes_early") or proposal.first_outcome is not None:
        return False
    if proposal.electorate_kind != "constituents":
        return await ballots.count_counted(tx, proposal.id) >= await rolls.count(tx, proposal.id)
    statute = await statute_of(tx, proposal)
    if statute.terms.veto and (proposal.type or MOTION) in statute.terms.veto.types:
        return False
    reports = await positions.for_proposal(tx, proposal.id)
    return {one.body for one in statute.constituents} <= {one.body_did for one in reports if one.status == "counted"}


async def statute_of(tx: Tx, proposal: ProposalRecord) -> Statute:
    """The statute a proposal to constituents was opened under. LookupError when the store lost it."""
    record = await statutes.find(tx, proposal.statute_digest or "")
    if record is None:
        raise LookupError(f"the statute of {proposal.id} is not in the store")
    return read_statute(record.document)
