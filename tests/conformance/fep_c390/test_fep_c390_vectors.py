"""FEP-c390 identity proofs: the scenarios of the FEP, reproduced bit for bit."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from identity.keys.multibase import read_base58btc
from identity.proofs.fep_c390 import check, statement

if TYPE_CHECKING:
    from tests.conformance.conftest import Vectors

ACTOR = "https://server.example/users/alice"
SUBJECT = "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
CREATED = datetime(2023, 2, 24, 23, 36, 38, tzinfo=UTC)


def test_the_statement_of_the_fep_is_signed_bit_for_bit(vectors: Vectors) -> None:
    secret = read_base58btc(vectors.json("vc-di-eddsa/keyPair.json")["privateKeyMultibase"])[2:]
    key = Ed25519PrivateKey.from_private_bytes(secret)

    made = statement(SUBJECT, ACTOR, key=key, created=CREATED)

    assert made == vectors.json("fep/fep-c390.json")[0]["steps"][-1]["document"]


def test_the_statement_attached_to_the_fep_s_actor_is_accepted(vectors: Vectors) -> None:
    actor = vectors.json("fep/fep-c390.json")[1]["steps"][0]["document"]

    assert check(actor["attachment"][0], actor_id=actor["id"], now=None) == SUBJECT
