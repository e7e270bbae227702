"""Reminders down the tree: those whose position is missing are told before the close, each once at each moment (G6).

Sent by a job row that opening a proposal to constituents leaves behind; received through node.inbound.proposals. What
an assembly above reminds us of, we pass on to those of our own constituents that we wait for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.assembly.positions import Asked
from federation.assembly.references import Reference
from federation.assembly.refusals import ReminderRefusal
from federation.assembly.reporting.reminders import (
    Schedule,
    check_reminder,
    read_reminder,
    reminder_governance,
    unreported,
)
from federation.errors import NotYet
from node.outbound import positions as outbound
from node.outbound import post
from node.services.turnout import statute_of
from storage.governance import positions, proposals, reminders
from storage.neighbours import memberships
from storage.records import ReminderRecord
from storage.work import events, jobs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from federation.receive.verify import VerifiedActivity
    from node.context import Node
    from storage.engine import Tx
    from storage.records import ProposalRecord

REMIND = "remind"


async def plan(node: Node, tx: Tx, proposal: ProposalRecord, now: datetime) -> None:
    """Leave the job that will remind constituents about a proposal which has just opened, or opened again."""
    first = _schedule(node, proposal).following(now)
    if proposal.electorate_kind == "constituents" and first is not None:
        await jobs.enqueue(tx, REMIND, proposal.id, run_at=first)


async def remind(node: Node, proposal_id: str) -> datetime | None:
    """Remind whoever is missing now; when to look again, None when no moment is left."""
    now = node.clock()
    async with node.store.write() as tx:
        proposal = await proposals.find(tx, proposal_id)
        if proposal is None or proposal.state != "open":
            return None
        schedule = _schedule(node, proposal)
        percent = schedule.reached(now)
        if percent is not None:
            await _remind_missing(node, tx, proposal, percent, now)
    node.wake()
    return schedule.following(now)


async def receive(node: Node, activity: VerifiedActivity) -> None:
    """An assembly of ours waits for our position: kept to be shown, and passed on to whom we wait for ourselves.

    Refusals: reminder-malformed, reminder-foreign, reminder-other-proposal. Raises NotYet while the proposal has not
    arrived. One that comes after the close, or again, changes nothing.
    """
    document = activity.document.get("object", {})
    reminder = read_reminder(document)
    async with node.store.write() as tx:
        tie = await memberships.find(tx, "above", activity.actor_id)
        if tie is None or tie.state != "accepted":
            raise ReminderRefusal("reminder-foreign", activity.actor_id)
        proposal = await proposals.find(tx, reminder.asked.proposal.id)
        if proposal is None:
            raise NotYet("the proposal this reminder is about has not arrived")
        if proposal.deciding_actor != activity.actor_id:
            raise ReminderRefusal("reminder-foreign", activity.actor_id)
        check_reminder(reminder, asked=_asked(proposal), body=node.body.did, assembly=activity.actor_id)
        if proposal.state != "open" or await reminders.find(tx, reminder.id) is not None:
            return
        record = _record(document, body=node.body.did, percent=reminder.percent, at=activity.received_at, source="peer")
        if await reminders.add(tx, record):
            await _note(tx, record, by=activity.actor_id, event="reminder-received")
            await _pass_on(node, tx, proposal, reminder.percent, activity.received_at)
    node.wake()


async def about(tx: Tx, proposal: ProposalRecord) -> tuple[ReminderRecord, ...]:
    """What was said about a proposal: our own reminders, and those of the assembly above whose question it answers."""
    own = await reminders.for_proposal(tx, proposal.id)
    above = await reminders.for_proposal(tx, proposal.upstream_id) if proposal.upstream_id else ()
    return (*own, *(one for one in above if proposal.origin == "own" and one.source == "peer"))


async def _pass_on(node: Node, tx: Tx, above: ProposalRecord, percent: int, now: datetime) -> None:
    for answer in await proposals.by_upstream(tx, above.id):
        if answer.origin == "own" and answer.state == "open" and answer.electorate_kind == "constituents":
            await _remind_missing(node, tx, answer, percent, now)


async def _remind_missing(node: Node, tx: Tx, proposal: ProposalRecord, percent: int, now: datetime) -> None:
    statute = await statute_of(tx, proposal)
    heard = [one.body_did for one in await positions.for_proposal(tx, proposal.id) if one.status == "counted"]
    actors = {each.body: each.actor for each in statute.constituents}
    for body in unreported(actors, heard):
        governance = reminder_governance(
            asked=_asked(proposal), body=body, percent=percent, closes_at=proposal.closes_at, reminded_at=now
        )
        document = outbound.reminder(node, governance=governance, now=now)
        record = _record(document, body=body, percent=percent, at=now, source="own")
        if await reminders.add(tx, record):
            await post.create_for(tx, node, document, ordering_key=proposal.id, to=[actors[body]])
            await _note(tx, record, by=node.body.actor_id, event="reminder-sent")


def _schedule(node: Node, proposal: ProposalRecord) -> Schedule:
    return Schedule(proposal.opens_at or proposal.created_at, proposal.closes_at, node.settings.reminder_percents)


def _asked(proposal: ProposalRecord) -> Asked:
    return Asked(proposal=Reference(proposal.id, proposal.digest or ""), statute=proposal.statute_digest or "")


def _record(document: Mapping[str, Any], *, body: str, percent: int, at: datetime, source: str) -> ReminderRecord:
    return ReminderRecord(
        id=str(document["id"]),
        proposal_id=document["governance"]["proposal"]["id"],
        body_did=body,
        percent=percent,
        document=document,
        reminded_at=at,
        source=source,
    )


async def _note(tx: Tx, record: ReminderRecord, *, by: str, event: str) -> None:
    content = {"body": record.body_did, "percent": record.percent, "reminder": record.id}
    await events.append(tx, at=record.reminded_at, actor=by, type=event, subject=record.proposal_id, content=content)
