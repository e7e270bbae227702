"""Accept and Reject: answers to our applications and to the ballots we carried; read by the inbound table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from node.services import assemblies, ballots

if TYPE_CHECKING:
    from federation.receive.verify import VerifiedActivity
    from node.context import Node


async def accepted(node: Node, activity: VerifiedActivity) -> None:
    """Accept{Join} or Accept{ballot}; anything else is passed over."""
    if not await assemblies.receive_answer(node, activity, is_accepted=True):
        await ballots.receive_answer(node, activity, is_accepted=True)


async def rejected(node: Node, activity: VerifiedActivity) -> None:
    """Reject{Join} or Reject{ballot}; anything else is passed over."""
    if not await assemblies.receive_answer(node, activity, is_accepted=False):
        await ballots.receive_answer(node, activity, is_accepted=False)
