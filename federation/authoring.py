"""What this body says, in its own name: envelopes with fresh ids, and documents with its proof.

Called by the node's outbound translators, by `deliver`, and by the doors that serve what was said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.vocabulary.activities import Envelope
from federation.vocabulary.actors import body_document
from federation.vocabulary.reading import governance_kind
from federation.vocabulary.terms import ROSTERED
from identity.errors import IdentityError
from identity.instants import read_instant
from identity.proofs import eddsa_jcs_2022

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from federation.ports import Federation


def envelope(federation: Federation, *, to: Sequence[str], cc: Sequence[str] = ()) -> Envelope:
    """An envelope of the body actor with a fresh activity id and the present time."""
    return Envelope(
        activity_id=f"{federation.origin}/activities/{federation.new_id()}",
        actor=federation.actor_id,
        published=federation.clock(),
        to=to,
        cc=cc,
    )


def signed(
    federation: Federation, document: Mapping[str, Any], *, actor_id: str | None = None, at: datetime | None = None
) -> dict[str, Any]:
    """The document with exactly one `eddsa-jcs-2022` proof by the body's key, or by that of `actor_id` (P8).

    The proof says that it was made `at` that moment, else now.
    """
    key_id, key = federation.keyring.ed25519(actor_id or federation.actor_id)
    return eddsa_jcs_2022.sign(document, key=key, verification_method=key_id, created=at or federation.clock())


def proven_now(federation: Federation, document: Mapping[str, Any]) -> Mapping[str, Any]:
    """What we said with proofs that peers believe now, those within too: one by a key that was changed is made anew.

    Peers believe nothing by a key that its actor lists no more, and a proof is no part of what is said. The new one
    bears the moment of the old one, so that everybody who asks gets the same bytes. What a roster's key has to prove,
    and what others said, stays as it is.
    """
    about, proof = document.get("object"), document.get("proof")
    renewed = proven_now(federation, about) if isinstance(about, dict) else about
    method = proof.get("verificationMethod") if isinstance(proof, dict) else None
    is_current = method == federation.keyring.ed25519(federation.actor_id)[0] and renewed is about
    if is_current or governance_kind(document) in ROSTERED or not _is_ours(federation, document, method):
        return document
    said = {**document, "object": renewed} if renewed is not about else document
    return signed(federation, said, at=read_instant(document["proof"]["created"]))


def _is_ours(federation: Federation, document: Mapping[str, Any], method: object) -> bool:
    """Whether that key of our body really proved the document: nobody shall have us sign what we never said."""
    if not isinstance(method, str) or method.partition("#")[0] != federation.actor_id:
        return False
    key = federation.keyring.ed25519_named(method)
    try:
        if key is not None:
            eddsa_jcs_2022.verify(document, key=key.public_key(), now=None, whole=True)
    except IdentityError:
        return False
    return key is not None


async def own_actor(federation: Federation) -> dict[str, Any]:
    """The body's actor document as it stands now: its keys, and where else it was or is."""
    keys = await federation.keyring.published(federation.actor_id, federation.clock())
    return body_document(
        federation.origin, federation.actor_id, federation.profile, keys, addresses=await federation.addresses()
    )


def followers_id(federation: Federation) -> str:
    """The id of the body's followers collection."""
    return f"{federation.actor_id}/followers"
