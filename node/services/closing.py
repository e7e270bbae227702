"""Closing a proposal: count or roll up, sign the outcome, report it upward or publish it as the decision.

Called by the job row that opening left behind; runs again harmlessly.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from federation.assembly.decide import Further, OutcomeState, decide
from federation.assembly.positions import Asked, Position, position_governance, read_position
from federation.assembly.references import Reference
from federation.assembly.roll_up import REACHED, Report, ReportStatus, report_of, roll_up
from federation.assembly.rules import read_rule
from identity.canonical import content_digest
from identity.proofs.eddsa_jcs_2022 import proof_method
from node.governance import counting, electorate
from node.governance.lots import drawn, needs_lot
from node.governance.outcomes import Finding, Twins, assembly_finding, members_finding, outcome_governance
from node.governance.proposals import STATE_AFTER, ProposalState, read_proposal
from node.governance.ratification import PENDING, counted_under
from node.governance.recounts import OPEN
from node.outbound import positions as outbound
from node.outbound import post
from node.outbound.lots import nonce_of
from node.outbound.proposals import closed_question
from node.services.assembly import calls, equivocations, ratification, recounts, vetoes
from node.services.assembly.amendments import adopt
from node.services.assembly.splitting import weight_to_split
from node.services.community.opinions import answers
from node.services.house.vouching import decision_key
from node.services.reliefs import deciding
from node.services.turnout import is_complete, statute_of
from storage.community import opinions
from storage.governance import ballots, positions, proposals, rolls
from storage.records import PositionRecord, ProposalRecord
from storage.work import events, intake, jobs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from federation.assembly.lots import Lot
    from federation.assembly.tally import Tally
    from node.context import Node
    from storage.engine import Tx

DISPATCH_GRACE = timedelta(seconds=60)
LOOK_AGAIN = timedelta(milliseconds=200)
MOMENT = timedelta(milliseconds=1)
NOT_IN_TIME: Mapping[str, ReportStatus] = {
    "equivocation": ReportStatus.EQUIVOCATION,
    "invalid": ReportStatus.INVALID,
    "late": ReportStatus.LATE,
}


async def close_if_due(node: Node, proposal_id: str) -> datetime | None:
    """Close a proposal of ours whose time has come; when to look again, None when there is nothing left to do.

    In time is received in time (G4): ballots and positions that arrived by the deadline and still wait for their first
    dispatch are dispatched first, for up to a minute.
    """
    now = node.clock()
    async with node.store.write() as tx:
        proposal = await proposals.find(tx, proposal_id)
        if proposal is None or proposal.origin != "own":
            return None
        until = recounts.open_until(proposal)
        is_open = proposal.state == ProposalState.OPEN
        if not is_open and until is None:
            return None
        look_again = await (_too_early(tx, proposal, now) if is_open else _still_coming(tx, until or now, now))
        if look_again is None:
            look_again = await (_end_call if is_open else _end_recount)(node, tx, proposal, now)
    return look_again


async def _too_early(tx: Tx, proposal: ProposalRecord, now: datetime) -> datetime | None:
    return None if await is_complete(tx, proposal) else await _still_coming(tx, proposal.closes_at, now)


async def _still_coming(tx: Tx, deadline: datetime, now: datetime) -> datetime | None:
    """When to look again, while that moment is to come or what came by then still waits for its first dispatch."""
    if now <= deadline:
        return deadline + MOMENT
    if now >= deadline + DISPATCH_GRACE:
        return None
    is_waiting = await intake.is_first_dispatch_due(tx, received_by=deadline)
    return now + LOOK_AGAIN if is_waiting else None


async def _end_call(node: Node, tx: Tx, proposal: ProposalRecord, now: datetime) -> datetime | None:
    """A call has ended: called again, or decided; when the next call or the time for late positions is over."""
    found = await _find(node, tx, proposal)
    again_at = await calls.call_again(node, tx, proposal, found, now)
    if again_at is not None:
        return again_at + MOMENT
    recount = await recounts.to_come(tx, proposal, found)
    document = await _declare(node, tx, proposal, replace(found, recount=recount), now)
    if recount is None or recount.until is None:
        await _conclude(node, tx, proposal, document, now)
        return None
    await proposals.update(tx, proposal.id, recount=OPEN)
    return recount.until + MOMENT


async def _end_recount(node: Node, tx: Tx, proposal: ProposalRecord, now: datetime) -> None:
    """The time for late positions is over: rolled up once more with those that came, or the first outcome stands."""
    document = proposal.outcome_document or {}
    is_replaced = await recounts.take_in(tx, proposal, recounts.open_until(proposal) or now)
    await recounts.conclude(node, tx, proposal, now, is_replaced=is_replaced)
    if is_replaced:
        found = replace(await _find(node, tx, proposal), recount=recounts.replacing(proposal))
        document = await _declare(node, tx, proposal, found, now)
    decided = await proposals.find(tx, proposal.id)
    await _conclude(node, tx, decided or proposal, document, now)


async def _declare(node: Node, tx: Tx, proposal: ProposalRecord, found: Finding, now: datetime) -> Mapping[str, Any]:
    """The signed outcome, kept, published and reported upward."""
    about = Reference(proposal.id, proposal.digest or "")
    governance = outcome_governance(proposal=about, body=node.body.did, finding=found, closed_at=now)
    is_second = found.recount is not None and found.recount.first is not None
    write = outbound.recounted_outcome if is_second else outbound.outcome
    document = write(node, proposal_id=proposal.id, governance=governance, now=now)
    is_awaited = await ratification.is_awaited(tx, proposal, found.outcome.state)
    await proposals.update(
        tx,
        proposal.id,
        state=STATE_AFTER[found.outcome.state],
        outcome=str(found.outcome.state),
        reason=str(found.outcome.reason),
        tally=found.tally.to_document(),
        outcome_document=document,
        outcome_digest=content_digest(document),
        decision_document=None if proposal.upstream_id or is_awaited else document,
        ratification=PENDING if is_awaited else None,
        closed_at=now,
        updated_at=now,
    )
    await _publish(node, tx, proposal, document, found.tally)
    await deciding.note(tx, proposal, document, at=now)
    await jobs.enqueue(tx, "gather", proposal.id, run_at=now)
    content = {"outcome": str(found.outcome.state), "digest": content_digest(document)}
    await events.append(
        tx, at=now, actor=node.body.actor_id, type="proposal-closed", subject=proposal.id, content=content
    )
    return document


async def _conclude(node: Node, tx: Tx, proposal: ProposalRecord, outcome: Mapping[str, Any], now: datetime) -> None:
    """What follows from an outcome that will not be replaced any more: it is put to ratification, or takes effect."""
    if await ratification.is_awaited(tx, proposal, OutcomeState(outcome["governance"]["outcome"])):
        await ratification.ask(node, tx, proposal, outcome, now)
    else:
        await _take_effect(node, tx, proposal, outcome, now)


async def _take_effect(node: Node, tx: Tx, proposal: ProposalRecord, outcome: Mapping[str, Any], now: datetime) -> None:
    """What follows from a decision that needs no ratification, or from the ratification of one that did."""
    state, binding = OutcomeState(outcome["governance"]["outcome"]), outcome
    if proposal.ratifies_id is not None:
        ratified = await ratification.settle(tx, proposal, state, now)
        if ratified is None:
            return
        proposal, binding = ratified, ratified.outcome_document or {}
        await proposals.update(tx, proposal.id, decision_document=binding)
    if state is OutcomeState.PASSED:
        await adopt(node, tx, proposal, {"id": binding["id"], "digest": content_digest(binding)}, now)


async def _publish(node: Node, tx: Tx, proposal: ProposalRecord, document: Mapping[str, Any], tally: Tally) -> None:
    """The outcome and the closed poll to followers, and the position to the assembly that asked."""
    now = node.clock()
    question = proposal.document or {}
    closed = closed_question(
        node, question, await answers(tx, proposal), outcome=document["governance"]["outcome"], tally=tally, now=now
    )
    homes = list((proposal.invited or {}).values())
    await post.create(tx, node, document, ordering_key=proposal.id, to=homes)
    reached = await opinions.inboxes(tx, proposal.id)
    await proposals.update(tx, proposal.id, poll_document=closed)
    await post.update(tx, node, closed, ordering_key=proposal.id, inboxes=reached)
    if proposal.upstream_id is None:
        return
    above = await proposals.find(tx, proposal.upstream_id)
    if above is None:
        raise LookupError(f"the proposal {proposal.upstream_id} we answer is not in the store")
    asked = Asked(proposal=Reference(above.id, above.digest or ""), statute=above.statute_digest or "")
    splits = await weight_to_split(node, tx, question, above)
    governance = position_governance(
        asked=asked, question=question, outcome=document, seq=1, signed_at=now, splits=splits
    )
    key = await decision_key(node, tx, proposal)
    position = outbound.position(node, governance=governance, key=key, now=now)
    await positions.add(tx, _own_position(node, read_position(position), position, now))
    await post.create(tx, node, position, ordering_key=above.id, to=[above.deciding_actor])


async def _find(node: Node, tx: Tx, proposal: ProposalRecord) -> Finding:
    if proposal.electorate_kind == "constituents":
        return await _roll_up(node, tx, proposal)
    roll = electorate.freeze([(entry.voter, entry.weight) for entry in await rolls.entries(tx, proposal.id)])
    counted = await ballots.papers(tx, proposal.id)
    tally, digests = counting.count(counted, roll), [ballot.digest for ballot in counted]
    nonce, lot = _lot(node, proposal, digests)
    further = Further(lot=lot)
    rule = read_rule(proposal.rule)
    found = members_finding(decide(rule, tally, further=further), tally, digests)
    return replace(found, further=further, nonce=nonce).of_call(calls.call_of(proposal), rule)


async def _roll_up(node: Node, tx: Tx, proposal: ProposalRecord) -> Finding:
    statute = await statute_of(tx, proposal)
    reports: dict[str, Report] = {}
    references: dict[str, Reference] = {}
    for record in sorted(await positions.for_proposal(tx, proposal.id), key=lambda one: one.seq):
        report = _report(record)
        if report is not None and (record.status == "counted" or record.body_did not in references):
            reports[record.body_did] = report
            references[record.body_did] = Reference(record.id, record.digest)
    counted = [references[body].digest for body, report in reports.items() if report.status in REACHED]
    nonce, lot = _lot(node, proposal, counted)
    vetoed = await vetoes.counted(tx, proposal.id)
    statute = counted_under(statute, read_proposal(proposal.document))
    rolled = roll_up(statute, read_rule(proposal.rule), reports, vetoed_by=vetoed, lot=lot)
    found = assembly_finding(
        rolled,
        references,
        proposal.statute_digest or "",
        vetoes=vetoed,
        twins=await _twins(tx, proposal, reports),
        is_reported=proposal.upstream_id is not None,
    )
    return replace(found, nonce=nonce).of_call(calls.call_of(proposal), rolled.rule)


async def _twins(tx: Tx, proposal: ProposalRecord, reports: Mapping[str, Report]) -> dict[str, Twins]:
    """By body the two positions that its line in the outcome rests on, of those who signed two of one number."""
    found: dict[str, Twins] = {}
    for body in (body for body, report in reports.items() if report.status is ReportStatus.EQUIVOCATION):
        cited = [Reference(one["id"], content_digest(one)) for one in await equivocations.twins_of(tx, proposal, body)]
        if cited:
            found[body] = (cited[0], cited[1])
    return found


def _lot(node: Node, proposal: ProposalRecord, counted: Iterable[str]) -> tuple[str | None, Lot | None]:
    """The nonce we reveal and the lot it draws over the counted papers, where the frozen rule may come to one (G4)."""
    terms = read_proposal(proposal.document)
    if not needs_lot(terms):
        return None, None
    nonce = nonce_of(node, proposal.id, signed_with=proof_method(proposal.document or {}))
    return nonce, drawn(terms, proposal.digest or "", counted, nonce)


def _report(record: PositionRecord) -> Report | None:
    """The report a kept position makes; None for one that a later one superseded."""
    if record.status == "counted":
        return report_of(read_position(record.document))
    if record.status == "late":
        return report_of(read_position(record.document), is_late=True)
    status = NOT_IN_TIME.get(record.status)
    return Report(status=status) if status else None


def _own_position(node: Node, position: Position, document: Mapping[str, Any], now: datetime) -> PositionRecord:
    return PositionRecord(
        id=position.id,
        proposal_id=position.asked.proposal.id,
        body_did=node.body.did,
        body_actor=node.body.actor_id,
        seq=position.seq,
        choice=str(position.choice),
        document=document,
        digest=content_digest(document),
        received_at=now,
        status="counted",
        source="own",
    )
