from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import base58
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from identity.errors import KeyRefused
from identity.keys.multikey import ed25519_multibase, read_multibase
from identity.keys.pem import public_pem, read_public_pem

if TYPE_CHECKING:
    from identity.keys.pairs import Ed25519Pair, RsaPair

FIELD_PRIME = 2**255 - 19
CURVE_D = -121665 * pow(121666, -1, FIELD_PRIME) % FIELD_PRIME
LARGE_ORDER = 2**252 + 27742317777372353535851937790883648493


def multibase(prefixed: bytes) -> str:
    return "z" + base58.b58encode(prefixed).decode()


def test_an_ed25519_key_is_spelt_z6mk_and_read_back(ed25519_pair: Ed25519Pair) -> None:
    text = ed25519_multibase(ed25519_pair.public)

    assert text.startswith("z6Mk")
    assert read_multibase(text) == ed25519_pair.public


def test_a_key_read_twice_is_parsed_once(ed25519_pair: Ed25519Pair, rsa_pair: RsaPair) -> None:
    text, pem = ed25519_multibase(ed25519_pair.public), public_pem(rsa_pair.public)

    assert read_multibase(text) is read_multibase(text)
    assert read_public_pem(pem) is read_public_pem(pem)


@pytest.mark.parametrize(
    "text",
    ["", "z", "6Mk", "u7QE", "f00", "z0OIl", "z6Mk\n", " z6Mk", "z" + "1" * 200, "z6Mké"],
)
def test_text_that_is_not_base58_btc_is_refused(text: str) -> None:
    with pytest.raises(KeyRefused) as refusal:
        read_multibase(text)

    assert refusal.value.code in {"key-malformed", "key-unsuitable"}


@pytest.mark.parametrize(
    "prefixed",
    [
        pytest.param(b"\xed\x01" + bytes(31) + b"\x09", id="sound, as control"),
        pytest.param(b"\xec\x01" + bytes(31) + b"\x09", id="X25519"),
        pytest.param(b"\xed\x01" + bytes(30) + b"\x09", id="a byte short"),
        pytest.param(b"\xed\x01" + bytes(32) + b"\x09", id="a byte long"),
        pytest.param(b"\x80\x24" + bytes(33), id="P-256"),
    ],
)
def test_only_an_ed25519_key_of_32_bytes_is_read(prefixed: bytes) -> None:
    if prefixed == b"\xed\x01" + bytes(31) + b"\x09":
        assert read_multibase(multibase(prefixed)).public_bytes_raw() == prefixed[2:]
        return
    with pytest.raises(KeyRefused) as refusal:
        read_multibase(multibase(prefixed))

    assert refusal.value.code == "key-unsuitable"


