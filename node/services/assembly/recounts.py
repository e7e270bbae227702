"""The recount: positions that came late, but in the time of the statute, are taken in when that time is over.

Called by services.closing for proposals of ours, and by services.decisions for those of others (G6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.assembly.positions import read_position
from federation.assembly.references import Reference
from federation.errors import NotYet
from federation.vocabulary.times import read_time
from identity.canonical import content_digest
from node.governance.calls import in_second_call
from node.governance.proposals import read_proposal
from node.governance.recounts import OPEN, REPLACED, STANDS, Recount, announced, is_anybody_out, recounts_at
from node.governance.refusals import Refusal
from node.services.turnout import statute_of
from storage.governance import evidence, positions, proposals
from storage.work import events

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from federation.assembly.positions import Position
    from node.context import Node
    from node.governance.outcomes import Finding
    from storage.engine import Tx
    from storage.records import PositionRecord, ProposalRecord


async def to_come(tx: Tx, proposal: ProposalRecord, found: Finding) -> Recount | None:
    """The recount that the outcome with this finding announces; None where there is none or everybody was heard."""
    until = await _until(tx, proposal)
    is_to_come = until is not None and is_anybody_out(row["status"] for row in found.constituents or ())
    return Recount(until=until) if is_to_come else None


def open_until(proposal: ProposalRecord) -> datetime | None:
    """Until when late positions on a decided proposal lead to a recount; None where that was never so, or is over."""
    return announced(proposal.outcome_document) if proposal.recount == OPEN else None


async def take_in(tx: Tx, proposal: ProposalRecord, until: datetime) -> bool:
    """Whether positions came late and by then; they count from now on, of each body the one with the last number.

    Who was counted at the close stays so, and who said two things about this proposal does not come in by being late.
    """
    known = await positions.for_proposal(tx, proposal.id)
    settled = {one.body_did for one in known if one.status in {"counted", "equivocation"}}
    late: dict[str, PositionRecord] = {}
    for one in sorted(known, key=lambda each: each.seq):
        if one.status == "late" and one.body_did not in settled and _is_by(one, until):
            late[one.body_did] = one
    for one in late.values():
        await positions.set_status(tx, one.id, "counted")
    return bool(late)


async def late_status(tx: Tx, proposal: ProposalRecord, position: Position, *, is_valid: bool) -> str:
    """The status of a position that came after the close: late, or invalid.

    While a recount is to come, two of one number are an equivocation, as before the close; neither is taken in then.
    """
    status = "late" if is_valid else "invalid"
    if open_until(proposal) is None:
        return status
    known = await positions.of_body(tx, proposal.id, position.body)
    twins = [one for one in known if one.seq == position.seq and one.status != "counted"]
    for twin in twins:
        await positions.set_status(tx, twin.id, "equivocation")
    return "equivocation" if twins else status


def replacing(proposal: ProposalRecord) -> Recount:
    """What the outcome of a recount says: which outcome it takes the place of."""
    first = proposal.outcome_document or {}
    return Recount(first=Reference(first["id"], content_digest(first)))


async def conclude(node: Node, tx: Tx, proposal: ProposalRecord, now: datetime, *, is_replaced: bool) -> None:
    """The time for late positions is over: the first outcome stands, or gives way to the one that follows."""
    replaced = {"replaced_outcome": proposal.outcome_document} if is_replaced else {}
    word = REPLACED if is_replaced else STANDS
    await proposals.update(tx, proposal.id, recount=word, updated_at=now, **replaced)
    if is_replaced:
        await evidence.forget(tx, proposal.id)
    content = {"recount": word, "first": proposal.outcome_digest}
    await events.append(tx, at=now, actor=node.body.actor_id, type="recount-done", subject=proposal.id, content=content)


async def hear_replacement(tx: Tx, proposal: ProposalRecord, document: Mapping[str, Any], now: datetime) -> bool:
    """Whether a peer's outcome takes the place of the one we hold; False for one that is the first we hear of.

    Refusals: proposal-invalid for one that replaces another outcome, or one that was not to be recounted by then.
    Raises NotYet while the outcome it replaces has not arrived.
    """
    stated = document["governance"].get("recount")
    if not isinstance(stated, dict) or "first" not in stated:
        return False
    held = proposal.outcome_document
    if held is None:
        raise NotYet("the outcome that this recount replaces has not arrived")
    until, at = open_until(proposal), read_time(document["governance"].get("closed_at"))
    is_of_it = stated["first"] == {"id": held["id"], "digest": proposal.outcome_digest}
    if until is None or at is None or at < until or not is_of_it:
        raise Refusal("proposal-invalid", "no recount of the outcome that is known here")
    await proposals.update(tx, proposal.id, recount=REPLACED, replaced_outcome=held, updated_at=now)
    await evidence.forget(tx, proposal.id)
    return True


async def _until(tx: Tx, proposal: ProposalRecord) -> datetime | None:
    if proposal.electorate_kind != "constituents":
        return None
    terms = read_proposal(proposal.document)
    if proposal.first_outcome is not None:
        terms = in_second_call(terms) or terms
    return recounts_at(await statute_of(tx, proposal), terms)


def _is_by(record: PositionRecord, until: datetime) -> bool:
    """Whether it came and was signed by then: our clock says the one, its body's the other."""
    return record.received_at <= until and read_position(record.document).signed_at <= until
