"""Whose key proves a document (FEP-8b32).

Called by receive.verify for activities, and by the node's inbound handlers for documents of peers' actors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from federation.fetch.keys import key_for, refreshed
from identity.errors import ProofRefusal
from identity.proofs import eddsa_jcs_2022

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from federation.fetch.documents import FetchBudget
    from federation.fetch.shelf import PeerKey
    from federation.ports import Federation


async def author_of(
    federation: Federation, document: Mapping[str, Any], *, now: datetime, budget: FetchBudget
) -> PeerKey | None:
    """The key that proves the document, or None when it carries no proof.

    Raises ProofRefusal or WireRefusal for a proof that is there but does not hold. Whether the key's actor may say
    this is the caller's question.
    """
    if "proof" not in document:
        return None
    method = eddsa_jcs_2022.proof_method(document)
    eddsa_jcs_2022.check_claim(document, now=now)
    key = await key_for(federation, method, budget)
    try:
        _check(document, key, now)
    except ProofRefusal:
        newer = await refreshed(federation, key, budget)
        if newer is None:
            raise
        _check(document, newer, now)
        return newer
    return key


def _check(document: Mapping[str, Any], key: PeerKey, now: datetime) -> None:
    if not isinstance(key.public, Ed25519PublicKey):
        raise ProofRefusal("proof-invalid", f"{key.key_id} is not an Ed25519 key")
    eddsa_jcs_2022.verify(document, key=key.public, now=now)
