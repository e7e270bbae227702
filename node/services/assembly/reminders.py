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
from node.governance.calls import FIRST, SECOND
from node.governance.proposals import read_proposal
from node.outbound import positions as outbound
from node.outbound import post
from node.services.turnout import statute_of
from storage.governance import positions, proposals, reminders
from storage.neighbours import memberships
from storage.records import ReminderRecord
from storage.work import events, jobs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from federation.receive.verify import VerifiedActivity
    from node.context import Node
    from storage.engine import Tx
    from storage.records import ProposalRecord

REMIND = "remind"
IN_ONE_TRANSACTION = 10
IN_ONE_RUN = 1000


async def plan(node: Node, tx: Tx, proposal: ProposalRecord, now: datetime) -> None:
    """Leave the job that will remind constituents about a proposal which has just opened, or opened again."""
    first = _schedule(node, proposal).following(now)
    if proposal.electorate_kind == "constituents" and first is not None:
        await jobs.enqueue(tx, REMIND, proposal.id, run_at=first)


async def remind(node: Node, proposal_id: str) -> datetime | None:
    """Remind whoever is missing now; when to look again, None when no moment is left."""
    now = node.clock()
    async with node.store.read() as tx:
        proposal = await proposals.find(tx, proposal_id)
    if proposal is None or proposal.state != "open":
        return None
    schedule = _schedule(node, proposal)
    percent = schedule.reached(now)
    if percent is not None and not await _remind_missing(node, proposal, percent, now):
        return now
    return schedule.following(now)


async def receive(node: Node, activity: VerifiedActivity) -> None:
    """An assembly of ours waits for our position: passed on to whom we wait for ourselves, and kept to be shown.

    Refusals: reminder-malformed, reminder-foreign, reminder-other-proposal. Raises NotYet while the proposal has not
    arrived. One that comes after the close, or again, changes nothing.
    """
    document = activity.document.get("object", {})
    reminder = read_reminder(document)
    async with node.store.read() as tx:
        proposal = await _asked_by(tx, activity.actor_id, reminder.asked.proposal.id)
        check_reminder(reminder, asked=_asked(proposal), body=node.body.did, assembly=activity.actor_id)
        if proposal.state != "open" or await reminders.find(tx, reminder.id) is not None:
            return
        answers = await proposals.by_upstream(tx, proposal.id)
    for answer in answers:
        if answer.origin == "own" and answer.state == "open" and answer.electorate_kind == "constituents":
            while not await _remind_missing(node, answer, reminder.percent, activity.received_at):
                continue
    call = SECOND if reminder.closes_at > read_proposal(proposal.document).closes_at else FIRST
    at = activity.received_at
    record = _record(document, reminder.percent, at=at, body=node.body.did, call=call, source="peer")
    async with node.store.write() as tx:
        if await reminders.find(tx, record.id) is None and await reminders.add(tx, record):
            await _note(tx, record, by=activity.actor_id, event="reminder-received")


async def _asked_by(tx: Tx, assembly: str, proposal_id: str) -> ProposalRecord:
    """The proposal of an assembly we belong to."""
    tie = await memberships.find(tx, "above", assembly)
    if tie is None or tie.state != "accepted":
        raise ReminderRefusal("reminder-foreign", assembly)
    proposal = await proposals.find(tx, proposal_id)
    if proposal is None:
        raise NotYet("the proposal this reminder is about has not arrived")
    if proposal.deciding_actor != assembly:
        raise ReminderRefusal("reminder-foreign", assembly)
    return proposal


async def about(tx: Tx, proposal: ProposalRecord) -> tuple[ReminderRecord, ...]:
    """What was said about a proposal: our own reminders, and those of the assembly above whose question it answers."""
    own = await reminders.for_proposal(tx, proposal.id)
    above = await reminders.for_proposal(tx, proposal.upstream_id) if proposal.upstream_id else ()
    return (*own, *(one for one in above if proposal.origin == "own" and one.source == "peer"))


async def _remind_missing(node: Node, proposal: ProposalRecord, percent: int, now: datetime) -> bool:
    """Whether each who is missing was reminded at that percent, now or before; False when one run left some of them.

    A few are written in a transaction, so that others write between them. Whoever reports in the meantime may be
    reminded still.
    """
    async with node.store.read() as tx:
        missing = await _missing(tx, proposal, percent)
    todo = missing[:IN_ONE_RUN]
    for few in (todo[start : start + IN_ONE_TRANSACTION] for start in range(0, len(todo), IN_ONE_TRANSACTION)):
        written = [(actor, _reminder(node, proposal, body, percent, now)) for body, actor in few]
        async with node.store.write() as tx:
            found = await proposals.find(tx, proposal.id)
            if found is None or found.state != "open":
                return True
            for actor, record in written:
                await _send(node, tx, record, actor)
    return len(todo) == len(missing)


async def _missing(tx: Tx, proposal: ProposalRecord, percent: int) -> Sequence[tuple[str, str]]:
    """Bodies and actors of those no position came from, and that were not reminded at that percent."""
    statute = await statute_of(tx, proposal)
    heard = {one.body_did for one in await positions.for_proposal(tx, proposal.id) if one.status == "counted"}
    actors = {each.body: each.actor for each in statute.constituents}
    done = heard | await reminders.reminded(tx, proposal.id, call=_call(proposal), percent=percent)
    return [(body, actors[body]) for body in unreported(actors, done)]


def _call(proposal: ProposalRecord) -> int:
    """The number of the call that is open."""
    return FIRST if proposal.first_outcome is None else SECOND


def _reminder(node: Node, proposal: ProposalRecord, body: str, percent: int, now: datetime) -> ReminderRecord:
    governance = reminder_governance(
        asked=_asked(proposal), body=body, percent=percent, closes_at=proposal.closes_at, reminded_at=now
    )
    document = outbound.reminder(node, governance=governance, now=now)
    return _record(document, percent, at=now, body=body, call=_call(proposal), source="own")


async def _send(node: Node, tx: Tx, record: ReminderRecord, actor: str) -> None:
    if await reminders.add(tx, record):
        await post.create_for(tx, node, record.document, ordering_key=record.proposal_id, to=[actor])
        await _note(tx, record, by=node.body.actor_id, event="reminder-sent")


def _schedule(node: Node, proposal: ProposalRecord) -> Schedule:
    """The moments of the call that is open: a second one begins where the first ended."""
    is_first = proposal.first_outcome is None
    begins_at = proposal.opens_at or proposal.created_at if is_first else read_proposal(proposal.document).closes_at
    return Schedule(begins_at, proposal.closes_at, node.settings.reminder_percents)


def _asked(proposal: ProposalRecord) -> Asked:
    return Asked(proposal=Reference(proposal.id, proposal.digest or ""), statute=proposal.statute_digest or "")


def _record(
    document: Mapping[str, Any], percent: int, *, at: datetime, body: str, call: int, source: str
) -> ReminderRecord:
    return ReminderRecord(
        id=str(document["id"]),
        proposal_id=document["governance"]["proposal"]["id"],
        body_did=body,
        percent=percent,
        call=call,
        document=document,
        reminded_at=at,
        source=source,
    )


async def _note(tx: Tx, record: ReminderRecord, *, by: str, event: str) -> None:
    content = {"body": record.body_did, "percent": record.percent, "reminder": record.id}
    await events.append(tx, at=record.reminded_at, actor=by, type=event, subject=record.proposal_id, content=content)
