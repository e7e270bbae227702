from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from identity.errors import KeyRefused
from identity.keys.pairs import Ed25519Pair, RsaPair, generate_ed25519


def test_an_rsa_pair_has_2048_bits_and_the_usual_exponent(rsa_pair: RsaPair) -> None:
    assert rsa_pair.private.key_size == 2048
    assert rsa_pair.public.public_numbers().e == 65537


def test_an_rsa_pair_survives_storage(rsa_pair: RsaPair) -> None:
    found = RsaPair.from_pkcs8(rsa_pair.to_pkcs8())

    assert found.private.private_numbers() == rsa_pair.private.private_numbers()
    assert found.public == rsa_pair.public


def test_an_ed25519_pair_survives_storage(ed25519_pair: Ed25519Pair) -> None:
    found = Ed25519Pair.from_pkcs8(ed25519_pair.to_pkcs8())

    assert found.private.private_bytes_raw() == ed25519_pair.private.private_bytes_raw()
    assert found.public == ed25519_pair.public


def test_no_two_pairs_are_alike(rsa_pair: RsaPair, other_rsa_pair: RsaPair) -> None:
    assert generate_ed25519().public != generate_ed25519().public
    assert rsa_pair.public != other_rsa_pair.public


def test_a_stored_key_of_the_other_kind_is_refused(rsa_pair: RsaPair, ed25519_pair: Ed25519Pair) -> None:
    with pytest.raises(KeyRefused) as of_rsa:
        Ed25519Pair.from_pkcs8(rsa_pair.to_pkcs8())
    with pytest.raises(KeyRefused) as of_ed25519:
        RsaPair.from_pkcs8(ed25519_pair.to_pkcs8())

    assert (of_rsa.value.code, of_ed25519.value.code) == ("key-unsuitable", "key-unsuitable")


def test_a_stored_key_that_is_neither_is_refused() -> None:
    elliptic = generate_private_key(SECP256R1()).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    with pytest.raises(KeyRefused):
        Ed25519Pair.from_pkcs8(elliptic)


@pytest.mark.parametrize("der", [b"", b"not a key", b"\x30\x80"])
def test_bytes_that_hold_no_key_are_refused(der: bytes) -> None:
    with pytest.raises(KeyRefused) as refusal:
        RsaPair.from_pkcs8(der)

    assert refusal.value.code == "key-malformed"
