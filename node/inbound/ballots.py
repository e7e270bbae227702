"""Create{ballot}: for a proposal of ours it is recorded, otherwise it is another body's business.

Read by the inbound table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.vocabulary.reading import governance_of, id_of
from node.services import ballots

if TYPE_CHECKING:
    from federation.receive.verify import VerifiedActivity
    from node.context import Node


async def cast(node: Node, activity: VerifiedActivity) -> None:
    """A ballot addressed to this body is recorded; one merely shown to followers is passed over."""
    proposal_id = id_of(governance_of(activity.document.get("object")).get("proposal")) or ""
    if proposal_id.startswith(f"{node.origin}/"):
        await ballots.receive(node, activity)
