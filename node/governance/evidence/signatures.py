"""Who signed a document of a bundle: a body with the key the level above knows, a voter with the key in its DID.

Called by the walk for every document; no key is ever taken from the document itself.
"""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from identity.dids.did_key import public_key, verification_method
from identity.errors import IdentityError
from identity.keys.multikey import read_multibase
from identity.proofs.eddsa_jcs_2022 import proof_method, verify_whole
from node.governance.evidence.failures import EvidenceRefusal
from node.governance.evidence.line import Line


@dataclass(frozen=True, slots=True)
class Signer:
    """A body as the level above knows it: actor, DID, key and name."""

    actor: str
    did: str
    key: Ed25519PublicKey
    name: str


def signer(*, actor: str, did: str, key: str, name: str) -> Signer:
    """The signer with a multibase key; raises IdentityError for a key that cannot be read."""
    return Signer(actor=actor, did=did, key=read_multibase(key), name=name)


def check_body_signature(line: Line, by: Signer, code: str) -> None:
    """Raises EvidenceRefusal(code) unless the document is attributed to, and signed by, the body.

    Which of its keys the proof names is the body's affair: it is checked with the one that is known.
    """
    if line.document.get("attributedTo") != by.actor:
        raise EvidenceRefusal(code, line.number, "attributed to another actor")
    if _check(line, by.key, code).partition("#")[0] != by.actor:
        raise EvidenceRefusal(code, line.number, "signed with another verification method")


def check_voter_signature(line: Line, voter: str, code: str) -> None:
    """Raises EvidenceRefusal(code) unless the document is signed with the key that `voter`, a did:key, names."""
    try:
        key, method = public_key(voter), verification_method(voter)
    except IdentityError as error:
        raise EvidenceRefusal(code, line.number, error.code) from error
    if _check(line, key, code) != method:
        raise EvidenceRefusal(code, line.number, "signed with another verification method")


def _check(line: Line, key: Ed25519PublicKey, code: str) -> str:
    """The verification method that the document's proof names, after the proof was checked with `key`."""
    try:
        verify_whole(line.document, key=key, digest=line.digest)
        return proof_method(line.document)
    except IdentityError as error:
        raise EvidenceRefusal(code, line.number, error.code) from error
