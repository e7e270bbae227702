"""Proposals opened, positions reported and outcomes decided by other bodies; read by the inbound table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from node.inbound.shapes import check_shape
from node.services import decisions, mandates, positions
from node.services.assembly import reminders, vetoes

if TYPE_CHECKING:
    from federation.receive.verify import VerifiedActivity
    from node.context import Node


async def opened(node: Node, activity: VerifiedActivity) -> None:
    """Create{Question} with a proposal: put to our electorate when an assembly of ours asks, else kept to be seen."""
    check_shape(activity, "proposal")
    await mandates.receive(node, activity)


async def reported(node: Node, activity: VerifiedActivity) -> None:
    """Create{position}."""
    await positions.receive(node, activity)


async def reminded(node: Node, activity: VerifiedActivity) -> None:
    """Create{reminder}."""
    await reminders.receive(node, activity)


async def vetoed(node: Node, activity: VerifiedActivity) -> None:
    """Create{veto}."""
    await vetoes.receive(node, activity)


async def decided(node: Node, activity: VerifiedActivity) -> None:
    """Create{outcome}."""
    check_shape(activity, "outcome")
    await decisions.receive(node, activity)
