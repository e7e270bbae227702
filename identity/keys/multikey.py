"""Ed25519 public keys as Multikey text, ``z6Mk…`` (FEP-521a, W3C CID §2.2.2); called by did:key, actors and rosters."""

from __future__ import annotations

from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from identity.errors import KeyRefused
from identity.keys.multibase import base58btc, read_base58btc

ED25519_PREFIX = b"\xed\x01"
_PREFIXED_BYTES = 34
_FIELD_PRIME = 2**255 - 19
# The y coordinates of the eight points whose order divides 8: under such a "key" one signature fits many messages.
_SMALL_ORDER_Y = frozenset(
    {
        0,
        1,
        0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
        0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
        _FIELD_PRIME - 1,
    }
)


def ed25519_multibase(public: Ed25519PublicKey) -> str:
    """``z6Mk…``: multicodec ed25519-pub and the 32 key bytes, in base58-btc."""
    return base58btc(ED25519_PREFIX + public.public_bytes(Encoding.Raw, PublicFormat.Raw))


@lru_cache(maxsize=4096)
def read_multibase(text: str) -> Ed25519PublicKey:
    """The Ed25519 key behind ``z6Mk…``; ``KeyRefused`` for other bases, other key types and points of small order.

    The last 4096 keys are remembered: parsing is a good part of verifying a proof.
    """
    try:
        prefixed = read_base58btc(text)
    except ValueError as fault:
        raise KeyRefused("key-malformed", f"publicKeyMultibase: {fault}") from fault
    if len(prefixed) != _PREFIXED_BYTES or not prefixed.startswith(ED25519_PREFIX):
        raise KeyRefused("key-unsuitable", "publicKeyMultibase is not an Ed25519 public key of 32 bytes")
    raw = prefixed[len(ED25519_PREFIX) :]
    require_sound_point(raw)
    return Ed25519PublicKey.from_public_bytes(raw)


def require_sound_point(raw: bytes) -> None:
    """Nothing, or ``KeyRefused`` for a non-canonical encoding (RFC 8032 §5.1.3) or a point of small order."""
    y = int.from_bytes(raw, "little") & ((1 << 255) - 1)
    if y >= _FIELD_PRIME or y in _SMALL_ORDER_Y:
        raise KeyRefused("key-unsuitable", "the Ed25519 key is a point of small order or not canonically encoded")
