"""Activities of ActivityStreams, unsigned: one builder each.

Called by the node's outbound translators; `deliver.enqueue.publish` adds the proof.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from federation.vocabulary.terms import AS2, GOVERNANCE_CONTEXT
from federation.vocabulary.times import wire_time

if TYPE_CHECKING:
    from datetime import datetime

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What every activity carries besides its object. `to` and `cc` are actor or collection ids, or PUBLIC."""

    activity_id: str
    actor: str
    published: datetime
    to: Sequence[str] = ()
    cc: Sequence[str] = ()


def activity(kind: str, envelope: Envelope, about: Document | str, **members: Any) -> dict[str, Any]:
    """An activity of type `kind` about an object (embedded document, or an id); members that are None are left out."""
    document: dict[str, Any] = {
        "@context": list(GOVERNANCE_CONTEXT),
        "id": envelope.activity_id,
        "type": kind,
        "actor": envelope.actor,
        "published": wire_time(envelope.published),
        "to": list(envelope.to),
        "cc": list(envelope.cc),
        "object": dict(about) if isinstance(about, Mapping) else about,
        **members,
    }
    return {name: value for name, value in document.items() if value is not None and value != []}


def create(envelope: Envelope, document: Document) -> dict[str, Any]:
    """Create{document}."""
    return activity("Create", envelope, document)


def update(envelope: Envelope, about: Document | str, *, governance: Document | None = None) -> dict[str, Any]:
    """Update{document}: the whole new version. Or of a Join by its id, with the application in `governance`."""
    return activity("Update", envelope, about, governance=governance)


def tombstone(object_id: str, deleted_at: datetime) -> dict[str, Any]:
    """What stands at the id of something that was deleted (ActivityPub §6.4)."""
    return {"@context": AS2, "id": object_id, "type": "Tombstone", "deleted": wire_time(deleted_at)}


def delete(envelope: Envelope, object_id: str) -> dict[str, Any]:
    """Delete{Tombstone}."""
    return activity("Delete", envelope, {"id": object_id, "type": "Tombstone"})


def announce(envelope: Envelope, about: Document | str) -> dict[str, Any]:
    """Announce{inner}: an inner activity is embedded unchanged, so its own proof survives (FEP-1b12)."""
    return activity("Announce", envelope, about)


def accept(envelope: Envelope, about: Document | str, *, governance: Document | None = None) -> dict[str, Any]:
    """Accept of an activity, by its id or whole; `governance` carries a receipt or terms."""
    return activity("Accept", envelope, about, governance=governance)


def reject(envelope: Envelope, about: Document | str, *, governance: Document | None = None) -> dict[str, Any]:
    """Reject of an activity; `governance` may say why."""
    return activity("Reject", envelope, about, governance=governance)


def join(envelope: Envelope, assembly: str, *, governance: Document) -> dict[str, Any]:
    """Join{assembly actor}, with the application in `governance`."""
    return activity("Join", envelope, assembly, governance=governance)


def leave(envelope: Envelope, assembly: str) -> dict[str, Any]:
    """Leave{assembly actor}."""
    return activity("Leave", envelope, assembly)


def add(envelope: Envelope, about: Document | str, *, target: Document) -> dict[str, Any]:
    """Add{activity to the history of a conversation} (FEP-171b): what is embedded keeps its own proof."""
    return activity("Add", envelope, about, target=dict(target))


def remove(envelope: Envelope, object_id: str, *, target: str) -> dict[str, Any]:
    """Remove{object from the collection `target`}."""
    return activity("Remove", envelope, object_id, target=target)


def move(envelope: Envelope, actor: str, *, target: str) -> dict[str, Any]:
    """Move{own actor to `target`} (FEP-7628)."""
    return activity("Move", envelope, actor, target=target)


def flag(envelope: Envelope, about: Sequence[str], content: str) -> dict[str, Any]:
    """Flag{ids}: what somebody here thinks the operators there should look at, and why."""
    return {**activity("Flag", envelope, "", content=content), "object": list(about)}


def follow(envelope: Envelope, actor: str) -> dict[str, Any]:
    """Follow{actor}."""
    return activity("Follow", envelope, actor)


def undo(envelope: Envelope, about: Document | str) -> dict[str, Any]:
    """Undo of an own activity."""
    return activity("Undo", envelope, about)
