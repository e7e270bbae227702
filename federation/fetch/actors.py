"""Actor documents of peers, read into what we keep: inboxes, name, kind, and the keys the actor lists itself.

Called by fetch.keys and the directory.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from federation.errors import FetchFailure
from federation.receive.origins import host_of, is_too_long, same_origin
from federation.vocabulary.reading import first_type, governance_of, id_of
from federation.vocabulary.terms import ACTOR_TYPES
from identity.errors import KeyRefused
from identity.keys.multikey import read_multibase
from identity.keys.pem import read_public_pem
from storage.records import PeerKeyRecord, PeerRecord

if TYPE_CHECKING:
    from datetime import datetime

    from federation.fetch.documents import FetchBudget, Fetcher

MAX_KEYS = 10
MAX_NAME_LENGTH = 300
MAX_ACTOR_BYTES = 128 * 1024
"""Of one actor's document, which we keep whole: those of other servers have a tenth of it."""
_KINDS = {"Person": "person", "Application": "service", "Service": "service"}
_BODY_KINDS = frozenset({"coop", "assembly"})


@dataclass(frozen=True, slots=True)
class FetchedActor:
    """A peer's actor as rows to keep: itself and its keys."""

    peer: PeerRecord
    keys: tuple[PeerKeyRecord, ...]


async def fetch_actor(
    fetcher: Fetcher, actor_id: str, *, now: datetime, budget: FetchBudget | None = None
) -> FetchedActor:
    """The actor whose document is served at its own id, without leaving its origin (P2); raises FetchFailure."""
    return read_actor(await fetcher.get_own(actor_id, budget=budget), now=now)


def read_actor(document: Mapping[str, Any], *, now: datetime) -> FetchedActor:
    """The rows of an actor document that was fetched at its own id; raises FetchFailure `actor-malformed`."""
    actor_id, inbox = id_of(document), document.get("inbox")
    if actor_id is None or first_type(document) not in ACTOR_TYPES:
        raise FetchFailure("actor-malformed", "not an actor document")
    if len(json.dumps(document, ensure_ascii=False).encode(errors="replace")) > MAX_ACTOR_BYTES:
        raise FetchFailure("actor-malformed", f"{actor_id} has a document of more than {MAX_ACTOR_BYTES} bytes")
    if not isinstance(inbox, str) or not same_origin(inbox, actor_id) or is_too_long(inbox) or is_too_long(actor_id):
        raise FetchFailure("actor-malformed", f"{actor_id} has no inbox at its own origin, or one that is too long")
    peer = PeerRecord(
        actor_id=actor_id,
        host=host_of(actor_id),
        kind=_kind(document),
        inbox=inbox,
        document=document,
        fetched_at=now,
        did=_did(document),
        name=_text(document.get("name")),
        handle=_text(document.get("preferredUsername")),
        shared_inbox=_shared_inbox(document, actor_id),
    )
    return FetchedActor(peer, tuple(_keys(document, actor_id, now))[:MAX_KEYS])


def _kind(document: Mapping[str, Any]) -> str:
    stated = governance_of(document).get("body_kind")
    is_body = isinstance(stated, str) and stated in _BODY_KINDS
    return str(stated) if is_body else _KINDS.get(first_type(document), "other")


def _did(document: Mapping[str, Any]) -> str | None:
    did = governance_of(document).get("body")
    return did if isinstance(did, str) and did.startswith("did:") and not is_too_long(did) else None


def _text(value: object) -> str:
    return value[:MAX_NAME_LENGTH] if isinstance(value, str) else ""


def _shared_inbox(document: Mapping[str, Any], actor_id: str) -> str | None:
    endpoints = document.get("endpoints")
    shared = endpoints.get("sharedInbox") if isinstance(endpoints, Mapping) else None
    is_usable = isinstance(shared, str) and same_origin(shared, actor_id) and not is_too_long(shared)
    return str(shared) if is_usable else None


def _keys(document: Mapping[str, Any], actor_id: str, now: datetime) -> Iterator[PeerKeyRecord]:
    for entry in _entries(document.get("publicKey")):
        if entry.get("owner") == actor_id:
            yield from _key(entry, "publicKeyPem", actor_id, now)
    for entry in _entries(document.get("assertionMethod")):
        if entry.get("type") == "Multikey" and entry.get("controller") == actor_id:
            yield from _key(entry, "publicKeyMultibase", actor_id, now)


def _entries(member: object) -> Iterator[Mapping[str, Any]]:
    for entry in member if isinstance(member, list) else [member]:
        if isinstance(entry, Mapping):
            yield entry


def _key(entry: Mapping[str, Any], member: str, actor_id: str, now: datetime) -> Iterator[PeerKeyRecord]:
    key_id, text = entry.get("id"), entry.get(member)
    if not isinstance(key_id, str) or not isinstance(text, str) or not same_origin(key_id, actor_id):
        return
    if is_too_long(key_id):
        return
    try:
        algorithm = algorithm_of(text)
    except KeyRefused:
        return
    yield PeerKeyRecord(key_id=key_id, actor_id=actor_id, algorithm=algorithm, public_text=text, fetched_at=now)


def assertion_key(document: Mapping[str, Any]) -> str:
    """The multibase text of the first Ed25519 Multikey an actor document lists; raises FetchFailure without one."""
    actor_id = id_of(document) or ""
    for entry in _entries(document.get("assertionMethod")):
        text = entry.get("publicKeyMultibase")
        if isinstance(text, str) and entry.get("controller") == actor_id and _is_ed25519(text):
            return text
    raise FetchFailure("actor-malformed", f"{actor_id} lists no Ed25519 key")


def _is_ed25519(text: str) -> bool:
    try:
        read_multibase(text)
    except KeyRefused:
        return False
    return True


def algorithm_of(text: str) -> str:
    """`rsa` or `ed25519`: what the PEM or multibase text holds; raises KeyRefused."""
    if text.startswith("z"):
        read_multibase(text)
        return "ed25519"
    return "rsa" if hasattr(read_public_pem(text), "key_size") else "ed25519"
