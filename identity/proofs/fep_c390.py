"""FEP-c390 identity statements: a did:key says that an actor is the same party (I6).

Pure; called when a member's identifier is bound to an actor, and when a peer's actor document is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from identity.dids.did_key import public_key, verification_method
from identity.errors import DidRefused, ProofRefusal
from identity.proofs import eddsa_jcs_2022

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from identity.canonical import Document

STATEMENT_TYPE = "VerifiableIdentityStatement"


def statement(subject_did: str, actor_id: str, *, key: Ed25519PrivateKey, created: datetime) -> dict[str, Any]:
    """A signed statement for the actor's ``attachment``: ``subject_did``, whose key signs, is also ``actor_id``.

    The verification method is the DID itself, as in the FEP's own example.
    """
    claim = {"type": STATEMENT_TYPE, "subject": subject_did, "alsoKnownAs": actor_id}
    return eddsa_jcs_2022.sign(claim, key=key, verification_method=subject_did, created=created)


def check(document: Document, *, actor_id: str, now: datetime | None) -> str:
    """The did:key that stated it is ``actor_id``; ``ProofRefusal`` when it did not (FEP-c390 §Verifying).

    That the actor agrees is the caller's to see: the statement must stand in that actor's own document.
    """
    subject = document.get("subject")
    if document.get("type") != STATEMENT_TYPE or not isinstance(subject, str):
        raise ProofRefusal("proof-malformed", "not an identity statement")
    if document.get("alsoKnownAs") != actor_id:
        raise ProofRefusal("proof-invalid", f"the identity statement is not about {actor_id!r}")
    try:
        key, methods = public_key(subject), {subject, verification_method(subject)}
    except DidRefused as refusal:
        raise ProofRefusal("proof-malformed", str(refusal)) from refusal
    if eddsa_jcs_2022.proof_method(document) not in methods:
        raise ProofRefusal("proof-invalid", "the identity statement is not signed by its subject")
    eddsa_jcs_2022.verify(document, key=key, now=now)
    return subject
