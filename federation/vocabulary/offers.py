"""Market offers and requests as FEP-0837 `Proposal`, unsigned.

Called by the node's outbound offers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from federation.vocabulary.terms import MARKET_CONTEXT
from federation.vocabulary.times import wire_time

if TYPE_CHECKING:
    from federation.vocabulary.governed import Frame

Purpose = Literal["offer", "request"]
ONE_UNIT = {"hasUnit": "one", "hasNumericalValue": "1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferText:
    """What an offer says: `summary` is Markdown, `place` a name, `reciprocal` what is asked in return, in words."""

    purpose: Purpose
    title: str
    summary: str
    place: str | None = None
    reciprocal: str | None = None


def market_proposal(frame: Frame, text: OfferText, *, content_html: str) -> dict[str, Any]:
    """A FEP-0837 Proposal with a primary Intent and, where something is asked in return, a reciprocal one.

    `content_html` is the summary as safe HTML, which is what AS2 §content means; the Markdown goes along as `source`.
    """
    document: dict[str, Any] = {
        "@context": list(MARKET_CONTEXT),
        "id": frame.document_id,
        "type": "Proposal",
        "attributedTo": frame.attributed_to,
        "published": wire_time(frame.published),
        "to": list(frame.to),
        "cc": list(frame.cc),
        "purpose": text.purpose,
        "name": text.title,
        "content": content_html,
        "source": {"content": text.summary, "mediaType": "text/markdown"},
        "location": {"type": "Place", "name": text.place} if text.place else None,
        "publishes": _intent(frame.document_id, "primary", text.title),
        "reciprocal": _intent(frame.document_id, "reciprocal", text.reciprocal) if text.reciprocal else None,
        "unitBased": False,
    }
    return {name: value for name, value in document.items() if value is not None and value != []}


def _intent(offer_id: str, role: str, name: str) -> dict[str, Any]:
    return {
        "type": "Intent",
        "id": f"{offer_id}#{role}",
        "action": "transfer",
        "name": name,
        "resourceQuantity": dict(ONE_UNIT),
    }
