"""The two actor documents of a node: its body (Group) and the instance actor (Application).

Called by the actor doors, and by whoever announces a changed profile.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from federation.vocabulary.terms import ACTOR_CONTEXT
from identity.keys.multikey import ed25519_multibase
from identity.keys.pem import public_pem

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from federation.ports import Profile
    from identity.keys.pem import PublicKey

# FEP-844e, "Capabilities": the addresses that stand for them.
RFC9421 = "https://datatracker.ietf.org/doc/html/rfc9421"
RFC9421_ED25519 = f"{RFC9421}#name-eddsa-using-curve-edwards25"
# Only what this node really does.
CAPABILITIES = (
    (RFC9421, "RFC-9421: HTTP Message Signatures"),
    (RFC9421_ED25519, "RFC-9421 signatures using the Ed25519 algorithm"),
    ("https://w3id.org/fep/8b32", "FEP-8b32: Object Integrity Proofs"),
    ("https://w3id.org/fep/521a", "FEP-521a: Representing actor's public keys"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorKeys:
    """The public keys of one actor with their ids.

    `earlier` are Ed25519 keys still published beside the current one, newest first; `retired` are those that prove only
    what they signed until the moment they were retired. There is one RSA key: nothing that it signs lasts.
    """

    rsa_id: str
    rsa: PublicKey
    ed25519_id: str
    ed25519: Ed25519PublicKey
    earlier: tuple[tuple[str, Ed25519PublicKey], ...] = ()
    retired: tuple[tuple[str, Ed25519PublicKey, datetime], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where else this body was or is: actor ids it says it had, and the one it moved to (FEP-7628)."""

    earlier: tuple[str, ...] = ()
    moved_to: str | None = None


NOWHERE_ELSE = Addresses()


def body_document(
    origin: str, actor_id: str, profile: Profile, keys: ActorKeys, *, addresses: Addresses = NOWHERE_ELSE
) -> dict[str, Any]:
    """The Group actor of the body, with both keys (FEP-521a) and what the generator implements (FEP-844e)."""
    moved = {"movedTo": addresses.moved_to} if addresses.moved_to is not None else {}
    return {
        **_actor(origin, actor_id, "Group", keys),
        "preferredUsername": profile.handle,
        "name": profile.name,
        "summary": escape(profile.summary),
        "url": f"{origin}/",
        "webfinger": f"{profile.handle}@{urlsplit(origin).netloc}",
        "alsoKnownAs": [profile.did, *addresses.earlier],
        **moved,
        "manuallyApprovesFollowers": False,
        "discoverable": True,
        "governance": {"kind": "body", "body": profile.did, "body_kind": profile.kind},
    }


def instance_document(origin: str, actor_id: str, keys: ActorKeys) -> dict[str, Any]:
    """The Application actor that signs every GET (FEP-2677, FEP-d556)."""
    host = urlsplit(origin).netloc
    return {
        **_actor(origin, actor_id, "Application", keys),
        "preferredUsername": host,
        "name": host,
        "url": f"{origin}/",
        "manuallyApprovesFollowers": True,
        "discoverable": False,
    }


def _actor(origin: str, actor_id: str, kind: str, keys: ActorKeys) -> dict[str, Any]:
    return {
        "@context": list(ACTOR_CONTEXT),
        "id": actor_id,
        "type": kind,
        "inbox": f"{actor_id}/inbox",
        "outbox": f"{actor_id}/outbox",
        "followers": f"{actor_id}/followers",
        "following": f"{actor_id}/following",
        "endpoints": {"sharedInbox": f"{origin}/inbox"},
        "publicKey": {"id": keys.rsa_id, "owner": actor_id, "publicKeyPem": public_pem(keys.rsa)},
        "assertionMethod": [
            {
                "id": key_id,
                "type": "Multikey",
                "controller": actor_id,
                "publicKeyMultibase": ed25519_multibase(key),
            }
            for key_id, key in ((keys.ed25519_id, keys.ed25519), *keys.earlier)
        ],
        "generator": {
            "type": "Application",
            "name": "Rochdale",
            "implements": [{"href": href, "name": name} for href, name in CAPABILITIES],
        },
    }
