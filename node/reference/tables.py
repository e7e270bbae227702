"""docs/reference/tables.md, from the tables of storage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from node.reference.markdown_table import code, page, table
from storage.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Mapping

INTRODUCTION = """What a node remembers, the same on SQLite and PostgreSQL. Read it freely; write to it only
through the program, because every change belongs together with an event in the chain. Times are UTC. Documents
are JSON exactly as signed."""

HOLDS: Mapping[str, str] = {
    "activities": "What came in and went out, with the bytes as they were signed.",
    "ballots": "Every ballot ever received, counted or not, with the reason.",
    "body_settings": "Who this node is: kind, name, handle, bylaws; and what is to be known of its house.",
    "deliveries": "One activity for one inbox: due, sent or failed.",
    "equivocations": "Proofs that somebody signed two different things for one place.",
    "events": "Everything that changed anything, each row chained to the one before it.",
    "evidence": "The bundle that proves a closed decision.",
    "flags": "What people elsewhere asked the operators to look at.",
    "follows": "Who hears from us, and whom we hear from.",
    "jobs": "What is still to be done, and who is doing it.",
    "keys": "Key pairs of the body and of members; the private half is sealed.",
    "members": "The people of this co-op.",
    "memberships": "Assemblies above us and constituents below us.",
    "offers": "What members of ours and of others offer and request.",
    "opinions": "What the fediverse answered to our polls: advisory, apart from every tally.",
    "outbox_cursors": "How far we read the outboxes of those we follow.",
    "peer_keys": "Public keys of other actors, as fetched.",
    "peer_policies": "Hosts an operator limited or blocked.",
    "peers": "Other actors, as fetched.",
    "positions": "What constituents reported to a proposal, ours included.",
    "proposals": "Texts put to a decision, from draft to outcome.",
    "relief_entries": "The signed documents of each relief, as they came; never changed.",
    "reliefs": "What assemblies do in an emergency, as they began it.",
    "reminders": "Who was told that a position is missing, and when; those that came to us too.",
    "replies": "The discussion under each proposal, from members and from elsewhere.",
    "roll_entries": "Who may decide a proposal, with which weight; fixed when it opened.",
    "sessions": "Sign-ins that are still good; the token is kept as a hash.",
    "statutes": "Every version of every assembly's signed rules that reached us.",
    "unreachable_hosts": "Hosts that did not take our deliveries, and when they are tried again; gone when they do.",
    "tombstones": "What was deleted or undone before it came; forgotten after a week.",
    "vetoes": "Signed vetoes of constituents with their reasons, in time or late.",
}


def text() -> str:
    """The page."""
    return page("Tables", INTRODUCTION, *(_section(metadata.tables[name]) for name in sorted(metadata.tables)))


def _section(described: Any) -> str:
    rows = ((code(column.name), _type(column), _role(column)) for column in described.columns)
    return "\n\n".join((f"## {described.name}", HOLDS[described.name], table(("column", "type", "role"), rows)))


def _type(column: Any) -> str:
    names = {
        "TEXT": "text",
        "BIGINT": "whole number",
        "INTEGER": "whole number",
        "BOOLEAN": "yes or no",
        "BLOB": "bytes",
    }
    kind = type(column.type).__name__
    return {"UtcDateTime": "time", "JSON": "JSON"}.get(kind) or names.get(str(column.type).upper(), kind.lower())


def _role(column: Any) -> str:
    roles = ["primary key"] if column.primary_key else []
    roles += [f"of {next(iter(column.foreign_keys)).column.table.name}"] if column.foreign_keys else []
    roles += ["may be empty"] if column.nullable else []
    return ", ".join(roles)
