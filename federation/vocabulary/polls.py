"""A proposal as a `Question` every fediverse server can show, with our namespaced members.

Called by the node's outbound proposals. Source: ActivityStreams §3.3 Question, FEP-9967.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from federation.vocabulary.governed import Frame, governed
from federation.vocabulary.terms import POLL_CONTEXT
from federation.vocabulary.times import wire_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

FOR_AGAINST_ABSTAIN = ("For", "Against", "Abstain")


@dataclass(frozen=True, slots=True, kw_only=True)
class PollText:
    """What members read. `content_html` is already sanitised; `markdown` is its source, None when there is none."""

    title: str
    content_html: str
    markdown: str | None
    closes_at: datetime | None
    options: Sequence[str] = FOR_AGAINST_ABSTAIN


def history_id(proposal_id: str) -> str:
    """The id of the container of a proposal's discussion."""
    return f"{proposal_id}/history"


def question(frame: Frame, text: PollText, governance: Mapping[str, Any]) -> dict[str, Any]:
    """A Question with `oneOf` options, counts left at zero: binding counts live in the outcome, not here.

    `context` and `replies` are where its discussion is read: whole (FEP-7888), and its first level; `contextHistory`
    is where it is read activity by activity (FEP-171b).
    """
    source = {"content": text.markdown, "mediaType": "text/markdown"} if text.markdown is not None else None
    return governed(
        "Question",
        frame,
        governance,
        **{"@context": list(POLL_CONTEXT)},
        name=text.title,
        content=text.content_html,
        source=source,
        oneOf=[_option(name) for name in text.options],
        context=f"{frame.document_id}/thread",
        contextHistory=history_id(frame.document_id),
        replies=f"{frame.document_id}/replies",
        endTime=wire_time(text.closes_at) if text.closes_at else None,
        votersCount=0,
    )


def _option(name: str) -> dict[str, Any]:
    return {"type": "Note", "name": name, "replies": {"type": "Collection", "totalItems": 0}}
