"""The history of a discussion: every activity this body took into it, each as an Add of its own (FEP-171b).

Called by heard and replies in their transactions, and by the thread door. Followers hear of the same by Announce; an
Add goes to those who take part without following.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.vocabulary.polls import history_id
from node.outbound import post
from storage.community import replies
from storage.neighbours import follows, peers

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from node.context import Node
    from storage.engine import Tx
    from storage.records import ProposalRecord


async def add(
    tx: Tx, node: Node, document: Mapping[str, Any], *, proposal: ProposalRecord, heard_by: Collection[str]
) -> None:
    """Take an activity into the history of a proposal of ours; whole if its proof goes with it, else by its id."""
    if proposal.origin != "own":
        return
    speakers = await replies.speakers(tx, proposal.id)
    deaf = {node.body.actor_id, *heard_by, *await follows.follower_ids(tx), *await peers.bodies(tx)}
    target = {"type": "OrderedCollection", "id": history_id(proposal.id), "attributedTo": node.body.actor_id}
    about = document if "proof" in document else str(document["id"])
    to = [actor for actor in speakers if actor not in deaf]
    await post.add(tx, node, about, target=target, to=to, ordering_key=proposal.id)
