"""Evidence: gathering what proves an outcome from the nodes below, and fetching the proof of a decision that bound us.

Called by job rows; both look again until the other side is ready.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from federation.assembly.references import Reference
from federation.assembly.roll_up import HEARD
from federation.errors import FetchFailure, NoAnswerYet
from identity.canonical import bytes_digest, content_digest
from node.governance import electorate
from node.governance.evidence import Anchor, assemble, documents_in, verify_bundle
from node.governance.evidence.bundle import read_bundle
from node.governance.evidence.failures import EvidenceRefusal
from node.governance.outcomes import CITED
from node.services.assembly import equivocations
from node.services.house.vouching import decision_key, vouched
from storage.governance import ballots, evidence, positions, proposals, rolls, statutes, vetoes
from storage.records import EvidenceRecord, PositionRecord, ProposalRecord
from storage.work import events

if TYPE_CHECKING:
    from node.context import Node
    from storage.engine import Tx

Document = Mapping[str, Any]

OK = 200
LARGEST_BUNDLE_BYTES = 256 * 1024 * 1024
LEAST_WAIT = timedelta(milliseconds=300)
LONGEST_WAIT = timedelta(minutes=30)


async def gather(node: Node, proposal_id: str) -> datetime | None:
    """Put together and check the bundle of a closed proposal of ours; when to look again while a part is missing.

    Raises NoAnswerYet while a body below serves what does not prove its position.
    """
    async with node.store.read() as tx:
        proposal = await proposals.find(tx, proposal_id)
        if proposal is None or proposal.outcome_document is None:
            return None
        known = await positions.for_proposal(tx, proposal_id)
        decided = (proposal.outcome_document, proposal.replaced_outcome)
        reported = _cited(known, decided, HEARD)
        documents = await _own_documents(tx, proposal)
        documents += [one.document for one in _cited(known, (*decided, proposal.first_outcome), CITED)]
        key = await decision_key(node, tx, proposal)
        ratified = await evidence.find(tx, proposal.ratifies_id) if proposal.ratifies_id else None
    is_ready = not proposal.ratifies_id or (ratified is not None and ratified.complete)
    below = await _all_below(node, reported) if is_ready else None
    if below is None:
        return _look_again(node, proposal)
    documents += documents_in(ratified.bundle) if ratified else []
    once = {content_digest(one): one for one in documents}  # a statute stands in both, maybe with proofs by two keys
    documents = [vouched(node, one, key) if _is_ours(node, one) else one for one in once.values()]
    decision = Reference(proposal.outcome_document["id"], proposal.outcome_digest or "")
    anchor = Anchor(actor=node.body.actor_id, did=node.body.did, key=key)
    try:
        bundle = await asyncio.to_thread(assemble, documents, decision, anchor, below=below)
        is_proof = await _keep(node, proposal, bundle)
    except EvidenceRefusal:
        is_proof = False
    if not is_proof:
        await _check_each(reported, below)
    return None


async def _all_below(node: Node, reported: Iterable[PositionRecord]) -> list[bytes] | None:
    """The bundles behind these positions, None while one is not ready; together no larger than one may be."""
    found: list[bytes] = []
    left_bytes = LARGEST_BUNDLE_BYTES
    for record in reported:
        proposal_id = record.document["governance"]["basis"]["proposal"]["id"]
        bundle = await _fetched(node, proposal_id, max_bytes=left_bytes)
        if bundle is None:
            return None
        found.append(bundle)
        left_bytes -= len(bundle)
    return found


async def _check_each(reported: Iterable[PositionRecord], below: Iterable[bytes]) -> None:
    """Raise NoAnswerYet for the first bundle that does not prove the outcome its body's position rests on.

    Whoever serves it may serve a good one later: what one body says must not leave all others without evidence.
    """
    for record, bundle in zip(reported, below, strict=True):
        wanted = record.document["governance"]["basis"]["outcome"]["digest"]
        is_proof, failure = await asyncio.to_thread(_checked, bundle, wanted)
        if not is_proof:
            raise NoAnswerYet(f"{record.body_did} serves no good evidence: {failure or 'of another decision'}")


async def fetch_decision(node: Node, proposal_id: str) -> datetime | None:
    """Fetch and check the proof of the decision that settled our proposal; when to look again if it is missing.

    Raises NoAnswerYet while what is served does not prove it.
    """
    async with node.store.read() as tx:
        proposal = await proposals.find(tx, proposal_id)
        root = await proposals.find(tx, proposal.root_id) if proposal and proposal.root_id else None
    if root is None or proposal is None or proposal.decision_document is None:
        return None
    bundle = await _fetched(node, root.id)
    if bundle is None or _is_of_replaced(bundle, root):
        return _look_again(node, proposal)
    if not await _keep(node, root, bundle):
        raise NoAnswerYet(f"{root.deciding_actor} serves no good evidence")
    return None


async def _keep(node: Node, proposal: ProposalRecord, bundle: bytes) -> bool:
    """Keep a bundle with what checking it said: whether it is complete, which is to prove exactly this outcome."""
    is_proof, failure = await asyncio.to_thread(_checked, bundle, proposal.outcome_digest)
    now, digest = node.clock(), bytes_digest(bundle)
    record = EvidenceRecord(
        proposal_id=proposal.id, digest=digest, bundle=bundle, complete=is_proof, verified_at=now if is_proof else None
    )
    content = {"digest": digest, "valid": is_proof, "failure": failure}
    async with node.store.write() as tx:
        await evidence.save(tx, record)
        await events.append(
            tx, at=now, actor=node.body.actor_id, type="evidence-checked", subject=proposal.id, content=content
        )
    return is_proof


def _checked(bundle: bytes, digest: str | None) -> tuple[bool, str | None]:
    """Whether a bundle proves the outcome of that digest, and the code of the first check that failed."""
    report = verify_bundle(bundle)
    if report.failure is not None:
        return False, report.failure.code
    return read_bundle(bundle).decision.digest == digest, None


def _cited(
    records: Iterable[PositionRecord], outcomes: Iterable[Document | None], statuses: Collection[str]
) -> list[PositionRecord]:
    """The positions that these outcomes name in lines of such a status."""
    named = {line["position"]["id"] for line in _lines(outcomes) if line["position"] and line["status"] in statuses}
    return [record for record in records if record.id in named]


def _lines(outcomes: Iterable[Document | None]) -> Iterator[Document]:
    for one in outcomes:
        yield from (one["governance"]["constituents"] or ()) if one else ()


async def _own_documents(tx: Tx, proposal: ProposalRecord) -> list[Document]:
    """What this node itself holds: outcomes, proposal, and statute, vetoes and twins, or the roll with ballots."""
    outcomes = (proposal.outcome_document, proposal.first_outcome, proposal.replaced_outcome)
    documents: list[Document] = [proposal.document or {}, *(one for one in outcomes if one)]
    if proposal.electorate_kind == "constituents":
        statute = await statutes.find(tx, proposal.statute_digest or "")
        if statute is None:
            raise LookupError(f"the statute of {proposal.id} is not in the store")
        against = [one.document for one in await vetoes.for_proposal(tx, proposal.id) if one.status == "counted"]
        signers = {line["body"] for line in _lines(outcomes) if line.get("equivocation")}
        twins = [one for body in sorted(signers) for one in await equivocations.twins_of(tx, proposal, body)]
        return [*documents, statute.document, *against, *twins]
    roll = electorate.freeze([(entry.voter, entry.weight) for entry in await rolls.entries(tx, proposal.id)])
    counted = await ballots.counted(tx, proposal.id)
    return [*documents, electorate.roll_document(proposal.id, roll), *(ballot.document for ballot in counted)]


async def _fetched(node: Node, proposal_id: str, *, max_bytes: int = LARGEST_BUNDLE_BYTES) -> bytes | None:
    """The bundle another node serves for its proposal, or None while it is not ready or has more bytes."""
    headers = {"Accept": "application/jsonl"}
    try:
        answer = await node.federation.client.get(f"{proposal_id}/evidence", headers=headers, max_bytes=max_bytes)
    except FetchFailure:
        return None
    return answer.body if answer.status == OK else None


def _is_of_replaced(bundle: bytes, root: ProposalRecord) -> bool:
    """Whether it proves the outcome whose place a recount took: the new one is still being gathered."""
    try:
        return root.replaced_outcome is not None and read_bundle(bundle).decision.digest != root.outcome_digest
    except EvidenceRefusal:
        return False


def _look_again(node: Node, proposal: ProposalRecord) -> datetime:
    """Soon after the close, then ever less often: a tenth of the time waited so far."""
    now = node.clock()
    waited = now - (proposal.closed_at or now)
    return now + min(max(waited / 10, LEAST_WAIT), LONGEST_WAIT)


def _is_ours(node: Node, document: Document) -> bool:
    """Whether this body signed it: a ballot is its voter's, a position its constituent's, a roll nobody's."""
    proof = document.get("proof") or {}
    return str(proof.get("verificationMethod", "")).startswith(f"{node.body.actor_id}#")
