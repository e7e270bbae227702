"""did:key for Ed25519: the test data of w3c-ccg/did-method-key, whose names hold though its documents are dated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import base58
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from identity.dids.did_key import did_key, public_key, verification_method
from identity.errors import DidRefused

if TYPE_CHECKING:
    from tests.conformance.conftest import Vectors


def test_every_published_seed_gives_the_published_did(vectors: Vectors) -> None:
    published = vectors.json("did-key/ed25519-x25519.json")
    assert published

    for did, vector in published.items():
        public = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(vector["seed"])).public_key()
        assert did_key(public) == did
        assert public_key(did) == public
        assert verification_method(did) == vector["didDocument"]["assertionMethod"][0]


def test_every_published_did_holds_the_published_key(vectors: Vectors) -> None:
    published = vectors.json("did-key/ed25519-x25519.json")
    spelt = {did: vector["verificationKeyPair"].get("publicKeyBase58") for did, vector in published.items()}
    assert any(spelt.values())

    for did, key in spelt.items():
        raw = public_key(did).public_bytes(Encoding.Raw, PublicFormat.Raw)
        assert key in {base58.b58encode(raw).decode(), None}


@pytest.mark.parametrize("name", ["x25519", "nist-curves"])
def test_keys_of_other_types_are_refused(vectors: Vectors, name: str) -> None:
    published = vectors.json(f"did-key/{name}.json")
    assert published

    for did in published:
        with pytest.raises(DidRefused):
            public_key(did)
