"""Public keys as PEM, the spelling of ``publicKeyPem``; called by actor documents and by the fetcher of peers' keys."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from identity.errors import KeyRefused
from identity.keys.multikey import require_sound_point

PublicKey: TypeAlias = RSAPublicKey | Ed25519PublicKey

RSA_MIN_BITS = 2048
RSA_MAX_BITS = 8192
MAX_CHARACTERS = 8192
# An exponent of 1 signs nothing; one as long as the modulus makes every verification cost as much as signing.
_MIN_EXPONENT = 3
_MAX_EXPONENT = 1 << 64


def public_pem(key: PublicKey) -> str:
    """The key as ``-----BEGIN PUBLIC KEY-----`` text (SubjectPublicKeyInfo)."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


@lru_cache(maxsize=4096)
def read_public_pem(text: str) -> PublicKey:
    """The RSA or Ed25519 public key in ``text``; ``KeyRefused`` when unreadable, of another kind or too weak.

    The last 4096 keys are remembered: parsing costs several verifications.
    """
    if len(text) > MAX_CHARACTERS:
        raise KeyRefused("key-malformed", f"the PEM text is longer than {MAX_CHARACTERS} characters")
    try:
        key = load_pem_public_key(text.encode("ascii"))
    except (ValueError, TypeError, UnsupportedAlgorithm) as fault:
        raise KeyRefused("key-malformed", f"not a PEM public key: {type(fault).__name__}") from fault
    return _sound(key)


def require_sound_rsa(key: RSAPublicKey) -> None:
    """Nothing, or ``KeyRefused`` unless the modulus has 2048 to 8192 bits and the exponent is odd and sensible."""
    exponent = key.public_numbers().e
    if not RSA_MIN_BITS <= key.key_size <= RSA_MAX_BITS:
        raise KeyRefused("key-unsuitable", f"RSA keys need {RSA_MIN_BITS} to {RSA_MAX_BITS} bits, not {key.key_size}")
    if not _MIN_EXPONENT <= exponent < _MAX_EXPONENT or exponent % 2 == 0:
        raise KeyRefused("key-unsuitable", "the RSA public exponent is even, below 3 or beyond 64 bits")


def _sound(key: object) -> PublicKey:
    if isinstance(key, RSAPublicKey):
        require_sound_rsa(key)
        return key
    if isinstance(key, Ed25519PublicKey):
        require_sound_point(key.public_bytes(Encoding.Raw, PublicFormat.Raw))
        return key
    raise KeyRefused("key-unsuitable", f"only RSA and Ed25519 keys are accepted, not {type(key).__name__}")
