"""Ratifying: what passed is put to the constituents once more, in its own time, and binds only when they have agreed.

Asked by services.closing when a decision passes whose statute wants it; settled by services.closing and, on the nodes
of constituents, by services.decisions (G6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.assembly.decide import OutcomeState
from federation.assembly.references import Reference
from federation.assembly.rules import rule_document
from federation.assembly.statute import read_statute
from federation.errors import NotYet
from identity.canonical import content_digest
from node.governance.proposals import RATIFICATION, ProposalState, Ratified, read_proposal
from node.governance.ratification import (
    NOT_RATIFIED,
    PENDING,
    RATIFIED,
    check_ratification,
    needs_ratification,
    rule_and_window,
)
from node.governance.refusals import Refusal
from node.outbound import post
from node.outbound.proposals import Freezing, frozen_question
from node.services.assembly import recounts, reminders
from node.services.reliefs import deciding
from storage.governance import proposals, statutes
from storage.records import ProposalRecord
from storage.work import events, jobs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from federation.assembly.statute import Statute
    from node.context import Node
    from storage.engine import Tx

LONGEST_TITLE = 300


async def is_awaited(tx: Tx, proposal: ProposalRecord, state: OutcomeState) -> bool:
    """Whether the decision on a proposal, ended in that state, binds nobody before it is ratified."""
    is_root = proposal.upstream_id is None and proposal.ratifies_id is None
    is_of_bodies = proposal.electorate_kind == "constituents"
    return needs_ratification(await _statute(tx, proposal), state, is_root=is_root and is_of_bodies)


async def ask(node: Node, tx: Tx, proposal: ProposalRecord, outcome: Mapping[str, Any], now: datetime) -> None:
    """Open the ratification of a proposal of ours that just passed with this signed outcome."""
    statute = await _statute(tx, proposal)
    laid_down = rule_and_window(statute) if statute else None
    assert laid_down is not None, "asked for where the statute wants it"
    rule, window = laid_down
    about = Ratified(Reference(proposal.id, proposal.digest or ""), Reference(outcome["id"], content_digest(outcome)))
    freezing = Freezing(
        proposal_id=node.url("proposals", node.new_id()),
        title=f"Ratify: {proposal.title}"[:LONGEST_TITLE],
        text=proposal.text,
        rule=rule_document(rule),
        opens_at=now,
        closes_at=now + window,
        electorate={"kind": "constituents", "statute": proposal.statute_digest},
        type=RATIFICATION,
        ratifies=about.to_document(),
    )
    document = frozen_question(node, freezing)
    record = _record(node, freezing, document, proposal)
    await proposals.add(tx, record)
    await deciding.note(tx, record, document, at=now)
    await jobs.enqueue(tx, "close", record.id, run_at=record.closes_at)
    await reminders.plan(node, tx, record, now)
    await post.create(tx, node, document, ordering_key=record.id)
    content = {"ratifies": proposal.id, "digest": record.digest}
    await events.append(
        tx, at=now, actor=node.body.actor_id, type="ratification-opened", subject=record.id, content=content
    )


async def check_asked(tx: Tx, question: Mapping[str, Any]) -> str | None:
    """The id of the proposal that a peer's question ratifies, None if it ratifies none.

    Refusals: proposal-invalid unless it is laid down so by the statute that decision was made under, and for a decision
    that was asked about before: silence and no are answers too. Raises NotYet while that decision has not arrived.
    """
    if question["governance"].get("ratifies") is None:
        return None
    terms = read_proposal(question)
    about = terms.ratifies
    decided = await proposals.find(tx, about.proposal.id) if about else None
    statute = await _statute(tx, decided) if decided else None
    if about is None or decided is None or decided.outcome_document is None or statute is None:
        raise NotYet("the decision to be ratified has not arrived")
    said = (decided.digest, decided.outcome_digest, decided.outcome)
    if said != (about.proposal.digest, about.outcome.digest, OutcomeState.PASSED):
        raise Refusal("proposal-invalid", "it ratifies another decision")
    if terms.opens_at < (recounts.open_until(decided) or terms.opens_at):
        raise Refusal("proposal-invalid", "the time for late positions was not over")
    check_ratification(terms, of=read_proposal(decided.document), statute=statute)
    if decided.ratification != PENDING or await proposals.ratifying(tx, decided.id):
        raise Refusal("proposal-invalid", "its ratification was asked for once, and that is all")
    return decided.id


async def settle(tx: Tx, ratifying: ProposalRecord, state: OutcomeState, now: datetime) -> ProposalRecord | None:
    """The decision that has become binding because its ratification ended in this state; None if it has not.

    What is settled stays so, whatever ends later. Raises NotYet while that decision has not arrived.
    """
    decided = await proposals.find(tx, ratifying.ratifies_id or "")
    if decided is None or decided.outcome_document is None:
        raise NotYet("the decision that was ratified has not arrived")
    if decided.ratification != PENDING:
        return None
    is_ratified = state is OutcomeState.PASSED
    word = RATIFIED if is_ratified else NOT_RATIFIED
    await proposals.update(tx, decided.id, ratification=word, updated_at=now)
    await events.append(
        tx, at=now, actor=ratifying.deciding_actor, type=f"decision-{word.replace('_', '-')}", subject=decided.id,
        content={"by": ratifying.id},
    )  # fmt: skip
    return decided if is_ratified else None


async def _statute(tx: Tx, proposal: ProposalRecord) -> Statute | None:
    record = await statutes.find(tx, proposal.statute_digest or "")
    return read_statute(record.document) if record else None


def _record(node: Node, freezing: Freezing, document: Mapping[str, Any], decided: ProposalRecord) -> ProposalRecord:
    return ProposalRecord(
        id=freezing.proposal_id,
        deciding_actor=node.body.actor_id,
        origin="own",
        title=freezing.title,
        text=freezing.text,
        state=ProposalState.OPEN,
        author_id=decided.author_id,
        rule=freezing.rule,
        opens_at=freezing.opens_at,
        closes_at=freezing.closes_at,
        document=document,
        digest=content_digest(document),
        statute_digest=decided.statute_digest,
        electorate_kind="constituents",
        type=RATIFICATION,
        ratifies_id=decided.id,
        created_at=freezing.opens_at,
        updated_at=freezing.opens_at,
    )
