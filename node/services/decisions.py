"""Outcomes of other bodies: the binding decision that comes down is kept with every proposal it settles.

Called by inbound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.assembly.decide import OutcomeState
from federation.errors import NotYet
from federation.vocabulary.reading import id_of
from identity.canonical import content_digest
from node.governance.proposals import STATE_AFTER
from node.governance.ratification import PENDING
from node.governance.recounts import OPEN, announced
from node.governance.refusals import Refusal
from node.outbound import post
from node.services import mandates
from node.services.assembly import calls, ratification, recounts
from node.services.assembly.proofs import check_own_proof
from node.services.reliefs import deciding
from storage.governance import proposals
from storage.work import events, jobs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from federation.receive.verify import VerifiedActivity
    from node.context import Node
    from storage.engine import Tx
    from storage.records import ProposalRecord


async def receive(node: Node, activity: VerifiedActivity) -> None:
    """A body's signed outcome: kept with its proposal, passed on, and binding where it settles the root of ours.

    Refusals: document-unproven, proposal-invalid (not by the body that decides, or about another text). Raises NotYet
    while the proposal it is about has not arrived.
    """
    document = activity.document["object"]
    about = document["governance"]["proposal"]
    async with node.store.write() as tx:
        proposal = await proposals.find(tx, about["id"])
        if proposal is None:
            raise NotYet("the proposal this outcome is about has not arrived")
        if proposal.origin == "own" or content_digest(document) == proposal.outcome_digest:
            return
        _check_author(proposal, document, activity, about)
        await check_own_proof(tx, activity)
        is_replacing = await recounts.hear_replacement(tx, proposal, document, activity.received_at)
        if proposal.outcome_document is not None and not is_replacing:
            return
        await post.relay(tx, node, activity, ordering_key=proposal.id)
        if await calls.hear_first(tx, proposal, document, activity):
            await mandates.answer_second_call(node, tx, proposal.id, activity)
        else:
            await _settle(tx, proposal, document, activity)


async def _settle(tx: Tx, proposal: ProposalRecord, document: Mapping[str, Any], activity: VerifiedActivity) -> None:
    """The outcome kept, and binding for our own answers: at once, or when what it ratifies was ratified by it."""
    state = OutcomeState(document["governance"]["outcome"])
    await _keep(tx, proposal, document, activity)
    await deciding.note(tx, proposal, document, at=activity.received_at)
    if announced(document):
        await proposals.update(tx, proposal.id, recount=OPEN)
    is_awaited = await ratification.is_awaited(tx, proposal, state)
    await proposals.update(tx, proposal.id, ratification=PENDING if is_awaited else None)
    if is_awaited:
        await _unbind_all(tx, proposal)
        return
    await _bind_all(tx, proposal, document, activity)
    if proposal.ratifies_id is not None:
        ratified = await ratification.settle(tx, proposal, state, activity.received_at)
        if ratified is not None:
            await _bind_all(tx, ratified, ratified.outcome_document or {}, activity)


async def _unbind_all(tx: Tx, root: ProposalRecord) -> None:
    """What bound us before a recount turned it binds no longer, and what took its place waits for ratification."""
    for settled in await proposals.by_root(tx, root.id):
        if settled.origin == "own" and settled.decision_document is not None:
            await proposals.update(tx, settled.id, decision_document=None)


async def _bind_all(tx: Tx, root: ProposalRecord, document: Mapping[str, Any], activity: VerifiedActivity) -> None:
    for settled in await proposals.by_root(tx, root.id):
        if settled.origin == "own":
            await _bind(tx, settled, document, activity)


def _check_author(
    proposal: ProposalRecord, document: Mapping[str, Any], activity: VerifiedActivity, about: Mapping[str, Any]
) -> None:
    is_its_own = activity.actor_id == proposal.deciding_actor == id_of(document.get("attributedTo"))
    if not is_its_own or about["digest"] != proposal.digest:
        raise Refusal("proposal-invalid")


async def _keep(tx: Tx, proposal: ProposalRecord, document: Mapping[str, Any], activity: VerifiedActivity) -> None:
    stated = document["governance"]
    await proposals.update(
        tx,
        proposal.id,
        state=STATE_AFTER[OutcomeState(stated["outcome"])],
        outcome=stated["outcome"],
        reason=stated["reason"],
        tally=stated["tally"],
        outcome_document=document,
        outcome_digest=content_digest(document),
        closed_at=activity.received_at,
        updated_at=activity.received_at,
    )
    content = {"outcome": stated["outcome"], "digest": content_digest(document)}
    await events.append(
        tx,
        at=activity.received_at,
        actor=activity.actor_id,
        type="outcome-received",
        subject=proposal.id,
        content=content,
    )


async def _bind(tx: Tx, settled: ProposalRecord, document: Mapping[str, Any], activity: VerifiedActivity) -> None:
    now = activity.received_at
    await proposals.update(tx, settled.id, decision_document=document, updated_at=now)
    await jobs.enqueue(tx, "fetch-evidence", settled.id, run_at=now)
    content = {"decision": content_digest(document), "outcome": document["governance"]["outcome"]}
    await events.append(
        tx, at=now, actor=activity.actor_id, type="decision-received", subject=settled.id, content=content
    )
