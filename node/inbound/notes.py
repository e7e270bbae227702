"""Notes of others: answers to our polls, one by one or together, and replies in threads; read by the inbound table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.peers.added import take_added
from federation.vocabulary.notes import answered, is_answer, notes_of
from node.services.community import heard, opinions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from federation.receive.verify import VerifiedActivity
    from node.context import Node


def is_about_something(document: Mapping[str, Any]) -> bool:
    """Whether a note that an activity brings answers anything: no other is anything to this node."""
    return any(answered(note) for note in notes_of(document))


async def published(node: Node, activity: VerifiedActivity) -> None:
    """Create or Update of notes: what names an option and says nothing is an answer, the rest are replies."""
    names: dict[str, set[str]] = {}
    for note in notes_of(activity.document):
        if not is_answer(note):
            await heard.receive(node, activity, note)
        elif activity.type == "Create":
            names.setdefault(answered(note), set()).add(str(note["name"]))
    for proposal_id, spelled in names.items():
        if proposal_id.startswith(f"{node.origin}/proposals/"):
            await opinions.receive(node, activity, proposal_id, spelled)


async def added(node: Node, activity: VerifiedActivity) -> None:
    """Add of an activity to somebody's discussion, by its id."""
    await take_added(node.federation, activity)


async def removed(node: Node, activity: VerifiedActivity) -> None:
    """Remove of a reply from its thread."""
    await heard.receive_removal(node, activity)
