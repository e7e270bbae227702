"""Join, Leave and statutes: how assemblies come about; read by the inbound table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from node.services import assemblies, statutes
from node.services.assembly import equivocations, headcounts

if TYPE_CHECKING:
    from federation.receive.verify import VerifiedActivity
    from node.context import Node


async def asked(node: Node, activity: VerifiedActivity) -> None:
    """Join{our actor}."""
    await assemblies.receive_application(node, activity)


async def recounted(node: Node, activity: VerifiedActivity) -> None:
    """Update{a Join}, with the application as it is now."""
    await headcounts.receive(node, activity)


async def left(node: Node, activity: VerifiedActivity) -> None:
    """Leave{our actor}."""
    await assemblies.receive_leave(node, activity)


async def adopted(node: Node, activity: VerifiedActivity) -> None:
    """Create{statute}."""
    await statutes.receive_statute(node, activity)


async def exposed(node: Node, activity: VerifiedActivity) -> None:
    """Create{equivocation}."""
    await equivocations.receive(node, activity)
