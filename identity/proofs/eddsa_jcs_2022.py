"""Data Integrity proofs with the cryptosuite eddsa-jcs-2022 (FEP-8b32, W3C vc-di-eddsa §3.3), signed and verified.

Pure; called by whoever writes a signed document, by the receiver, and by anybody who checks evidence. It signs every
byte of the document (I1, I2). Whose key it is, and whether it may speak for the author, the caller decides.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature

from identity.canonical import canonical_bytes
from identity.errors import CanonicalError, ProofRefusal
from identity.instants import instant_text, read_instant
from identity.keys.multibase import base58btc, read_base58btc

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

    from identity.canonical import Document

PROOF_TYPE = "DataIntegrityProof"
CRYPTOSUITE = "eddsa-jcs-2022"
PROOF_PURPOSE = "assertionMethod"
SIGNATURE_BYTES = 64
CLOCK_TOLERANCE = timedelta(hours=1)
# ``signature`` is the older Linked Data signature some servers add around ours: never trusted, never covered.
_NOT_COVERED = frozenset({"proof", "signature"})


def sign(document: Document, *, key: Ed25519PrivateKey, verification_method: str, created: datetime) -> dict[str, Any]:
    """A copy of ``document`` with exactly one ``proof``; an earlier ``proof`` or ``signature`` is left out.

    Members other than the proof are shared with ``document``, which stays as it was. ``CanonicalError`` when the
    document has no canonical form. `created` is written to the second: Fedify 2.3 hashes it as it writes moments
    itself, without the zeros at the end of a fraction, and would refuse one proof in ten.
    """
    bare = _covered(document)
    options: dict[str, Any] = {
        "type": PROOF_TYPE,
        "cryptosuite": CRYPTOSUITE,
        "created": instant_text(created.replace(microsecond=0)),
        "verificationMethod": verification_method,
        "proofPurpose": PROOF_PURPOSE,
    }
    if "@context" in bare:
        options["@context"] = copy.deepcopy(bare["@context"])
    proof_value = base58btc(key.sign(_signed_bytes(options, bare)))
    return {**bare, "proof": {**options, "proofValue": proof_value}}


def verify(document: Document, *, key: Ed25519PublicKey, now: datetime | None, whole: bool = False) -> None:
    """Nothing, or ``ProofRefusal`` unless ``document`` carries one sound proof made with ``key``.

    ``now`` None means offline, long after: no clock is asked. All options of the proof are authenticated.

    The suite leaves two things open to strangers: contexts appended after those the proof names, and a Linked Data
    ``signature``. ``whole`` refuses both, so that the document's digest is as unforgeable as its proof: demand it
    wherever two digests are compared (equivocation, evidence, references).
    """
    signature = _claimed_signature(document, now)
    proof, bare = _proof(document), _covered(document)
    is_extended = _context_is_extended(bare, proof)
    if whole and (is_extended or "signature" in document):
        raise ProofRefusal("proof-context", "the document holds members or contexts that its proof does not cover")
    if is_extended:
        bare["@context"] = proof["@context"]
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    try:
        key.verify(signature, _signed_bytes(options, bare))
    except CanonicalError as fault:
        raise ProofRefusal("proof-malformed", str(fault)) from fault
    except InvalidSignature as fault:
        raise ProofRefusal(
            "proof-invalid", f"not proven by {proof_method(document)!r}: altered, or another key"
        ) from fault


def verify_whole(document: Document, *, key: Ed25519PublicKey, digest: str) -> None:
    """As ``verify`` with ``whole`` and offline, for a document whose content digest (``sha256:…``) is known already.

    The digest must be the document's own: it is what the signature is checked against.
    """
    signature, proof = _claimed_signature(document, None), _proof(document)
    if _context_is_extended(document, proof) or "signature" in document:
        raise ProofRefusal("proof-context", "the document holds members or contexts that its proof does not cover")
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    try:
        hashed = hashlib.sha256(canonical_bytes(options)).digest()
        key.verify(signature, hashed + bytes.fromhex(digest.removeprefix("sha256:")))
    except CanonicalError as fault:
        raise ProofRefusal("proof-malformed", str(fault)) from fault
    except InvalidSignature as fault:
        raise ProofRefusal(
            "proof-invalid", f"not proven by {proof_method(document)!r}: altered, or another key"
        ) from fault


def check_claim(document: Document, *, now: datetime | None) -> None:
    """Nothing, or the ``ProofRefusal`` that no key can avert: fetch no key for a document that fails here.

    ``verify`` checks all of this again; passing here proves nothing about the author.
    """
    _claimed_signature(document, now)


def proof_method(document: Document) -> str:
    """The verification method the document's one proof claims, unverified; ``ProofRefusal`` when it claims none."""
    method = _proof(document).get("verificationMethod")
    if not isinstance(method, str) or not method:
        raise ProofRefusal("proof-malformed", "the proof names no verificationMethod")
    return method


