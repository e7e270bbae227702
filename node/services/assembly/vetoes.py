"""Vetoes: an operator of a constituent says no with a reason, before the assembly's close, where its statute allows it.

Submitted by the doors, received through node.inbound.proposals, counted by services.closing (G6). A constituent vetoes
by its operator's word, with or without a decision of its own; the first veto of a body on a proposal stands.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from federation.assembly.positions import Asked
from federation.assembly.references import Reference
from federation.assembly.refusals import AssemblyRefusal, PositionRefusal
from federation.assembly.reporting.vetoes import check_veto, read_veto, veto_governance
from federation.assembly.statute import Constituent, Statute, find_constituent, read_statute
from federation.errors import NotYet
from identity.canonical import content_digest
from identity.errors import IdentityError
from identity.keys.multikey import read_multibase
from identity.proofs import eddsa_jcs_2022
from node.governance.proposals import MOTION
from node.governance.refusals import Refusal
from node.outbound import positions as outbound
from node.outbound import post
from storage.governance import proposals, statutes, vetoes
from storage.records import VetoRecord
from storage.work import events

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from federation.assembly.reporting.vetoes import Veto
    from federation.receive.verify import VerifiedActivity
    from node.context import Node
    from storage.engine import Tx
    from storage.records import MemberRecord, ProposalRecord


async def submit(node: Node, *, member: MemberRecord, proposal_id: str, reason: str) -> VetoRecord:
    """Our veto on an assembly's proposal, named itself or by our own answer to it; on its way to all who follow.

    Refusals: forbidden (not an operator), not-found, position-not-a-constituent, veto-late, veto-not-allowed,
    veto-reason, veto-twice.
    """
    if "operator" not in member.roles:
        raise Refusal("forbidden")
    now = node.clock()
    async with node.store.write() as tx:
        proposal = await _deciding(tx, await proposals.find(tx, proposal_id))
        if proposal is None:
            raise Refusal("not-found")
        if not reason.strip():
            raise PositionRefusal("veto-reason")
        constituent = await _check_right(node, tx, proposal, now)
        governance = veto_governance(asked=_asked(proposal), body=node.body.did, reason=reason.strip(), signed_at=now)
        document = outbound.veto(node, governance=governance, key=constituent.key, now=now)
        record = _record(read_veto(document), document, at=now, status="counted", source="own")
        await _keep(tx, record, by=member.id, event="veto-sent")
        await post.create(tx, node, document, ordering_key=proposal.id, to=[proposal.deciding_actor])
    return record


async def receive(node: Node, activity: VerifiedActivity) -> None:
    """A constituent's veto: kept with its reason, counted if it came before the close, late otherwise; passed on.

    Refusals: those of read_veto and check_veto, position-not-a-constituent, veto-not-allowed (members decide it),
    veto-signature, veto-twice. Raises NotYet while its proposal or statute has not arrived.
    """
    document = activity.document.get("object", {})
    veto = read_veto(document)
    async with node.store.write() as tx:
        proposal = await proposals.find(tx, veto.asked.proposal.id)
        if proposal is not None and proposal.electorate_kind != "constituents":
            raise PositionRefusal("veto-not-allowed", "only the constituents of an assembly veto")
        statute = await _statute(tx, proposal) if proposal else None
        if proposal is None or statute is None:
            raise NotYet("the proposal this veto is about, or its statute, has not arrived")
        if await vetoes.find(tx, veto.id) is not None:
            return
        _check(veto, document, proposal, statute)
        is_late = _is_late(veto, proposal, activity.received_at)
        status = "late" if is_late else "counted"
        record = _record(veto, document, at=activity.received_at, status=status, source="peer")
        await _keep(tx, record, by=activity.actor_id, event="veto-received")
        await post.relay(tx, node, activity, ordering_key=proposal.id)


async def counted(tx: Tx, proposal_id: str) -> dict[str, Reference]:
    """The vetoes that came in time, by the DID of the constituent."""
    found = await vetoes.for_proposal(tx, proposal_id)
    return {one.body_did: Reference(one.id, one.digest) for one in found if one.status == "counted"}


async def about(tx: Tx, proposal: ProposalRecord) -> tuple[VetoRecord, ...]:
    """The vetoes on a proposal, or on the one above that it answers."""
    deciding = await _deciding(tx, proposal)
    return await vetoes.for_proposal(tx, deciding.id) if deciding else ()


async def may_veto(node: Node, tx: Tx, proposal: ProposalRecord) -> bool:
    """Whether this body may still veto a proposal, or the one above that it answers."""
    deciding = await _deciding(tx, proposal)
    if deciding is None or deciding.electorate_kind != "constituents":
        return False
    try:
        await _check_right(node, tx, deciding, node.clock())
    except AssemblyRefusal:
        return False
    return await vetoes.of_body(tx, deciding.id, node.body.did) is None


async def _deciding(tx: Tx, proposal: ProposalRecord | None) -> ProposalRecord | None:
    if proposal is not None and proposal.origin == "own" and proposal.upstream_id:
        return await proposals.find(tx, proposal.upstream_id)
    return proposal


async def _check_right(node: Node, tx: Tx, proposal: ProposalRecord, now: datetime) -> Constituent:
    """Our line on the roster, if we may veto now. Raises PositionRefusal."""
    statute = await _statute(tx, proposal)
    if statute is None:
        raise PositionRefusal("veto-not-allowed", "only the constituents of an assembly veto")
    constituent = find_constituent(statute, node.body.did)
    right = statute.terms.veto
    if right is None or (proposal.type or MOTION) not in right.types:
        raise PositionRefusal("veto-not-allowed", proposal.type or MOTION)
    if proposal.state != "open" or now > proposal.closes_at:
        raise PositionRefusal("veto-late")
    return constituent


def _check(veto: Veto, document: Mapping[str, Any], proposal: ProposalRecord, statute: Statute) -> None:
    constituent = find_constituent(statute, veto.body)
    check_veto(
        veto,
        asked=_asked(proposal),
        constituent=constituent,
        statute=statute,
        proposal_type=proposal.type or MOTION,
    )
    try:
        eddsa_jcs_2022.verify(document, key=read_multibase(constituent.key), now=None, whole=True)
    except IdentityError as error:
        raise PositionRefusal("veto-signature") from error


def _is_late(veto: Veto, proposal: ProposalRecord, received_at: datetime) -> bool:
    """By the clock of the body that decides; whoever only reads of it takes the signed time."""
    if proposal.origin == "own" and (proposal.state != "open" or received_at > proposal.closes_at):
        return True
    return veto.signed_at > proposal.closes_at


async def _statute(tx: Tx, proposal: ProposalRecord) -> Statute | None:
    record = await statutes.find(tx, proposal.statute_digest or "")
    if record is None:
        return None
    statute = read_statute(record.document)
    # A ratification is refused by not ratifying; nobody vetoes it.
    return replace(statute, terms=statute.terms.for_ratification()) if proposal.ratifies_id else statute


def _asked(proposal: ProposalRecord) -> Asked:
    return Asked(proposal=Reference(proposal.id, proposal.digest or ""), statute=proposal.statute_digest or "")


def _record(veto: Veto, document: Mapping[str, Any], *, at: datetime, status: str, source: str) -> VetoRecord:
    return VetoRecord(
        id=veto.id,
        proposal_id=veto.asked.proposal.id,
        body_did=veto.body,
        reason=veto.reason,
        document=document,
        digest=content_digest(document),
        received_at=at,
        status=status,
        source=source,
    )


async def _keep(tx: Tx, record: VetoRecord, *, by: str, event: str) -> None:
    if not await vetoes.add(tx, record):
        raise PositionRefusal("veto-twice", record.body_did)
    content = {"body": record.body_did, "status": record.status, "digest": record.digest}
    await events.append(tx, at=record.received_at, actor=by, type=event, subject=record.proposal_id, content=content)
