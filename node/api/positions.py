"""Positions that constituents reported on a proposal, and reminders of those missing; called by the routes."""

from node.api.door.operation import Call, operation
from node.api.door.paging import Page, Window, slice_page
from node.api.shapes.facts import KeyPath, tally_view
from node.api.shapes.proposals import PositionView, ReminderView
from node.api.standing import found_proposal
from node.services.assembly import reminders
from storage import positions
from storage.records import PositionRecord, ReminderRecord


@operation("GET", "/proposals/{key}/positions", summary="What constituents reported on an assembly's proposal")
async def list_positions(call: Call, path: KeyPath, query: Window) -> Page[PositionView]:
    """Every position by body and sequence, with what became of it: counted, superseded, late, invalid, equivocation."""
    record = await found_proposal(call, path.key)
    async with call.node.store.read() as tx:
        found = await positions.for_proposal(tx, record.id)
    return slice_page(found, query, _view)


@operation("GET", "/proposals/{key}/reminders", summary="Who was reminded that a position is missing")
async def list_reminders(call: Call, path: KeyPath, query: Window) -> Page[ReminderView]:
    """Reminders this assembly sent about its proposal, and those that came to this body from the assembly above."""
    record = await found_proposal(call, path.key)
    async with call.node.store.read() as tx:
        found = await reminders.about(tx, record)
    return slice_page(found, query, _reminder)


def _reminder(record: ReminderRecord) -> ReminderView:
    return ReminderView(
        id=record.id,
        proposal=record.proposal_id,
        body=record.body_did,
        percent=record.percent,
        call=record.call,
        is_sent=record.source == "own",
        reminded_at=record.reminded_at,
    )


def _view(record: PositionRecord) -> PositionView:
    said = record.document.get("governance", {})
    return PositionView(
        id=record.id,
        body=record.body_did,
        actor=record.body_actor,
        choice=record.choice,
        seq=record.seq,
        status=record.status,
        reason=record.reason,
        tally=tally_view(said.get("tally")),
        members=tally_view(said.get("members")),
        digest=record.digest,
        received_at=record.received_at,
    )


OPERATIONS = (list_positions, list_reminders)
