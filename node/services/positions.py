"""Positions of constituents: checked against the statute and their own tally, kept, passed on; called by inbound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.assembly.positions import (
    INVALID_REPORTS,
    Asked,
    Placement,
    Position,
    check_position,
    place,
    read_position,
)
from federation.assembly.references import Reference
from federation.assembly.refusals import PositionRefusal
from federation.assembly.statute import Statute, find_constituent
from federation.assembly.weighing.modes import weights_of
from federation.errors import NotYet
from federation.peers.catch_up import fetch_activity
from federation.peers.reported import word_of
from federation.receive.origins import same_origin
from federation.vocabulary.reading import first_type, id_of
from federation.vocabulary.reports import HEADER, Statement, digest_of, written
from federation.vocabulary.terms import AS2, POSITION
from identity.canonical import content_digest
from identity.errors import IdentityError
from identity.keys.multikey import read_multibase
from identity.proofs import eddsa_jcs_2022
from node.governance.refusals import Refusal
from node.outbound import post
from node.services.assembly import equivocations, recounts
from node.services.turnout import is_complete, statute_at
from storage.governance import positions, proposals
from storage.records import PositionRecord, ProposalRecord
from storage.work import activities, events, intake, jobs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from federation.receive.verify import VerifiedActivity
    from node.context import Node
    from storage.engine import Tx

STATUS: Mapping[Placement, str] = {
    Placement.COUNTS: "counted",
    Placement.LATE: "late",
    Placement.EQUIVOCATION: "equivocation",
}


MOST_REPORTS = 50
"""Positions of one constituent on one proposal that are looked at: one, and a few that superseded it."""


async def receive(node: Node, activity: VerifiedActivity) -> None:
    """A signed position, by its status: counted, superseding, late, invalid, or in equivocation; relayed (G4, G6).

    One that its body signed though it does not follow from its own tally is kept with the reason and not counted; a
    later number may take its place. Refusals: those of check_position where it is not about what we asked,
    position-signature, position-stale. Raises NotYet while its proposal has not arrived.
    """
    document = activity.document.get("object", {})
    position = read_position(document)
    if first_type(document) != POSITION:
        raise PositionRefusal("position-malformed", "its type is another")
    async with node.store.write() as tx:
        proposal = await proposals.find(tx, position.asked.proposal.id)
        if proposal is None:
            raise NotYet("the proposal this position is about has not arrived")
        if await positions.find(tx, document["id"]) is not None:
            return
        invalid = _check(proposal, position, await _statute(tx, proposal), document)
        status = await _status(tx, proposal, position, document, activity, is_valid=invalid is None)
        await positions.add(tx, _row(position, document, activity, status=status, invalid=invalid))
        await post.relay(tx, node, activity, ordering_key=proposal.id)
        await _note(tx, document, activity, status=status, invalid=invalid)
        if status in {"equivocation", "late"}:
            await _expose(node, tx, proposal, position, document)
        if proposal.origin == "own" and proposal.state == "open" and await is_complete(tx, proposal):
            await jobs.enqueue(tx, "close", proposal.id, run_at=activity.received_at)


async def _expose(
    node: Node, tx: Tx, proposal: ProposalRecord, position: Position, document: Mapping[str, Any]
) -> None:
    """Publish this position beside its twin of the same number."""
    key = find_constituent(await _statute(tx, proposal), position.body).key
    for twin in await positions.of_body(tx, proposal.id, position.body):
        if twin.seq == position.seq and twin.id != position.id:
            await equivocations.expose(node, tx, (twin.document, document), key=key, now=node.clock())


async def _statute(tx: Tx, proposal: ProposalRecord) -> Statute:
    if proposal.statute_digest is None:  # members decide on it, and no body reports
        raise PositionRefusal("position-other-proposal", proposal.id)
    statute = await statute_at(tx, proposal.statute_digest)
    if statute is None:
        raise NotYet("the statute of this position's proposal has not arrived")
    return statute


def _check(
    proposal: ProposalRecord, position: Position, statute: Statute, document: Mapping[str, Any]
) -> PositionRefusal | None:
    """None if it follows from its own tally and weight, else the reason it is invalid for.

    Raises PositionRefusal unless the roster's key signed it and it answers this proposal.
    """
    constituent = find_constituent(statute, position.body)
    terms, weight = statute.terms, None
    if terms.may_split and position.split:
        weight = weights_of(statute)[statute.constituents.index(constituent)]
    asked = Asked(proposal=Reference(proposal.id, proposal.digest or ""), statute=proposal.statute_digest or "")
    try:
        eddsa_jcs_2022.verify(document, key=read_multibase(constituent.key), now=None, whole=True)
        method = eddsa_jcs_2022.proof_method(document)
    except IdentityError as error:
        raise PositionRefusal("position-invalid", "not signed by the key on the roster") from error
    if method.partition("#")[0] != constituent.actor:
        raise PositionRefusal("position-invalid", "signed in the name of another actor")
    try:
        check_position(position, asked=asked, constituent=constituent, splits=weight, needs_leaves=terms.needs_leaves)
    except PositionRefusal as refusal:
        if refusal.code not in INVALID_REPORTS:
            raise
        return refusal
    return None


async def _status(
    tx: Tx,
    proposal: ProposalRecord,
    position: Position,
    document: Mapping[str, Any],
    activity: VerifiedActivity,
    *,
    is_valid: bool,
) -> str:
    """Its status on arrival. A second position of one sequence takes both out of the count (G6 equivocation).

    An invalid one never takes the place of one that counts.
    """
    if proposal.origin == "own" and proposal.state != "open":
        return await recounts.late_status(tx, proposal, position, is_valid=is_valid)
    reported = await positions.of_body(tx, proposal.id, position.body)
    counted = next((one for one in reported if one.status == "counted"), None)
    placement = place(
        position.seq,
        content_digest(document),
        current=(counted.seq, counted.digest) if counted else None,
        # Only the body that decides knows when it came in; whoever reads of it afterwards takes the signed time.
        received_at=activity.received_at if proposal.origin == "own" else position.signed_at,
        closes_at=proposal.closes_at,
    )
    if placement in {Placement.STALE, Placement.REPLAY}:
        raise Refusal("position-stale")
    twins = [one for one in reported if one.seq == position.seq]
    if placement is not Placement.LATE and twins:
        for twin in twins:
            await positions.set_status(tx, twin.id, "equivocation")
        return "equivocation"
    if not is_valid:
        return "invalid"
    if counted is not None and placement is Placement.COUNTS:
        await positions.set_status(tx, counted.id, "superseded")
    return STATUS[placement]


def _row(
    position: Position,
    document: Mapping[str, Any],
    activity: VerifiedActivity,
    *,
    status: str,
    invalid: PositionRefusal | None,
) -> PositionRecord:
    return PositionRecord(
        id=str(document["id"]),
        proposal_id=position.asked.proposal.id,
        body_did=position.body,
        body_actor=activity.actor_id,
        seq=position.seq,
        choice=str(position.choice),
        document=document,
        digest=content_digest(document),
        received_at=activity.received_at,
        status=status,
        reason=invalid.code if invalid else None,
    )


async def _note(
    tx: Tx, document: Mapping[str, Any], activity: VerifiedActivity, *, status: str, invalid: PositionRefusal | None
) -> None:
    stated = document["governance"]
    content = {"body": stated["body"], "choice": stated["choice"], "status": status, "digest": content_digest(document)}
    if invalid is not None:
        content |= {"reason": invalid.code, "detail": invalid.detail}
    await events.append(
        tx,
        at=activity.received_at,
        actor=activity.actor_id,
        type="position-received",
        subject=stated["proposal"]["id"],
        content=content,
    )


async def headers_about(node: Node, ordering_key: str) -> Mapping[str, str]:
    """What to send along with deliveries about a proposal of ours: which positions we reported upward on it (P20)."""
    if not ordering_key.startswith(f"{node.origin}/proposals/"):
        return {}
    digests = await node.store.read_together(_reported, ordering_key)
    if digests is None:
        return {}
    upstream, own = digests
    said = Statement(proposal=upstream, count=len(own), digest=digest_of(own.values()), url=f"{ordering_key}/reports")
    return {HEADER: written(said)}


async def _reported(tx: Tx, proposal_ids: Sequence[str]) -> Sequence[tuple[str, Mapping[str, str]] | None]:
    """For each own proposal on an upstream one: that one, and digests of our positions on it by id."""
    found: dict[str, tuple[str, Mapping[str, str]] | None] = {}
    for proposal_id in set(proposal_ids):
        proposal = await proposals.find(tx, proposal_id)
        upstream = proposal.upstream_id if proposal is not None and proposal.origin == "own" else None
        own = await positions.digests(tx, upstream, source="own") if upstream is not None else {}
        found[proposal_id] = (upstream, own) if upstream is not None and own else None
    return [found[proposal_id] for proposal_id in proposal_ids]


async def reports_document(tx: Tx, proposal_id: str) -> dict[str, Any] | None:
    """The positions we reported upward on a proposal of ours, each with the activity that carried it."""
    (stated,) = await _reported(tx, [proposal_id])
    if stated is None:
        return None
    upstream, own = stated
    carried_by = await activities.creating(tx, own)
    return {
        "@context": AS2,
        "id": f"{proposal_id}/reports",
        "type": "Collection",
        "context": upstream,
        "totalItems": len(own),
        "digest": digest_of(own.values()),
        "items": [{"id": one, "digest": digest, "activity": carried_by.get(one)} for one, digest in own.items()],
    }


async def compare_reports(node: Node, key: str) -> None:
    """None, after what a constituent says it reported was compared with what is here, and what is missing was fetched.

    `key` stands for its actor and its signed word. A position that reads otherwise there than here is noted as an
    event. Raises FetchFailure, and NotYet while it does not answer.
    """
    actor_id, said = await word_of(node.federation, key)
    async with node.store.read() as tx:
        proposal = await proposals.find(tx, said.proposal) if said is not None else None
        held = await positions.digests(tx, said.proposal, body_actor=actor_id) if said is not None else {}
    if said is None or proposal is None or proposal.origin != "own" or not same_origin(said.url, actor_id):
        return
    if (len(held), digest_of(held.values())) == (said.count, said.digest):
        return
    node.federation.count("positions", "differ")
    listed = (await node.federation.fetcher.get_own(said.url)).get("items")
    for item in (listed if isinstance(listed, list) else ())[:MOST_REPORTS]:
        if isinstance(item, dict) and same_origin(id_of(item) or "", actor_id):
            await _reconcile(node, proposal, item, held)


async def _reconcile(node: Node, proposal: ProposalRecord, item: Mapping[str, Any], held: Mapping[str, str]) -> None:
    position_id, carried_by = str(item["id"]), id_of(item.get("activity")) or ""
    if position_id in held:
        if item.get("digest") != held[position_id]:
            await _note_altered(node, proposal, position_id, {"here": held[position_id], "there": item.get("digest")})
    elif same_origin(carried_by, position_id):
        await _take_again(node, carried_by, position_id)


async def _take_again(node: Node, activity_id: str, position_id: str) -> None:
    """Have the activity that carried the position handled: as it lies here, or fetched from its author.

    Any other that lies here stays as it is: what it did once, it must not do again because somebody lists it.
    """
    async with node.store.write() as tx:
        here = await activities.find(tx, activity_id)
        if here is not None and here.object_id == position_id:
            await intake.queue_all(tx, [activity_id], node.clock())
    if here is None:
        await fetch_activity(node.federation, activity_id)


async def _note_altered(node: Node, proposal: ProposalRecord, position_id: str, digests: Mapping[str, Any]) -> None:
    async with node.store.write() as tx:
        content = {"position": position_id, **digests}
        await events.append(
            tx, at=node.clock(), actor=node.body.actor_id, type="report-altered", subject=proposal.id, content=content
        )
