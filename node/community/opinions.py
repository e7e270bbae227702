"""When an answer from the fediverse is an opinion on a proposal, and which one.

Called by services.community.opinions. Opinions are advisory: no rule of node.governance ever sees one (P17, P18).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime


def chosen(names: Collection[str], options: Sequence[str]) -> str | None:
    """The one option that the names spell exactly; None for none of them, or for two of a poll that takes one."""
    spelled = set(names) & set(options)
    return spelled.pop() if len(spelled) == 1 else None


def is_in_time(state: str, closes_at: datetime, received_at: datetime) -> bool:
    """Whether an answer received at that moment finds its poll open, by our own clock."""
    return state == "open" and received_at <= closes_at
