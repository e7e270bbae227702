"""Market Proposals (FEP-0837), new or changed; read by the inbound table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from node.services import offers

if TYPE_CHECKING:
    from federation.receive.verify import VerifiedActivity
    from node.context import Node


async def published(node: Node, activity: VerifiedActivity) -> None:
    """Create{Proposal} or Update{Proposal}."""
    await offers.receive(node, activity)
