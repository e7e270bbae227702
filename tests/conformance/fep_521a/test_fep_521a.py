"""FEP-521a: keys stand in `assertionMethod` as Multikey, and a JSON-LD reader finds both kinds in our actor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from federation.ports import Profile
from federation.vocabulary.actors import ActorKeys, body_document
from federation.vocabulary.loader import expand
from identity.keys.multikey import ed25519_multibase, read_multibase
from identity.keys.pairs import generate_ed25519, generate_rsa

if TYPE_CHECKING:
    from tests.conformance.conftest import Vectors

ORIGIN = "https://coop.example"
ACTOR = f"{ORIGIN}/body"
SECURITY = "https://w3id.org/security#"


@pytest.fixture(scope="module")
def actor() -> dict[str, Any]:
    keys = ActorKeys(
        rsa_id=f"{ACTOR}#main-key",
        rsa=generate_rsa().public,
        ed25519_id=f"{ACTOR}#ed25519-key",
        ed25519=generate_ed25519().public,
    )
    return body_document(
        ORIGIN, ACTOR, Profile(did="did:web:coop.example", handle="coop", name="Co-op", kind="coop"), keys
    )


def test_the_key_of_the_fep_is_written_as_the_fep_writes_it(vectors: Vectors) -> None:
    steps = vectors.json("fep/fep-521a.json")[0]["steps"]
    raw = bytes.fromhex(steps[0]["text"].split('"')[1])

    written = ed25519_multibase(Ed25519PublicKey.from_public_bytes(raw))

    assert written == steps[-1]["document"]["publicKeyMultibase"]
    assert read_multibase(written).public_bytes_raw() == raw


def test_our_key_object_has_the_members_of_the_fep_s_example(actor: dict[str, Any], vectors: Vectors) -> None:
    example = vectors.json("fep/fep-521a.examples.json")[0]["assertionMethod"][0]
    (ours,) = actor["assertionMethod"]

    assert ours.keys() == example.keys()
    assert ours["type"] == example["type"] == "Multikey"
    assert ours["controller"] == actor["id"]
    assert ours["id"].startswith(f"{actor['id']}#")


def test_a_json_ld_reader_finds_both_keys(actor: dict[str, Any]) -> None:
    # Some contexts hide one of the two from readers that expand; this set hides neither.
    (expanded,) = expand(actor)

    multikey = expanded[f"{SECURITY}assertionMethod"][0]
    multikey = multikey.get("@graph", [multikey])[0]
    assert multikey["@type"] == [f"{SECURITY}Multikey"]
    assert f"{SECURITY}publicKeyMultibase" in multikey
    assert f"{SECURITY}publicKeyPem" in expanded[f"{SECURITY}publicKey"][0]
