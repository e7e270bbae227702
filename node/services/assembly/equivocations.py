"""Two different things signed for one place: made into a proof that anybody checks alone, published, acted upon (G9).

Exposed by the services that receive ballots, positions and statutes; received through node.inbound.assemblies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.assembly.equivocation import Equivocation, check_equivocation, equivocation_governance
from federation.assembly.refusals import EquivocationRefusal
from federation.assembly.statute import find_constituent, read_statute
from federation.errors import NotYet
from federation.vocabulary.terms import EQUIVOCATION
from identity.canonical import content_digest
from node.outbound import post
from node.outbound.documents import signed
from storage.governance import ballots, equivocations, positions, proposals, statutes
from storage.neighbours import peer_keys, peers
from storage.records import EquivocationRecord
from storage.work import events

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from federation.receive.verify import VerifiedActivity
    from node.context import Node
    from storage.engine import Tx
    from storage.records import ProposalRecord


async def expose(
    node: Node, tx: Tx, pair: tuple[Mapping[str, Any], Mapping[str, Any]], *, key: str, now: datetime
) -> None:
    """Publish that the holder of `key` signed both; once for a pair, and not if the two prove nothing."""
    try:
        governance = equivocation_governance(dict(pair[0]), dict(pair[1]), key=key)
    except EquivocationRefusal:
        return
    document = signed(node, EQUIVOCATION, node.url("equivocations", node.new_id()), governance, now=now)
    if await _keep(tx, document, received_at=now, by=node.body.actor_id):
        await post.create(tx, node, document, ordering_key=document["id"])


async def receive(node: Node, activity: VerifiedActivity) -> None:
    """A proof from elsewhere: checked by itself, then whose key it is; kept, acted upon and passed on.

    Refusals: those of check_equivocation, equivocation-other-key. Raises NotYet while it is not known whose key it is.
    """
    document = activity.document.get("object", {})
    proven = check_equivocation(document)
    async with node.store.write() as tx:
        if not await WHOSE[proven.place.what](tx, proven):
            raise EquivocationRefusal("equivocation-other-key")
        if not await _keep(tx, document, received_at=activity.received_at, by=activity.actor_id):
            return
        await _take_out(tx, proven)
        await post.relay(tx, node, activity, ordering_key=document["id"])


async def twins_of(tx: Tx, proposal: ProposalRecord, body: str) -> tuple[Mapping[str, Any], ...]:
    """The two positions on a proposal that prove together that this body signed two of one number; () without proof.

    Of several such pairs it is the one that was known first.
    """
    about = {"id": proposal.id, "digest": proposal.digest}
    proofs = [one.document["governance"] for one in await equivocations.by_signer(tx, "position", body)]
    return next((tuple(said["documents"]) for said in proofs if said["place"]["proposal"] == about), ())


async def _keep(tx: Tx, document: Mapping[str, Any], *, received_at: datetime, by: str) -> bool:
    said = document["governance"]
    record = EquivocationRecord(
        digest=content_digest({"governance": said}),
        document_id=document["id"],
        what=said["what"],
        signer=said["signer"],
        document=document,
        received_at=received_at,
    )
    if not await equivocations.add(tx, record):
        return False
    content = {"what": record.what, "signer": record.signer, "digest": record.digest}
    await events.append(
        tx, at=received_at, actor=by, type="equivocation-exposed", subject=record.signer, content=content
    )
    return True


async def _take_out(tx: Tx, proven: Equivocation) -> None:
    """Neither of the two counts in a decision of ours that is still open; what is closed stays as it was decided."""
    proposal = await _proposal(tx, proven)
    if proposal is None or proposal.state != "open":
        return
    if proven.place.what == "position":
        for report in await positions.for_proposal(tx, proposal.id):
            if report.digest in proven.digests and report.status == "counted":
                await positions.set_status(tx, report.id, "equivocation")
        return
    counted = await ballots.current(tx, proposal.id, proven.place.signer)
    if counted is not None and counted.digest in proven.digests:
        await ballots.set_status(tx, counted.id, "equivocation")


async def _is_voters(_: Tx, __: Equivocation) -> bool:
    """A voter's DID is its key: compared when the proof was checked."""
    return True


async def _is_on_roster(tx: Tx, proven: Equivocation) -> bool:
    """The key stands on the roster that the proposal was opened under. PositionRefusal when the body does not."""
    proposal = await _proposal(tx, proven)
    statute = await statutes.find(tx, proposal.statute_digest or "") if proposal else None
    if statute is None:
        raise NotYet("the proposal of this proof, or its statute, has not arrived")
    return find_constituent(read_statute(statute.document), proven.place.signer).key == proven.key


async def _is_bodys(tx: Tx, proven: Equivocation) -> bool:
    """The key is listed by the actor of that DID."""
    peer = await peers.by_did(tx, proven.place.signer)
    if peer is None:
        raise NotYet("the body this proof accuses is not known here")
    return proven.key in {key.public_text for key in await peer_keys.of_actor(tx, peer.actor_id)}


WHOSE: Mapping[str, Callable[[Tx, Equivocation], Awaitable[bool]]] = {
    "ballot": _is_voters,
    "position": _is_on_roster,
    "statute": _is_bodys,
}
"""By what was signed twice: whether the key in the proof is really that of whom it accuses."""


async def _proposal(tx: Tx, proven: Equivocation) -> ProposalRecord | None:
    about = proven.place.members.get("proposal")
    return await proposals.find(tx, str(about["id"])) if isinstance(about, dict) else None
