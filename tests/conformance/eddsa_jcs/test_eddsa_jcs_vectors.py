"""eddsa-jcs-2022: W3C vc-di-eddsa appendix B.2 and the scenarios of FEP-8b32, reproduced bit for bit."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from identity.canonical import canonical_bytes
from identity.errors import ProofRefusal
from identity.keys.multibase import read_base58btc
from identity.keys.multikey import ed25519_multibase, read_multibase
from identity.proofs.eddsa_jcs_2022 import proof_method, sign, verify

if TYPE_CHECKING:
    from tests.conformance.conftest import Vectors

CREATED = datetime(2023, 2, 24, 23, 36, 38, tzinfo=UTC)
PUBLIC = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
SECRET_PREFIX = b"\x80\x26"


@pytest.fixture
def key(vectors: Vectors) -> Ed25519PrivateKey:
    pair = vectors.json("vc-di-eddsa/keyPair.json")
    secret = read_base58btc(pair["privateKeyMultibase"])
    assert secret.startswith(SECRET_PREFIX)
    return Ed25519PrivateKey.from_private_bytes(secret.removeprefix(SECRET_PREFIX))


def test_the_published_pair_is_read_and_spelt(vectors: Vectors, key: Ed25519PrivateKey) -> None:
    assert (
        ed25519_multibase(key.public_key()) == vectors.json("vc-di-eddsa/keyPair.json")["publicKeyMultibase"] == PUBLIC
    )


def test_the_credential_of_the_specification_is_signed_bit_for_bit(vectors: Vectors, key: Ed25519PrivateKey) -> None:
    method = vectors.json("vc-di-eddsa/eddsa-jcs-2022/proofConfigJCS.json")["verificationMethod"]

    signed = sign(vectors.json("vc-di-eddsa/unsigned.json"), key=key, verification_method=method, created=CREATED)

    assert signed == vectors.json("vc-di-eddsa/eddsa-jcs-2022/signedJCS.json")
    assert signed["proof"]["proofValue"] == vectors.text("vc-di-eddsa/eddsa-jcs-2022/sigBTC58JCS.txt").strip()


def test_every_intermediate_value_of_the_specification_is_reproduced(vectors: Vectors) -> None:
    folder = "vc-di-eddsa/eddsa-jcs-2022"
    document = canonical_bytes(vectors.json("vc-di-eddsa/unsigned.json"))
    options = canonical_bytes(vectors.json(f"{folder}/proofConfigJCS.json"))

    assert document.decode() == vectors.text(f"{folder}/canonDocJCS.txt").strip()
    assert options.decode() == vectors.text(f"{folder}/proofCanonJCS.txt").strip()
    assert hashlib.sha256(document).hexdigest() == vectors.text(f"{folder}/docHashJCS.txt").strip()
    assert hashlib.sha256(options).hexdigest() == vectors.text(f"{folder}/proofHashJCS.txt").strip()


def test_the_credential_of_the_specification_verifies(vectors: Vectors) -> None:
    signed = vectors.json("vc-di-eddsa/eddsa-jcs-2022/signedJCS.json")

    verify(signed, key=read_multibase(PUBLIC), now=datetime(2026, 11, 21, tzinfo=UTC), whole=True)


def test_the_activity_of_fep_8b32_is_signed_bit_for_bit(vectors: Vectors, key: Ed25519PrivateKey) -> None:
    steps = vectors.json("fep/fep-8b32.json")[0]["steps"]

    method = "https://server.example/users/alice#ed25519-key"
    signed = sign(steps[0]["document"], key=key, verification_method=method, created=CREATED)

    assert signed == steps[-1]["document"]


def test_the_activity_of_fep_8b32_verifies_with_the_actor_s_key(vectors: Vectors) -> None:
    signed, actor = (step["document"] for step in vectors.json("fep/fep-8b32.json")[1]["steps"][:2])
    methods = {method["id"]: method["publicKeyMultibase"] for method in actor["assertionMethod"]}

    verify(signed, key=read_multibase(methods[proof_method(signed)]), now=None, whole=True)


@pytest.mark.parametrize("name", ["signedProofSet1", "signedProofSet2", "signedProofChain1", "signedProofChain2"])
def test_sets_and_chains_of_proofs_are_refused(vectors: Vectors, name: str) -> None:
    document = vectors.json(f"vc-di-eddsa/proof-set-chain/{name}.json")

    with pytest.raises(ProofRefusal):
        verify(document, key=read_multibase(PUBLIC), now=None)


@pytest.mark.parametrize("path", ["eddsa-rdfc-2022/signedDataInt.json", "Ed25519Signature2020/signedEdSig.json"])
def test_the_suites_over_rdf_are_refused_before_any_work(vectors: Vectors, path: str) -> None:
    with pytest.raises(ProofRefusal) as refusal:
        verify(vectors.json(f"vc-di-eddsa/{path}"), key=read_multibase(PUBLIC), now=None)

    assert refusal.value.code == "proof-suite"
