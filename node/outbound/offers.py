"""Offers and requests on the wire as FEP-0837 Proposals; called by services.offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.vocabulary.offers import OfferText, market_proposal
from node.markdown import to_html
from node.outbound.documents import Document, frame, sign_as_body

if TYPE_CHECKING:
    from datetime import datetime

    from node.context import Node


def offer(node: Node, *, offer_id: str, text: OfferText, now: datetime) -> Document:
    """The signed market Proposal of a member of this co-op."""
    document = market_proposal(frame(node, offer_id, now), text, content_html=to_html(text.summary))
    return sign_as_body(node, document)
