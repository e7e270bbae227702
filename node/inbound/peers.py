"""Update of an actor by itself: its new keys are taken up, also on the roster; read by the inbound table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.peers.updates import actor_changed
from node.services import assemblies

if TYPE_CHECKING:
    from federation.receive.verify import VerifiedActivity
    from node.context import Node


async def changed(node: Node, activity: VerifiedActivity) -> None:
    """Update{actor}; updates of anything else that has no handler of its own are passed over."""
    if await actor_changed(node.federation, activity):
        await assemblies.receive_new_key(node, activity)
