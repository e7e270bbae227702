"""Documents this body signs: frames, references and the body's proof.

Used by every file of this room and by services.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.authoring import signed as signed_by
from federation.vocabulary.governed import Frame, governed
from federation.vocabulary.terms import PUBLIC
from identity.canonical import content_digest
from identity.proofs import eddsa_jcs_2022

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from node.context import Node

Document = dict[str, Any]


def reference(document: Mapping[str, Any]) -> dict[str, str]:
    """{"id", "digest"}: how one signed document names another."""
    return {"id": document["id"], "digest": content_digest(document)}


def frame(node: Node, document_id: str, now: datetime) -> Frame:
    """The frame of a public document of this body."""
    return Frame(document_id=document_id, attributed_to=node.body.actor_id, published=now, to=[PUBLIC])


def sign_as_body(node: Node, document: Mapping[str, Any], *, key: str | None = None) -> Document:
    """The document with this body's proof (FEP-8b32, eddsa-jcs-2022).

    By the present key, or by an earlier one of this body named by its multibase text; by the present one if that is
    not in our hands.
    """
    held = node.keyring.ed25519_of(key) if key else None
    if held is None:
        return signed_by(node.federation, document)
    return eddsa_jcs_2022.sign(document, key=held[1], verification_method=held[0], created=node.clock())


def signed(
    node: Node, term: str, document_id: str, governance: Mapping[str, Any], *, now: datetime, key: str | None = None
) -> Document:
    """A governance document of type `term` (see federation.vocabulary.terms), made and signed by this body."""
    return sign_as_body(node, governed(term, frame(node, document_id, now), governance), key=key)
