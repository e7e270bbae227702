"""Block, Flag and Move: what neighbours say about us and about themselves; read by the inbound table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from node.services.community import farewells, flags

if TYPE_CHECKING:
    from federation.receive.verify import VerifiedActivity
    from node.context import Node


async def blocked(node: Node, activity: VerifiedActivity) -> None:
    """Block of this body."""
    await farewells.receive_block(node, activity)


async def flagged(node: Node, activity: VerifiedActivity) -> None:
    """Flag of something of ours."""
    await flags.receive(node, activity)


async def moved(node: Node, activity: VerifiedActivity) -> None:
    """Move of an actor to another address."""
    await farewells.receive_move(node, activity)
