"""Reliefs on the wire: the assembly's first document, and every entry of its log; called by the relief services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.vocabulary import terms
from node.outbound.documents import Document, signed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from node.context import Node

ENTRY_TYPES: Mapping[str, str] = {
    "answer": terms.ANSWER,
    "appeal": terms.APPEAL,
    "delivery": terms.DELIVERY,
    "endorsement": terms.ENDORSEMENT,
    "plan": terms.PLAN,
    "stock": terms.STOCK,
}


def relief(node: Node, *, relief_id: str, governance: Mapping[str, Any], now: datetime) -> Document:
    """The document that begins a relief; `governance` comes from federation.assembly.relief."""
    return signed(node, terms.RELIEF, relief_id, governance, now=now)


def entry(node: Node, *, governance: Mapping[str, Any], key: str | None, now: datetime) -> Document:
    """An entry of a relief's log, signed with the key of ours that the statutes name; None: with the present one."""
    term = ENTRY_TYPES[str(governance["kind"])]
    return signed(node, term, node.url("relief-entries", node.new_id()), governance, now=now, key=key)
