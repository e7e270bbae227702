"""What may be said under a proposal, and which of two versions of it stands.

Called by services.community.replies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

LONGEST_TEXT = 5_000
"""Characters of what a member types."""
LONGEST_HTML = 20_000
"""Characters of what comes from elsewhere."""
DEEPEST = 8
MOST_BY_ONE = 100
"""Replies of one author under one proposal, deleted ones included."""
PER_PAGE = 50

Version = tuple["datetime", str]
"""When a version was made, and its digest: the second decides between two of the same moment."""


def hindrance(text: str, *, depth: int, said_before: int, longest: int = LONGEST_TEXT) -> str | None:
    """The code of the refusal that a reply meets, None when there is none."""
    if not text.strip():
        return "reply-empty"
    if len(text) > longest:
        return "reply-too-long"
    if depth > DEEPEST:
        return "reply-too-deep"
    return "reply-too-many" if said_before >= MOST_BY_ONE else None


def supersedes(new: Version, known: Version | None) -> bool:
    """Whether a version replaces the one we have; the same pair of versions ends the same in either order (P15)."""
    return known is None or new > known
