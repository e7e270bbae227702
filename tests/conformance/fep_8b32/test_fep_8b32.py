"""FEP-8b32: what we emit carries one proof that any reader of the FEP can check, and vectors of others verify here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federation.vocabulary.activities import Envelope, create
from federation.vocabulary.governed import Frame, governed
from federation.vocabulary.terms import POSITION
from identity.errors import ProofRefusal
from identity.proofs.eddsa_jcs_2022 import sign, verify

if TYPE_CHECKING:
    from tests.conformance.conftest import Vectors

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ACTOR = "https://coop.example/body"
METHOD = f"{ACTOR}#ed25519-key"


def activity() -> dict[str, object]:
    frame = Frame(document_id="https://coop.example/positions/1", attributed_to=ACTOR, published=NOON)
    document = governed(POSITION, frame, {"kind": "position", "choice": "for", "seq": 1})
    envelope = Envelope(activity_id="https://coop.example/activities/1", actor=ACTOR, published=NOON)
    return create(envelope, document)


def test_an_activity_of_ours_carries_exactly_one_proof_of_the_shape_the_fep_asks_for() -> None:
    key = Ed25519PrivateKey.generate()

    proof = sign(activity(), key=key, verification_method=METHOD, created=NOON)["proof"]

    assert isinstance(proof, dict)
    assert proof.keys() == {
        "@context", "type", "cryptosuite", "created", "verificationMethod", "proofPurpose", "proofValue"
    }  # fmt: skip
    assert (proof["type"], proof["cryptosuite"]) == ("DataIntegrityProof", "eddsa-jcs-2022")
    assert proof["proofPurpose"] == "assertionMethod"
    assert proof["verificationMethod"] == METHOD
    assert proof["proofValue"].startswith("z")


def test_the_proof_s_context_is_the_array_of_the_document() -> None:
    # Mastodon 4.7 finds no proof when the document's context is not an array that the proof repeats.
    signed = sign(activity(), key=Ed25519PrivateKey.generate(), verification_method=METHOD, created=NOON)

    assert isinstance(signed["@context"], list)
    assert signed["proof"]["@context"] == signed["@context"]


def test_a_changed_activity_no_longer_verifies() -> None:
    key = Ed25519PrivateKey.generate()
    signed = sign(activity(), key=key, verification_method=METHOD, created=NOON)

    verify(signed, key=key.public_key(), now=NOON)
    with pytest.raises(ProofRefusal) as refusal:
        verify({**signed, "published": "2026-11-21T12:00:01Z"}, key=key.public_key(), now=NOON)

    assert refusal.value.code == "proof-invalid"


def test_the_examples_of_the_fep_have_the_members_ours_have(vectors: Vectors) -> None:
    ours = sign(activity(), key=Ed25519PrivateKey.generate(), verification_method=METHOD, created=NOON)["proof"]

    assert [example["proof"].keys() - ours.keys() for example in vectors.json("fep/fep-8b32.examples.json")[:2]] == [
        set(), set()
    ]  # fmt: skip
