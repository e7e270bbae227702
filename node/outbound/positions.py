"""Outcomes and positions on the wire: what a body decided, and what it reports upward; called by services.closing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.vocabulary.terms import OUTCOME, POSITION
from node.outbound.documents import Document, signed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from node.context import Node


def outcome(node: Node, *, proposal_id: str, governance: Mapping[str, Any], now: datetime) -> Document:
    """The signed outcome of a proposal of ours; `governance` comes from node.governance.outcomes."""
    return signed(node, OUTCOME, f"{proposal_id}/outcome", governance, now=now)


def position(node: Node, *, governance: Mapping[str, Any], key: str, now: datetime) -> Document:
    """The position of this body, signed with the key of ours that the assembly's roster names.

    `governance` comes from federation.assembly.positions.
    """
    return signed(node, POSITION, node.url("positions", node.new_id()), governance, now=now, key=key)
