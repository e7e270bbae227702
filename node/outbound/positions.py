"""Outcomes, positions, vetoes and reminders on the wire: what goes up and down around a close; called by services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.vocabulary.terms import OUTCOME, POSITION, REMINDER, VETO
from node.outbound.documents import Document, signed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from node.context import Node


def outcome(node: Node, *, proposal_id: str, governance: Mapping[str, Any], now: datetime) -> Document:
    """The signed outcome of a proposal of ours; `governance` comes from node.governance.outcomes."""
    return signed(node, OUTCOME, f"{proposal_id}/outcome", governance, now=now)


def first_outcome(node: Node, *, proposal_id: str, governance: Mapping[str, Any], now: datetime) -> Document:
    """The signed outcome of a first call that missed its quorum and is called again."""
    return signed(node, OUTCOME, f"{proposal_id}/first-outcome", governance, now=now)


def recounted_outcome(node: Node, *, proposal_id: str, governance: Mapping[str, Any], now: datetime) -> Document:
    """The signed outcome of a recount, which takes the place of the outcome at the close."""
    return signed(node, OUTCOME, f"{proposal_id}/recount", governance, now=now)


def position(node: Node, *, governance: Mapping[str, Any], key: str, now: datetime) -> Document:
    """The position of this body, signed with the key of ours that the assembly's roster names.

    `governance` comes from federation.assembly.positions.
    """
    return signed(node, POSITION, node.url("positions", node.new_id()), governance, now=now, key=key)


def veto(node: Node, *, governance: Mapping[str, Any], key: str, now: datetime) -> Document:
    """The veto of this body, signed with the key of ours that the assembly's roster names."""
    return signed(node, VETO, node.url("vetoes", node.new_id()), governance, now=now, key=key)


def reminder(node: Node, *, governance: Mapping[str, Any], now: datetime) -> Document:
    """The reminder of this assembly to one constituent."""
    return signed(node, REMINDER, node.url("reminders", node.new_id()), governance, now=now)
