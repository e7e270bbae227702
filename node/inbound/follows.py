"""Follow and its Undo; read by the inbound table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from node.services import follows

if TYPE_CHECKING:
    from federation.receive.verify import VerifiedActivity
    from node.context import Node


async def asked(node: Node, activity: VerifiedActivity) -> None:
    """Follow{our actor}."""
    await follows.receive_follow(node, activity)


async def undone(node: Node, activity: VerifiedActivity) -> None:
    """Undo{Follow}; undoing anything else is passed over."""
    await follows.receive_undo(node, activity)
