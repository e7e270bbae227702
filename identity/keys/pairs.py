"""Key pairs this node holds; called by the keyring and when members or bodies are founded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from identity.errors import KeyRefused

RSA_BITS = 2048
RSA_PUBLIC_EXPONENT = 65537


@dataclass(frozen=True, slots=True)
class RsaPair:
    """An RSA pair, for HTTP signatures; parsed once, signs many times."""

    private: RSAPrivateKey
    public: RSAPublicKey

    def to_pkcs8(self) -> bytes:
        """The private half as unencrypted PKCS#8 DER: seal it before it touches a disk."""
        return _pkcs8(self.private)

    @classmethod
    def from_pkcs8(cls, der: bytes) -> Self:
        """The pair behind PKCS#8 DER; ``KeyRefused`` when it is no RSA private key."""
        private = _read_pkcs8(der)
        if not isinstance(private, RSAPrivateKey):
            raise KeyRefused("key-unsuitable", "the stored private key is not an RSA key")
        return cls(private, private.public_key())


@dataclass(frozen=True, slots=True)
class Ed25519Pair:
    """An Ed25519 pair, for proofs on documents; parsed once, signs many times."""

    private: Ed25519PrivateKey
    public: Ed25519PublicKey

    def to_pkcs8(self) -> bytes:
        """The private half as unencrypted PKCS#8 DER: seal it before it touches a disk."""
        return _pkcs8(self.private)

    @classmethod
    def from_pkcs8(cls, der: bytes) -> Self:
        """The pair behind PKCS#8 DER; ``KeyRefused`` when it is no Ed25519 private key."""
        private = _read_pkcs8(der)
        if not isinstance(private, Ed25519PrivateKey):
            raise KeyRefused("key-unsuitable", "the stored private key is not an Ed25519 key")
        return cls(private, private.public_key())


def generate_rsa() -> RsaPair:
    """A fresh 2048-bit RSA pair; takes some 50-200 ms of processor time."""
    private = generate_private_key(public_exponent=RSA_PUBLIC_EXPONENT, key_size=RSA_BITS)
    return RsaPair(private, private.public_key())


def generate_ed25519() -> Ed25519Pair:
    """A fresh Ed25519 pair."""
    private = Ed25519PrivateKey.generate()
    return Ed25519Pair(private, private.public_key())


def _pkcs8(private: RSAPrivateKey | Ed25519PrivateKey) -> bytes:
    return private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def _read_pkcs8(der: bytes) -> object:
    try:
        # It is a key we made, from behind our own seal: proving its primes again would take 50 ms at every start.
        return load_der_private_key(der, password=None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm) as fault:
        raise KeyRefused("key-malformed", "the stored private key is not PKCS#8 DER") from fault
