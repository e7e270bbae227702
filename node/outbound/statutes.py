"""Statutes on the wire: an assembly's signed roster, weights and rule; called by services.assemblies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.vocabulary.terms import STATUTE
from node.outbound.documents import Document, signed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from node.context import Node


def statute(node: Node, *, version: int, governance: Mapping[str, Any], now: datetime) -> Document:
    """The signed statute of this assembly at a version; `governance` comes from federation.assembly.statute."""
    return signed(node, STATUTE, node.url("statutes", str(version)), governance, now=now)
