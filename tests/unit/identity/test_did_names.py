from __future__ import annotations

import pytest

from identity.dids.did_key import did_key, public_key, verification_method
from identity.dids.did_web import did_document, did_web, origin_of
from identity.errors import DidRefused
from identity.keys.multikey import ed25519_multibase
from identity.keys.pairs import Ed25519Pair, generate_ed25519


def test_a_did_key_names_its_key_and_its_one_method(ed25519_pair: Ed25519Pair) -> None:
    did = did_key(ed25519_pair.public)

    assert public_key(did) == ed25519_pair.public
    assert verification_method(did) == f"{did}#{did.removeprefix('did:key:')}"
    assert public_key(verification_method(did)) == ed25519_pair.public
    assert verification_method(verification_method(did)) == verification_method(did)


def test_a_did_key_with_a_foreign_fragment_is_refused(ed25519_pair: Ed25519Pair) -> None:
    did, other = did_key(ed25519_pair.public), did_key(generate_ed25519().public)

    for fragment in ("", "key-1", other.removeprefix("did:key:")):
        with pytest.raises(DidRefused) as refusal:
            public_key(f"{did}#{fragment}")
        assert refusal.value.code == "did-malformed"


@pytest.mark.parametrize("did", ["", "did:key", "did:web:coop.example", "z6Mk", "DID:KEY:z6Mk", "did:plc:abc"])
def test_another_method_is_no_did_key(did: str) -> None:
    with pytest.raises(DidRefused) as refusal:
        public_key(did)

    assert refusal.value.code == "did-unsupported"


@pytest.mark.parametrize("did", ["did:key:", "did:key:z", "did:key:z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc"])
def test_a_did_key_without_an_ed25519_key_is_refused(did: str) -> None:
    for read in (public_key, verification_method):
        with pytest.raises(DidRefused) as refusal:
            read(did)
        assert refusal.value.code == "did-malformed"


@pytest.mark.parametrize(
    ("origin", "did"),
    [
        ("https://coop.example", "did:web:coop.example"),
        ("https://coop.example/", "did:web:coop.example"),
        ("https://Coop.Example:443", "did:web:coop.example"),
        ("https://coop.example:8443", "did:web:coop.example%3A8443"),
        ("https://xn--bcher-kva.example", "did:web:xn--bcher-kva.example"),
        ("http://127.0.0.1:8101", "did:web:127.0.0.1%3A8101"),
        ("http://localhost:8001", "did:web:localhost%3A8001"),
        ("http://[::1]:8101", "did:web:%5B%3A%3A1%5D%3A8101"),
    ],
)
def test_an_origin_has_one_did(origin: str, did: str) -> None:
    assert did_web(origin) == did


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "coop.example",
        "ftp://coop.example",
        "https://",
        "https://coop.example/path",
        "https://coop.example?query",
        "https://coop.example#fragment",
        "https://ana@coop.example",
        "https://coop.example.",
        "https://-coop.example",
        "https://co op.example",
        "https://büch.example",
        "https://coop.example:0",
        "https://coop.example:65536",
        "https://coop.example:port",
        "https://[::1",
        "https://coop..example",
    ],
)
def test_what_is_no_bare_origin_has_no_did(origin: str) -> None:
    with pytest.raises(DidRefused) as refusal:
        did_web(origin)

    assert refusal.value.code == "did-malformed"


@pytest.mark.parametrize(
    ("did", "origin"),
    [
        ("did:web:coop.example", "https://coop.example"),
        ("did:web:COOP.example", "https://coop.example"),
        ("did:web:coop.example%3A8443", "https://coop.example:8443"),
    ],
)
def test_a_did_web_is_served_over_https(did: str, origin: str) -> None:
    assert origin_of(did, loopback=False) == origin
    assert origin_of(did, loopback=True) == origin


@pytest.mark.parametrize("host", ["127.0.0.1:8101", "localhost:8001", "alpha.localhost", "[::1]:8101", "127.8.9.1"])
def test_this_machine_is_named_only_in_development(host: str) -> None:
    did = did_web(f"http://{host}")

    assert origin_of(did, loopback=True) == f"http://{host}"
    with pytest.raises(DidRefused) as refusal:
        origin_of(did, loopback=False)
    assert refusal.value.code == "did-unsupported"


@pytest.mark.parametrize(
    "did",
    [
        "did:key:z6Mk",
        "coop.example",
        "did:web:coop.example:people:ana",
        "did:web:10.0.0.1",
        "did:web:%5Bfe80%3A%3A1%5D",
        "did:web:169.254.169.254",
    ],
)
def test_a_did_of_another_kind_has_no_origin(did: str) -> None:
    with pytest.raises(DidRefused) as refusal:
        origin_of(did, loopback=True)

    assert refusal.value.code == "did-unsupported"


@pytest.mark.parametrize(
    "did",
    [
        "did:web:",
        "did:web:coop.example/path",
        "did:web:coop.example%2Fpath",
        "did:web:ana%40coop.example",
        "did:web:coop.example%3A",
        "did:web:coop.example%3A99999",
        "did:web:coop.example%",
        "did:web:coop.example%0A",
        "did:web:coop.example\n",
        "did:web:b%C3%BCch.example",
    ],
)
def test_a_malformed_did_web_has_no_origin(did: str) -> None:
    with pytest.raises(DidRefused) as refusal:
        origin_of(did, loopback=True)

    assert refusal.value.code == "did-malformed"


def test_a_did_document_lists_its_keys_for_statements_and_signing_in(ed25519_pair: Ed25519Pair) -> None:
    old = generate_ed25519().public

    document = did_document(
        "did:web:coop.example",
        actor_id="https://coop.example/body",
        keys={"ed25519-key": ed25519_pair.public, "ed25519-key-1": old},
    )

    names = ["did:web:coop.example#ed25519-key", "did:web:coop.example#ed25519-key-1"]
    assert document["id"] == "did:web:coop.example"
    assert document["alsoKnownAs"] == ["https://coop.example/body"]
    assert document["assertionMethod"] == document["authentication"] == names
    assert document["verificationMethod"][0] == {
        "id": names[0],
        "type": "Multikey",
        "controller": "did:web:coop.example",
        "publicKeyMultibase": ed25519_multibase(ed25519_pair.public),
    }
