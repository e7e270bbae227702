"""What this body says, in its own name: envelopes with fresh ids, and documents with its proof.

Called by the node's outbound translators and by `deliver.enqueue`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.vocabulary.activities import Envelope
from federation.vocabulary.actors import body_document
from identity.proofs import eddsa_jcs_2022

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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


def signed(federation: Federation, document: Mapping[str, Any], *, actor_id: str | None = None) -> dict[str, Any]:
    """The document with exactly one `eddsa-jcs-2022` proof by the body's key, or by that of `actor_id` (P8)."""
    key_id, key = federation.keyring.ed25519(actor_id or federation.actor_id)
    return eddsa_jcs_2022.sign(document, key=key, verification_method=key_id, created=federation.clock())


async def own_actor(federation: Federation) -> dict[str, Any]:
    """The body's actor document as it stands now: its keys, and where else it was or is."""
    keys = await federation.keyring.published(federation.actor_id, federation.clock())
    return body_document(
        federation.origin, federation.actor_id, federation.profile, keys, addresses=await federation.addresses()
    )


def followers_id(federation: Federation) -> str:
    """The id of the body's followers collection."""
    return f"{federation.actor_id}/followers"
