"""Ballots: a member casts at home, a peer brings one, a deciding body's receipt comes back.

Called by doors and inbound.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from federation.vocabulary.reading import governance_of, id_of
from identity.canonical import content_digest
from identity.dids.did_key import public_key
from identity.errors import IdentityError
from identity.keys.pairs import Ed25519Pair
from identity.proofs import eddsa_jcs_2022
from node.governance.ballots import Ballot, BallotFacts, Choice, check_ballot, read_ballot
from node.governance.refusals import Refusal
from node.outbound import post
from node.outbound.ballots import ballot as ballot_document
from node.outbound.ballots import receipt as receipt_document
from node.services.assembly import equivocations
from node.services.assembly.twins import open_twins
from node.services.turnout import is_complete
from storage.governance import ballots, proposals, rolls
from storage.house import keys
from storage.records import BallotRecord, MemberRecord, ProposalRecord
from storage.work import events, jobs

if TYPE_CHECKING:
    from datetime import datetime

    from federation.receive.verify import VerifiedActivity
    from node.context import Node
    from storage.engine import Tx


KEPT_UNCOUNTED: Mapping[str, str] = {"ballot-late": "late", "ballot-equivocation": "equivocation"}
"""Refusals after which the ballot is kept all the same, and its status then."""
REPLACES: Mapping[str, str] = {"counted": "superseded", "equivocation": "equivocation"}
"""What a new ballot of that status makes of the voter's counted one."""


@dataclass(frozen=True, slots=True)
class CastReceipt:
    """The ballot as kept, and the deciding body's receipt; None while that body has not answered yet.

    `along` are our other answers to the same question, at which it was cast as well.
    """

    ballot: BallotRecord
    receipt: Mapping[str, Any] | None
    along: tuple[str, ...] = ()


async def cast(node: Node, *, member: MemberRecord, proposal_id: str, choice: str) -> CastReceipt:
    """A member's ballot, replacing an earlier one (G4), and the same for our other answers to the same question.

    Refusals: not-found, choice-unknown, not-on-roll, proposal-not-open.
    """
    if choice not in set(Choice):
        raise Refusal("choice-unknown")
    now = node.clock()
    async with node.store.write() as tx:
        proposal = await _votable(tx, proposal_id, member.did)
        along = await open_twins(tx, proposal, member.did, now)
        done = await _cast_at(node, tx, proposal, member, choice=choice, now=now)
        for twin in along:
            await _cast_at(node, tx, twin, member, choice=choice, now=now)
    return replace(done, along=tuple(twin.id for twin in along))


async def _cast_at(
    node: Node, tx: Tx, proposal: ProposalRecord, member: MemberRecord, *, choice: str, now: datetime
) -> CastReceipt:
    earlier = await ballots.latest_sent(tx, proposal.id, member.did)
    document = ballot_document(
        node,
        proposal=proposal,
        voter=member.did,
        key=await _voter_key(node, tx, member),
        choice=choice,
        seq=earlier.seq + 1 if earlier else 1,
        now=now,
    )
    if proposal.origin == "own":
        kept = await _record(node, tx, proposal, document, now=now, source=node.body.actor_id)
        _refuse_uncounted(kept)
        receipt = _receipt(node, kept)
        await post.create(tx, node, document, ordering_key=proposal.id)
    else:
        carrier = await post.create_for(tx, node, document, ordering_key=proposal.id, to=[proposal.deciding_actor])
        sent = _row(read_ballot(document), document, now=now, status="sent", source=node.body.actor_id)
        kept, receipt = replace(sent, activity_id=carrier), None
        await ballots.add(tx, kept)
    await _note(tx, kept, by=member.id)
    return CastReceipt(kept, receipt)


async def receive(node: Node, activity: VerifiedActivity) -> None:
    """A ballot brought by another co-op's node: counted once, answered with a receipt, shown to those who follow.

    A refused ballot is answered too, with the refusal's code; a late one and two that contradict each other are
    kept and their receipt says so (G4, G9). The same ballot again changes nothing. Raises Refusal.
    """
    document = activity.document["object"]
    now = activity.received_at
    try:
        _check_proof(document)
        async with node.store.write() as tx:
            proposal = await proposals.find(tx, read_ballot(document).proposal_id)
            if proposal is None or proposal.origin != "own":
                raise Refusal("not-found")  # noqa: TRY301  # answered below like every other refusal
            if await ballots.by_digest(tx, proposal.id, content_digest(document)) is not None:
                return
            kept = await _record(node, tx, proposal, document, now=now, source=activity.actor_id)
            await _answer(tx, node, activity, kept)
            await _note(tx, kept, by=activity.actor_id)
    except Refusal as refusal:
        await _answer_refusal(node, activity, refusal)
        raise
    _refuse_uncounted(kept)


async def receive_answer(node: Node, activity: VerifiedActivity, *, is_accepted: bool) -> None:
    """The deciding body's Accept or Reject of a ballot we carried: the member sees it as counted or refused."""
    governance = governance_of(activity.document)
    async with node.store.write() as tx:
        sent = await ballots.by_activity(tx, id_of(activity.document.get("object")) or "")
        if sent is None or sent.status != "sent":
            return
        proposal = await proposals.find(tx, sent.proposal_id)
        if proposal is None or proposal.deciding_actor != activity.actor_id:
            raise Refusal("forbidden")
        status, reason = ("counted", None) if is_accepted else ("refused", str(governance.get("code", "refused"))[:60])
        await ballots.settle(tx, sent.id, status=status, reason=reason, receipt=_receipt_in(governance))
        content = {"ballot": sent.digest, "status": status, "reason": reason}
        await events.append(
            tx,
            at=node.clock(),
            actor=activity.actor_id,
            type="ballot-answered",
            subject=sent.proposal_id,
            content=content,
        )


