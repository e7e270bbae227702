"""Notes as other servers write them: answers to polls in every dialect, and replies; tolerant, never raising.

Called by the node's inbound notes. Source: protocol of Mastodon, GoToSocial and Misskey as published, FEP-9967.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from federation.vocabulary.reading import first_type, id_of

NOTE = "Note"
MOST_NOTES = 20  # of one activity: GoToSocial sends the answers to one poll together

Document = Mapping[str, Any]


def notes_of(activity: Document) -> list[Document]:
    """The notes an activity brings: its object, or the notes of a list of them."""
    about = activity.get("object")
    elements = about if isinstance(about, list) else [about]
    return [note for note in elements[:MOST_NOTES] if isinstance(note, Mapping) and first_type(note) == NOTE]


def is_answer(note: Document) -> bool:
    """Whether a note answers a poll: it names an option and says nothing else."""
    return isinstance(note.get("name"), str) and not note.get("content") and not note.get("contentMap")


def answered(note: Document) -> str:
    """The id of what a note replies to, or ""."""
    return id_of(note.get("inReplyTo")) or ""
