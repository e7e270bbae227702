"""Reliefs of assemblies and what everybody says in them; read by the inbound table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from node.services.reliefs import opening, receiving

if TYPE_CHECKING:
    from federation.receive.verify import VerifiedActivity
    from node.context import Node


async def begun(node: Node, activity: VerifiedActivity) -> None:
    """Create{relief}."""
    await opening.receive(node, activity)


async def said(node: Node, activity: VerifiedActivity) -> None:
    """Create{stock}, Create{plan} and every other entry of a relief's log."""
    await receiving.receive(node, activity)