def _covered(document: Document) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in _NOT_COVERED}


def _signed_bytes(options: Document, bare: Document) -> bytes:
    """Hash of the proof's options, then hash of the document (§3.3.4)."""
    return hashlib.sha256(canonical_bytes(options)).digest() + hashlib.sha256(canonical_bytes(bare)).digest()


def _proof(document: Document) -> Document:
    proof = document.get("proof")
    if proof is None:
        raise ProofRefusal("proof-missing", "the document has no proof")
    if not isinstance(proof, Mapping):
        raise ProofRefusal("proof-malformed", "the proof is not one object; sets and chains of proofs are not read")
    return proof


def _claimed_signature(document: Document, now: datetime | None) -> bytes:
    """The 64 bytes of ``proofValue``, after every check that needs no key."""
    proof = _proof(document)
    proof_method(document)
    _check_options(proof)
    _check_times(proof, now)
    _context_is_extended(document, proof)
    return _signature(proof)


def _check_options(proof: Document) -> None:
    if proof.get("type") != PROOF_TYPE or proof.get("cryptosuite") != CRYPTOSUITE:
        raise ProofRefusal("proof-suite", f"only {PROOF_TYPE} with {CRYPTOSUITE} is read")
    if proof.get("proofPurpose") != PROOF_PURPOSE:
        raise ProofRefusal("proof-purpose", f"the proof's purpose is not {PROOF_PURPOSE}")
    if "previousProof" in proof:
        raise ProofRefusal("proof-malformed", "the proof leans on another proof that is not here")


def _check_times(proof: Document, now: datetime | None) -> None:
    try:
        created, expires = (read_instant(proof[name]) if name in proof else None for name in ("created", "expires"))
    except ValueError as fault:
        raise ProofRefusal("proof-malformed", f"the proof's created or expires: {fault}") from fault
    if now is None:
        return
    if created is not None and created > now + CLOCK_TOLERANCE:
        raise ProofRefusal("proof-expired", "the proof was created more than an hour ahead of our clock")
    if expires is not None and now > expires:
        raise ProofRefusal("proof-expired", "the proof says that it has expired")


def _context_is_extended(bare: Document, proof: Document) -> bool:
    """Whether the document names more contexts than the proof, after the same ones; ``ProofRefusal`` for other ones."""
    if "@context" not in proof or proof["@context"] == bare.get("@context"):
        return False
    claimed, held = _as_list(proof["@context"]), _as_list(bare.get("@context"))
    if not claimed or held[: len(claimed)] != claimed:
        raise ProofRefusal("proof-context", "the proof's @context is not where the document's @context begins")
    return True


def _as_list(context: object) -> list[object]:
    return list(context) if isinstance(context, list | tuple) else [context]


def _signature(proof: Document) -> bytes:
    try:
        signature = read_base58btc(proof.get("proofValue"))
    except ValueError as fault:
        raise ProofRefusal("proof-malformed", f"proofValue: {fault}") from fault
    if len(signature) != SIGNATURE_BYTES:
        raise ProofRefusal("proof-malformed", f"proofValue is not {SIGNATURE_BYTES} bytes long")
    return signature