def _receipt_in(governance: Mapping[str, Any]) -> Mapping[str, Any] | None:
    receipt = governance.get("receipt")
    return receipt if isinstance(receipt, Mapping) else None


def _check_proof(document: Mapping[str, Any]) -> None:
    ballot = read_ballot(document)
    try:
        if eddsa_jcs_2022.proof_method(document).partition("#")[0] != ballot.voter:
            raise Refusal("ballot-forged")
        eddsa_jcs_2022.verify(document, key=public_key(ballot.voter), now=None, whole=True)
    except IdentityError as error:
        raise Refusal("ballot-forged") from error


async def _record(  # one row's worth of facts
    node: Node, tx: Tx, proposal: ProposalRecord, document: Mapping[str, Any], *, now: datetime, source: str
) -> BallotRecord:
    """Keep a ballot for a proposal of ours: counted, late, or in equivocation. Raises Refusal for any other."""
    ballot = read_ballot(document)
    entry = await rolls.entry(tx, proposal.id, ballot.voter)
    latest = await ballots.latest_sent(tx, proposal.id, ballot.voter)
    facts = BallotFacts(
        proposal_id=proposal.id,
        proposal_digest=proposal.digest or "",
        is_open=proposal.state == "open",
        closes_at=proposal.closes_at,
        weight=entry.weight if entry else None,
        current_seq=latest.seq if latest else 0,
        current_digest=latest.digest if latest else "",
    )
    status, reason = _standing(ballot, facts, now)
    row = _row(ballot, document, now=now, status=status, source=source)
    kept = replace(row, reason=reason, weight=entry.weight if entry else 0)
    counted = await ballots.current(tx, proposal.id, ballot.voter)
    if counted is not None and status in REPLACES:
        await ballots.set_status(tx, counted.id, REPLACES[status])
    await ballots.add(tx, kept)
    if status == "equivocation" and latest is not None:
        voter = ballot.voter.removeprefix("did:key:")
        await equivocations.expose(node, tx, (latest.document, document), key=voter, now=now)
    if await is_complete(tx, proposal):
        await jobs.enqueue(tx, "close", proposal.id, run_at=now)
    node.metrics.ballots.labels(status).inc()
    return kept


def _standing(ballot: Ballot, facts: BallotFacts, now: datetime) -> tuple[str, str | None]:
    """A ballot's status, and the refusal's code for one that is kept though it does not count. Raises Refusal."""
    try:
        check_ballot(ballot, facts, received_at=now)
    except Refusal as refusal:
        if refusal.code not in KEPT_UNCOUNTED:
            raise
        return KEPT_UNCOUNTED[refusal.code], refusal.code
    return "counted", None


def _refuse_uncounted(kept: BallotRecord) -> None:
    if kept.reason is not None:
        raise Refusal(kept.reason)


async def _votable(tx: Tx, proposal_id: str, voter: str) -> ProposalRecord:
    proposal = await proposals.find(tx, proposal_id)
    if proposal is None or proposal.state in {"draft", "submitted"} or proposal.electorate_kind == "constituents":
        raise Refusal("not-found")
    if proposal.state != "open":
        raise Refusal("proposal-not-open")
    if await rolls.entry(tx, proposal_id, voter) is None:
        raise Refusal("not-on-roll")
    return proposal


async def _voter_key(node: Node, tx: Tx, member: MemberRecord) -> Any:
    record = await keys.find(tx, member.key_id)
    if record is None:
        raise Refusal("not-found")
    return Ed25519Pair.from_pkcs8(node.sealer.open(record.sealed_private, label=record.key_id)).private


def _row(ballot: Ballot, document: Mapping[str, Any], *, now: datetime, status: str, source: str) -> BallotRecord:
    return BallotRecord(
        id=document["id"],
        proposal_id=ballot.proposal_id,
        voter=ballot.voter,
        choice=ballot.choice,
        seq=ballot.seq,
        document=dict(document),
        digest=content_digest(document),
        received_at=now,
        status=status,
        reason=None,
        source_actor=source,
    )


def _receipt(node: Node, kept: BallotRecord) -> dict[str, Any]:
    return receipt_document(
        node,
        ballot_digest=kept.digest,
        proposal_id=kept.proposal_id,
        seq=kept.seq,
        status=kept.status,
        received_at=kept.received_at,
    )


async def _answer(tx: Tx, node: Node, activity: VerifiedActivity, kept: BallotRecord) -> None:
    """Accept with a receipt, and shown to followers; or Reject with a receipt that says why it does not count."""
    answer = {"kind": "receipt", "receipt": _receipt(node, kept)}
    if kept.reason is not None:
        await post.reject(tx, node, activity.id, to=activity.actor_id, governance={**answer, "code": kept.reason})
        return
    await post.accept(tx, node, activity.id, to=activity.actor_id, governance=answer)
    await post.relay(tx, node, activity, ordering_key=kept.proposal_id)


async def _answer_refusal(node: Node, activity: VerifiedActivity, refusal: Refusal) -> None:
    now = node.clock()
    async with node.store.write() as tx:
        await post.reject(tx, node, activity.id, to=activity.actor_id, governance={"code": refusal.code})
        await events.append(
            tx,
            at=now,
            actor=activity.actor_id,
            type="ballot-refused",
            subject=activity.id,
            content={"code": refusal.code},
        )


async def _note(tx: Tx, kept: BallotRecord, *, by: str) -> None:
    content = {"ballot": kept.digest, "voter": kept.voter, "seq": kept.seq, "status": kept.status}
    await events.append(
        tx, at=kept.received_at, actor=by, type="ballot-cast", subject=kept.proposal_id, content=content
    )
