"""Opinions: what actors of the fediverse answer to a proposal's poll, and the counts they are shown in return.

Called by node.inbound.notes and by the job row that the first new answer leaves behind. Advisory throughout: an opinion
is never read by a tally, and a ballot never counts as an opinion (P17, P18).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from federation.receive.origins import host_of
from node.community.opinions import chosen, is_in_time
from node.outbound import post
from node.outbound.proposals import Answers, polled_question
from storage.community import opinions
from storage.governance import proposals
from storage.records import OpinionRecord
from storage.work import activities, events, jobs

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from federation.receive.verify import VerifiedActivity
    from node.context import Node
    from storage.engine import Tx
    from storage.records import ProposalRecord

PUBLISH = "publish-opinions"


async def receive(node: Node, activity: VerifiedActivity, proposal_id: str, names: Collection[str]) -> None:
    """An actor's answer, counted once and shown apart; unknown, contradicting, late and further ones are passed over.

    The activity is taken out of the public log whatever its sender addressed it to: who answered what is not ours
    to spread.
    """
    async with node.store.write() as tx:
        await activities.hide(tx, activity.id)
        proposal = await proposals.find(tx, proposal_id)
        if proposal is None or proposal.origin != "own" or proposal.document is None:
            return
        option = chosen(names, options_of(proposal))
        if option is None or not is_in_time(proposal.state, proposal.closes_at, activity.received_at):
            return
        record = OpinionRecord(
            proposal_id=proposal.id,
            actor_id=activity.actor_id,
            option=option,
            host=host_of(activity.actor_id),
            activity_id=activity.id,
            received_at=activity.received_at,
        )
        if not await opinions.add(tx, record):
            return
        later = node.clock() + timedelta(seconds=node.settings.opinion_update_seconds)
        await jobs.enqueue(tx, PUBLISH, proposal.id, run_at=later)
        await events.append(
            tx,
            at=activity.received_at,
            actor=activity.actor_id,
            type="opinion-received",
            subject=proposal.id,
            content={"activity": activity.id},
        )


async def publish(node: Node, proposal_id: str) -> datetime | None:
    """None, after the counts so far went to followers and to everybody who answered; closing does the last time."""
    now = node.clock()
    async with node.store.write() as tx:
        proposal = await proposals.find(tx, proposal_id)
        if proposal is None or proposal.document is None or proposal.state != "open":
            return None
        document = polled_question(node, proposal.document, await answers(tx, proposal), now)
        await proposals.update(tx, proposal.id, poll_document=document)
        reached = await opinions.inboxes(tx, proposal.id)
        await post.update(tx, node, document, ordering_key=proposal.id, inboxes=reached)
    return None


async def answers(tx: Tx, proposal: ProposalRecord) -> Answers:
    """How many chose each option of a proposal's poll, in its order."""
    found = {count.option: count.actors for count in await opinions.counts(tx, proposal.id)}
    return Answers([found.get(option, 0) for option in options_of(proposal)], sum(found.values()))


def options_of(proposal: ProposalRecord) -> list[str]:
    """The options as the poll spells them, in order."""
    document: Mapping[str, Any] = proposal.document or {}
    return [str(option["name"]) for option in document.get("oneOf", ())]