def add(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """The sum of two points of edwards25519 (RFC 8032 §5.1.4, affine)."""
    (x1, y1), (x2, y2) = one, other
    k = CURVE_D * x1 * x2 * y1 * y2 % FIELD_PRIME
    return (
        (x1 * y2 + x2 * y1) * pow(1 + k, -1, FIELD_PRIME) % FIELD_PRIME,
        (y1 * y2 + x1 * x2) * pow(1 - k, -1, FIELD_PRIME) % FIELD_PRIME,
    )


def times(factor: int, point: tuple[int, int]) -> tuple[int, int]:
    total = (0, 1)
    while factor:
        total = add(total, point) if factor & 1 else total
        point, factor = add(point, point), factor >> 1
    return total


def points_at(y: int) -> list[tuple[int, int]]:
    square = (y * y - 1) * pow(CURVE_D * y * y + 1, -1, FIELD_PRIME) % FIELD_PRIME
    root = pow(square, (FIELD_PRIME + 3) // 8, FIELD_PRIME)
    roots = (root, root * pow(2, (FIELD_PRIME - 1) // 4, FIELD_PRIME) % FIELD_PRIME)
    return [(x, y) for x in roots if (x * x - square) % FIELD_PRIME == 0]


def small_order_encodings() -> list[bytes]:
    """Every encoding, canonical or not, of the eight points of small order, found by arithmetic rather than copied."""
    torsion = {times(LARGE_ORDER, point) for y in range(2, 60) for point in points_at(y)}
    points = {times(count, point) for point in torsion for count in range(1, 9)}
    assert len(points) == 8
    spellings = [spelt for _, y in points for spelt in (y, y + FIELD_PRIME) if spelt < 2**255]
    return [(spelt | (sign << 255)).to_bytes(32, "little") for spelt in spellings for sign in (0, 1)]


def test_points_of_small_order_are_no_keys() -> None:
    for encoding in small_order_encodings():
        with pytest.raises(KeyRefused) as refusal:
            read_multibase(multibase(b"\xed\x01" + encoding))
        assert refusal.value.code == "key-unsuitable"


def test_a_point_of_small_order_in_pem_is_no_key() -> None:
    identity_point = Ed25519PublicKey.from_public_bytes(b"\x01" + bytes(31))

    with pytest.raises(KeyRefused):
        read_public_pem(public_pem(identity_point))


def test_both_kinds_of_key_are_spelt_as_pem_and_read_back(rsa_pair: RsaPair, ed25519_pair: Ed25519Pair) -> None:
    for key in (rsa_pair.public, ed25519_pair.public):
        assert read_public_pem(public_pem(key)) == key


def test_the_older_pem_of_rsa_keys_is_read_too(rsa_pair: RsaPair) -> None:
    pkcs1 = rsa_pair.public.public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode()

    assert read_public_pem(pkcs1) == rsa_pair.public


def rsa_pem(bits: int, exponent: int) -> str:
    """PEM of an RSA key written out byte by byte (RFC 8017 A.1.1), since no sound library makes such keys."""
    numbers = der(0x02, unsigned((1 << (bits - 1)) | 1)) + der(0x02, unsigned(exponent))
    algorithm = der(0x30, bytes.fromhex("06092a864886f70d0101010500"))
    info = der(0x30, algorithm + der(0x03, b"\0" + der(0x30, numbers)))
    return f"-----BEGIN PUBLIC KEY-----\n{base64.encodebytes(info).decode()}-----END PUBLIC KEY-----\n"


def der(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 128:
        return bytes([tag, length]) + content
    digits = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 128 + len(digits)]) + digits + content


def unsigned(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


@pytest.mark.parametrize(
    ("bits", "exponent"),
    [(1024, 65537), (2047, 65537), (8193, 65537), (2048, 1), (2048, 65536), (2048, 2**64 + 13)],
)
def test_an_rsa_key_that_is_too_weak_or_too_slow_is_refused(bits: int, exponent: int) -> None:
    with pytest.raises(KeyRefused):
        read_public_pem(rsa_pem(bits, exponent))


@pytest.mark.parametrize(("bits", "exponent"), [(2048, 3), (2048, 65537), (8192, 65537)])
def test_an_rsa_key_at_the_limits_is_read(bits: int, exponent: int) -> None:
    assert isinstance(read_public_pem(rsa_pem(bits, exponent)), rsa.RSAPublicKey)


def test_keys_of_other_kinds_are_refused() -> None:
    elliptic = ec.generate_private_key(ec.SECP256R1()).public_key()
    exchange = X25519PrivateKey.generate().public_key()

    for key in (elliptic, exchange):
        pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        with pytest.raises(KeyRefused) as refusal:
            read_public_pem(pem)
        assert refusal.value.code == "key-unsuitable"


def test_text_that_holds_no_public_key_is_refused(rsa_pair: RsaPair) -> None:
    private = rsa_pair.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    pem = public_pem(rsa_pair.public)

    for text in ("", "no key", private, pem[: len(pem) // 2], pem.replace("MII", "MIé"), pem + " " * 9000):
        with pytest.raises(KeyRefused) as refusal:
            read_public_pem(text)
        assert refusal.value.code == "key-malformed"
