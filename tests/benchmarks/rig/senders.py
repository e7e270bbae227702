"""Remote actors who sign what they send, and serve their keys; called by the inbox and fan-out benchmarks."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from federation.ports import Profile
from federation.vocabulary.actors import ActorKeys, body_document
from federation.vocabulary.terms import AS2, MARKET_CONTEXT, PUBLIC
from federation.vocabulary.times import wire_time
from identity.http_signatures import cavage, rfc9421
from identity.keys.pairs import generate_ed25519, generate_rsa

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

SENDERS = 10
TEXT = "The assembly resolves to adopt the motion. "
ACTIVITY = "application/activity+json"


@cache
def keys_of(number: int) -> tuple[RSAPrivateKey, Ed25519PrivateKey]:
    """The keys of the sender of that number, modulo SENDERS; made at the first call."""
    return (generate_rsa().private, generate_ed25519().private) if number < SENDERS else keys_of(number % SENDERS)


@dataclass(frozen=True, slots=True)
class Sender:
    """A remote actor. `place` is its address, without a slash at the end."""

    place: str
    number: int

    @property
    def key_id(self) -> str:
        """The id of the RSA key that signs its requests."""
        return f"{self.place}#main-key"

    def document(self) -> dict[str, Any]:
        """The actor as it serves itself; its inbox is its own, it has no shared one."""
        origin, (rsa, ed25519) = self.place.rsplit("/", 1)[0], keys_of(self.number)
        keys = ActorKeys(
            rsa_id=self.key_id,
            rsa=rsa.public_key(),
            ed25519_id=f"{self.place}#ed25519-key",
            ed25519=ed25519.public_key(),
        )
        profile = Profile(did="did:web:sender.example", handle=f"s{self.number}", name="Sender", kind="coop")
        made = body_document(origin, self.place, profile, keys)
        return {name: value for name, value in made.items() if name not in {"endpoints", "generator"}}

    def signed(self, inbox: str, activity: Mapping[str, Any], *, forged: bool = False) -> bytes:
        """A raw POST of the activity; a forged one is signed with somebody else's key."""
        where, body = urlsplit(inbox), json.dumps(activity, separators=(",", ":")).encode()
        headers = cavage.sign_request(
            method="POST",
            target=where.path,
            headers={"host": where.netloc, "content-type": ACTIVITY},
            body=body,
            key_id=self.key_id,
            key=keys_of(self.number + forged)[0],
            now=datetime.now(UTC),
        )
        return _raw(where.path, headers, body)

    def signed_as_message(self, inbox: str, activity: Mapping[str, Any]) -> bytes:
        """A raw POST of the activity, signed with the Ed25519 key (RFC 9421)."""
        where, body = urlsplit(inbox), json.dumps(activity, separators=(",", ":")).encode()
        headers = rfc9421.sign_request(
            method="POST",
            target_uri=inbox,
            headers={"content-type": ACTIVITY},
            body=body,
            key_id=f"{self.place}#ed25519-key",
            key=keys_of(self.number)[1],
            now=datetime.now(UTC),
        )
        return _raw(where.path, {"host": where.netloc, **headers}, body)


Making = Callable[[Sender, str], dict[str, Any]]
"""From a sender and a name that is used once to an activity."""


def note(sender: Sender, name: str) -> dict[str, Any]:
    """Create{Note} of 2 kB."""
    about = {"id": f"{sender.place}/notes/{name}", "type": "Note", "content": f"<p>{name}: {TEXT * 30}</p>"}
    return _create(sender, name, about, AS2)


def offer(sender: Sender, name: str) -> dict[str, Any]:
    """Create{Proposal} (FEP-0837) of 2 kB."""
    offer_id = f"{sender.place}/offers/{name}"
    quantity = {"hasUnit": "one", "hasNumericalValue": "1"}
    intent = {"id": f"{offer_id}#primary", "type": "Intent", "action": "transfer", "resourceQuantity": quantity}
    about = {"id": offer_id, "type": "Proposal", "purpose": "offer", "name": f"Oven {name}", "content": TEXT * 15}
    return _create(sender, name, {**about, "publishes": intent, "unitBased": False}, MARKET_CONTEXT)


def follow(sender: Sender, body: str) -> dict[str, Any]:
    """Follow of a body."""
    return {"@context": AS2, "id": f"{sender.place}/follow", "type": "Follow", "actor": sender.place, "object": body}


def _raw(path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    sent = {**headers, "content-length": str(len(body))}
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items()), "", ""]
    return "\r\n".join(lines).encode() + body


def _create(sender: Sender, name: str, about: Mapping[str, Any], context: object) -> dict[str, Any]:
    now = wire_time(datetime.now(UTC))
    common = {"published": now, "to": [PUBLIC], "cc": [f"{sender.place}/followers"]}
    return {
        "@context": context,
        "id": f"{sender.place}/creates/{name}",
        "type": "Create",
        "actor": sender.place,
        **common,
        "object": {**about, "attributedTo": sender.place, **common},
    }
