"""Tolerant readers of peers' documents: they never raise and never fetch.

Called by receive, fetch and the node's inbound translators.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from federation.vocabulary.terms import PUBLIC_NAMES

_OBJECTS = (dict, Mapping)
"""The plain one first: to ask whether something is a Mapping costs ten times as much."""


def id_of(value: object) -> str | None:
    """The id a value names: itself when text, its `id` when an object, that of its only element when a list of one."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, _OBJECTS):
        value = value.get("id")
    return value if isinstance(value, str) and value else None


def ids_of(value: object) -> list[str]:
    """Every id that a text, object or flat list of them names, in order."""
    if value is None:
        return []
    elements = value if isinstance(value, list) else [value]
    return [found for element in elements if (found := id_of(element))]


def types_of(document: object) -> tuple[str, ...]:
    """The type names of a document; () when it has none."""
    declared = document.get("type") if isinstance(document, _OBJECTS) else None
    names = declared if isinstance(declared, list) else [declared]
    return tuple(name for name in names if isinstance(name, str))


def first_type(document: object) -> str:
    """The first type name, or "" when there is none."""
    declared = document.get("type") if type(document) is dict else None
    return declared if isinstance(declared, str) else next(iter(types_of(document)), "")


def object_of(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The embedded object of an activity, or None when it is absent, an id, or a list."""
    embedded = document.get("object")
    return embedded if isinstance(embedded, _OBJECTS) else None


def governance_of(document: object) -> Mapping[str, Any]:
    """The `governance` member, or {} when there is none."""
    member = document.get("governance") if isinstance(document, _OBJECTS) else None
    return member if member is not None and isinstance(member, _OBJECTS) else {}


def governance_kind(document: object) -> str:
    """The kind its governance member states, or ""."""
    kind = governance_of(document).get("kind")
    return kind if isinstance(kind, str) else ""


def capabilities(actor: Mapping[str, Any]) -> frozenset[str]:
    """The addresses of what the application behind an actor says it implements (FEP-844e)."""
    generator = actor.get("generator")
    stated = generator.get("implements") if isinstance(generator, Mapping) else None
    hrefs = (
        entry.get("href") for entry in (stated if isinstance(stated, list) else [stated]) if isinstance(entry, Mapping)
    )
    return frozenset(href for href in hrefs if isinstance(href, str))


def addresses(document: Mapping[str, Any]) -> Iterator[str]:
    """Every id in to, cc, bto, bcc and audience."""
    for member in ("to", "cc", "bto", "bcc", "audience"):
        yield from ids_of(document.get(member))


def is_public(document: Mapping[str, Any]) -> bool:
    """Whether the document is addressed to everybody (ActivityPub §5.6)."""
    return any(address in PUBLIC_NAMES for address in addresses(document))
