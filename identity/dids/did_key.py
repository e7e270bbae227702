"""did:key for Ed25519 (W3C CCG did:key §3): the name is the key; called wherever a member signs or is verified.

Pure: the same key always has the same name, and nothing needs to be fetched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from identity.errors import DidRefused, KeyRefused
from identity.keys.multikey import ed25519_multibase, read_multibase

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PREFIX = "did:key:"


def did_key(public: Ed25519PublicKey) -> str:
    """``did:key:z6Mk…`` for the key."""
    return PREFIX + ed25519_multibase(public)


def verification_method(did: str) -> str:
    """``did:key:z…#z…``, the one verification method of a did:key; ``DidRefused`` when ``did`` is none."""
    public_key(did)
    bare = did.partition("#")[0]
    return f"{bare}#{bare.removeprefix(PREFIX)}"


def public_key(did: str) -> Ed25519PublicKey:
    """The key that ``did`` names; its own verification method (``did#z…``) is taken too, no other fragment."""
    bare, hash_sign, fragment = did.partition("#")
    if not bare.startswith(PREFIX):
        raise DidRefused("did-unsupported", f"not a did:key: {did[:80]!r}")
    multibase = bare.removeprefix(PREFIX)
    if hash_sign and fragment != multibase:
        raise DidRefused("did-malformed", f"the fragment is not the key's own: {did[:160]!r}")
    try:
        return read_multibase(multibase)
    except KeyRefused as refusal:
        raise DidRefused("did-malformed", f"{did[:80]!r}: {refusal}") from refusal
