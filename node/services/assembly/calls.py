"""The second call: a proposal that missed its quorum stays open with a lower one, and everything that came in is kept.

Called by services.closing at the first close of a proposal of ours, and by services.decisions for those of others (G5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.assembly.decide import OutcomeState
from federation.assembly.references import Reference
from federation.assembly.reporting.vetoes import read_veto
from federation.assembly.rules import read_rule, rule_document
from identity.canonical import content_digest
from node.governance.calls import FIRST, SECOND, Call, again
from node.governance.outcomes import outcome_governance
from node.governance.proposals import read_proposal
from node.governance.refusals import Refusal
from node.outbound import positions as outbound
from node.outbound import post
from node.services.assembly import reminders
from storage.governance import positions, proposals, vetoes
from storage.work import events

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from federation.receive.verify import VerifiedActivity
    from node.context import Node
    from node.governance.outcomes import Finding
    from storage.engine import Tx
    from storage.records import ProposalRecord


def call_of(proposal: ProposalRecord) -> Call | None:
    """The call that is open now; None for a rule that knows only one."""
    if proposal.first_outcome is not None:
        first = proposal.first_outcome
        return Call(SECOND, first=Reference(first["id"], content_digest(first)))
    return Call(FIRST) if again(read_rule(proposal.rule), proposal.closes_at) else None


async def call_again(node: Node, tx: Tx, proposal: ProposalRecord, found: Finding, now: datetime) -> datetime | None:
    """When the second call of a proposal ends that has just missed its quorum; None where there is none.

    An answer to an assembly above is called again only if it can still be reported there in time.
    """
    terms = read_proposal(proposal.document)
    following = again(terms.rule, terms.closes_at)
    is_missed = found.outcome.state is OutcomeState.NO_QUORUM
    if following is None or proposal.first_outcome is not None or not is_missed:
        return None
    again_at, rule = following
    above = await proposals.find(tx, proposal.upstream_id) if proposal.upstream_id else None
    if above is not None and again_at >= above.closes_at:
        return None
    about = Reference(proposal.id, proposal.digest or "")
    missed = found.missed(Call(FIRST, again_at=again_at))
    governance = outcome_governance(proposal=about, body=node.body.did, finding=missed, closed_at=now)
    document = outbound.first_outcome(node, proposal_id=proposal.id, governance=governance, now=now)
    await _reopen(tx, proposal, document, (again_at, rule_document(rule)), now)
    await post.create(tx, node, document, ordering_key=proposal.id, to=list((proposal.invited or {}).values()))
    await _note(tx, proposal, document, by=node.body.actor_id, now=now)
    reopened = await proposals.find(tx, proposal.id)
    if reopened is not None:
        await reminders.plan(node, tx, reopened, now)
    return again_at


async def hear_first(tx: Tx, proposal: ProposalRecord, document: Mapping[str, Any], activity: VerifiedActivity) -> bool:
    """Whether this outcome of a peer is a first call with a second to come; the proposal is then open until that ends.

    Refusals: proposal-invalid for one that its frozen rule does not call again at that time.
    """
    call = document["governance"].get("call")
    if not isinstance(call, dict) or "again_at" not in call:
        return False
    following = again(read_rule(proposal.rule), proposal.closes_at)
    if proposal.first_outcome is not None:
        return True
    if following is None or call != Call(FIRST, again_at=following[0]).to_document():
        raise Refusal("proposal-invalid", "it is not called again then")
    again_at, rule = following
    await _reopen(tx, proposal, document, (again_at, rule_document(rule)), activity.received_at)
    await _note(tx, proposal, document, by=activity.actor_id, now=activity.received_at)
    return True


async def _reopen(
    tx: Tx,
    proposal: ProposalRecord,
    first: Mapping[str, Any],
    following: tuple[datetime, Mapping[str, Any]],
    now: datetime,
) -> None:
    """Open until the second close under its rule; what came between the first close and now is in time after all."""
    again_at, rule = following
    await proposals.update(tx, proposal.id, closes_at=again_at, rule=rule, first_outcome=first, updated_at=now)
    known = await positions.for_proposal(tx, proposal.id)
    heard = {one.body_did for one in known if one.status != "late"}
    for report in known:
        if report.status == "late" and report.body_did not in heard:
            heard.add(report.body_did)
            await positions.set_status(tx, report.id, "counted")
    for veto in await vetoes.for_proposal(tx, proposal.id):
        if read_veto(veto.document).signed_at <= again_at:
            await vetoes.set_status(tx, veto.id, "counted")


async def _note(tx: Tx, proposal: ProposalRecord, document: Mapping[str, Any], *, by: str, now: datetime) -> None:
    content = {"first": content_digest(document), "again_at": document["governance"]["call"]["again_at"]}
    await events.append(tx, at=now, actor=by, type="second-call-opened", subject=proposal.id, content=content)
