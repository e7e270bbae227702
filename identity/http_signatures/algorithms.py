"""Signing and checking bytes, the type of the key deciding how; called by cavage and rfc9421."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from identity.errors import KeyRefused, SignatureRefusal
from identity.keys.pem import PublicKey, require_sound_rsa

if TYPE_CHECKING:
    from collections.abc import Collection

PrivateKey: TypeAlias = RSAPrivateKey | Ed25519PrivateKey


def check_key(
    key: PublicKey, algorithm: str | None, *, rsa: Collection[str | None], ed25519: Collection[str | None]
) -> None:
    """Nothing, or ``SignatureRefusal`` unless the key is sound and the claimed algorithm goes with its type.

    ``rsa`` and ``ed25519`` are the names a scheme has for each type; None among them stands for "not named".
    """
    if isinstance(key, RSAPublicKey):
        accepted = rsa
        try:
            require_sound_rsa(key)
        except KeyRefused as refusal:
            raise SignatureRefusal("key-unsuitable", str(refusal)) from refusal
    elif isinstance(key, Ed25519PublicKey):
        accepted = ed25519
    else:
        raise SignatureRefusal("key-unsuitable", f"a {type(key).__name__} signs no requests here")
    if algorithm not in accepted:
        raise SignatureRefusal("signature-algorithm", f"{algorithm!r} does not go with that key")


def fits(key: PublicKey, signature: bytes, text: bytes) -> bool:
    """Whether ``signature`` over ``text`` was made with the key: RSA PKCS#1 v1.5 with SHA-256, or plain Ed25519."""
    try:
        if isinstance(key, RSAPublicKey):
            key.verify(signature, text, PKCS1v15(), SHA256())
        else:
            key.verify(signature, text)
    except InvalidSignature:
        return False
    return True


def signed(key: PrivateKey, text: bytes) -> bytes:
    """The signature over ``text``: RSA PKCS#1 v1.5 with SHA-256, or plain Ed25519."""
    if isinstance(key, RSAPrivateKey):
        return key.sign(text, PKCS1v15(), SHA256())
    return key.sign(text)
