"""Governance documents, unsigned: the common frame of ballots, statutes, positions, outcomes.

Called by the node's outbound translators and demo; `authoring.signed` adds the proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from federation.vocabulary.terms import GOVERNANCE_CONTEXT
from federation.vocabulary.times import wire_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every governance document says around its `governance` member."""

    document_id: str
    attributed_to: str
    published: datetime
    to: Sequence[str] = ()
    cc: Sequence[str] = ()


def governed(kind: str, frame: Frame, governance: Mapping[str, Any], **members: Any) -> dict[str, Any]:
    """A document of type `kind` (a `terms` constant such as STATUTE) with its signed `governance` member."""
    document: dict[str, Any] = {
        "@context": list(GOVERNANCE_CONTEXT),
        "id": frame.document_id,
        "type": kind,
        "attributedTo": frame.attributed_to,
        "published": wire_time(frame.published),
        "to": list(frame.to),
        "cc": list(frame.cc),
        "governance": dict(governance),
        **members,
    }
    return {name: value for name, value in document.items() if value is not None and value != []}
