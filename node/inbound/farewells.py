"""Delete: of an offer, a reply, or a whole actor; read by the inbound table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from node.services import offers
from node.services.community import farewells, heard

if TYPE_CHECKING:
    from federation.receive.verify import VerifiedActivity
    from node.context import Node


async def deleted(node: Node, activity: VerifiedActivity) -> None:
    """Whatever of the deleted we have goes, and what has not come yet is remembered as gone."""
    await offers.receive_withdrawal(node, activity)
    await heard.receive_deletion(node, activity)
    await farewells.receive_end(node, activity)
