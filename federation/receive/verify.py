"""Whether an activity was really said by its actor. The only place that builds a VerifiedActivity.

Called by receive.pipeline for requests, by peers.added for what is named by its id alone, and by receive.dispatch for
recorded activities.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from federation.errors import WireRefusal
from federation.receive.proofs import author_of
from federation.receive.signatures import signer_of
from federation.vocabulary.reading import first_type, id_of, object_of
from federation.vocabulary.strict_json import member_text
from identity.errors import ProofRefusal, SignatureRefusal

if TYPE_CHECKING:
    from datetime import datetime

    from federation.fetch.documents import FetchBudget
    from federation.fetch.shelf import PeerKey
    from federation.ports import Federation
    from federation.receive.gate import WireRequest
    from storage.records import ActivityRecord

Via = Literal["http_signature", "proof", "origin"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedActivity:
    """An activity whose actor is proven. `document` was parsed once, from exactly the bytes in `raw` (P4).

    `announced_by` is the actor that relayed it, None when it came from its own node. `signed_by` is the actor that
    signed the request, None when nobody did or it is recorded. `key_id` is "" for a recorded activity that came with an
    HTTP signature only.
    """

    id: str
    type: str
    actor_id: str
    document: Mapping[str, Any]
    raw: str
    key_id: str
    via: Via
    received_at: datetime
    announced_by: str | None = None
    signed_by: str | None = None


async def verify_request(
    federation: Federation, request: WireRequest, document: Mapping[str, Any], budget: FetchBudget
) -> VerifiedActivity:
    """The activity of a request, said by its actor under an HTTP signature, a proof, or both (P2, P9).

    Every signature or proof that is there must hold; one of them must be by a key that the actor itself lists.
    """
    signer = await signer_of(federation, request, budget)
    author = await author_of(federation, document, now=request.received_at, budget=budget)
    if signer is None and author is None:
        raise SignatureRefusal("signature-missing", "neither HTTP signature nor proof")
    actor_id = str(id_of(document["actor"]))
    key, via = _of_actor(actor_id, signer, author)
    return VerifiedActivity(
        id=str(document["id"]),
        type=first_type(document),
        actor_id=actor_id,
        document=document,
        raw=request.body.decode(),
        key_id=key.key_id,
        via=via,
        received_at=request.received_at,
        signed_by=signer.actor_id if signer is not None else None,
    )


async def verify_relayed(federation: Federation, outer: VerifiedActivity, budget: FetchBudget) -> VerifiedActivity:
    """The activity inside an Announce, by its own proof; its bytes are those that were announced.

    Raises WireRefusal or ProofRefusal. Shape, ids and object of the inner activity are not checked here.
    """
    inner = object_of(outer.document)
    if inner is None or "proof" not in inner:
        raise WireRefusal("relay-unproven", "A relayed activity must carry its own proof.")
    author = await author_of(federation, inner, now=outer.received_at, budget=budget)
    key, via = _of_actor(str(id_of(inner["actor"])), None, author)
    return VerifiedActivity(
        id=str(inner["id"]),
        type=first_type(inner),
        actor_id=key.actor_id,
        document=inner,
        raw=member_text(outer.raw, "object"),
        key_id=key.key_id,
        via=via,
        received_at=outer.received_at,
        announced_by=outer.actor_id,
        signed_by=outer.signed_by,
    )


async def verify_fetched(
    federation: Federation, document: Mapping[str, Any], bringer: VerifiedActivity, budget: FetchBudget
) -> VerifiedActivity:
    """The activity that was fetched at its own id: its origin says so (FEP-fe34), and a proof that is there must hold.

    Raises WireRefusal or ProofRefusal. Shape, ids and object are not checked here.
    """
    author = await author_of(federation, document, now=bringer.received_at, budget=budget)
    actor_id = str(id_of(document["actor"]))
    return VerifiedActivity(
        id=str(document["id"]),
        type=first_type(document),
        actor_id=actor_id,
        document=document,
        raw=json.dumps(document, ensure_ascii=False, separators=(",", ":")),
        key_id=_of_actor(actor_id, None, author)[0].key_id if author is not None else "",
        via="proof" if author is not None else "origin",
        received_at=bringer.received_at,
        announced_by=bringer.actor_id,
        signed_by=bringer.signed_by,
    )


def recorded_activity(record: ActivityRecord) -> VerifiedActivity:
    """The activity of a row that `receive.record` wrote: it was verified when it was received (I5)."""
    document = json.loads(record.raw)  # read strictly before it became a row
    proof = document.get("proof")
    return VerifiedActivity(
        id=record.id,
        type=record.type,
        actor_id=record.actor_id,
        document=document,
        raw=record.raw,
        key_id=str(proof.get("verificationMethod", "")) if isinstance(proof, Mapping) else "",
        via="proof" if proof is not None else "http_signature",
        received_at=record.received_at,
        announced_by=record.source_actor,
    )


def _of_actor(actor_id: str, signer: PeerKey | None, author: PeerKey | None) -> tuple[PeerKey, Via]:
    if author is not None:
        if author.actor_id != actor_id:
            raise ProofRefusal("proof-invalid", f"proven by {author.actor_id}, said by {actor_id}")
        return author, "proof"
    if signer is None or signer.actor_id != actor_id:
        raise WireRefusal("key-owner", "The signing key does not belong to the activity's actor.")
    return signer, "http_signature"
