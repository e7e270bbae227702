"""Ballots of a proposal: casting and reading them; called by the member door's routes."""

from node.api.door.operation import Call, operation
from node.api.door.paging import Page, Window, slice_page
from node.api.shapes.facts import KeyPath
from node.api.shapes.proposals import BallotIn, BallotView, CastView
from node.api.standing import found_proposal
from node.services import ballots
from storage import ballots as ballot_rows
from storage.records import BallotRecord


@operation("GET", "/proposals/{key}/ballots", summary="Ballots of a proposal, last received first")
async def list_ballots(call: Call, path: KeyPath, query: Window) -> Page[BallotView]:
    """Every ballot with what became of it: counted, superseded, late or refused."""
    record = await found_proposal(call, path.key)
    async with call.node.store.read() as tx:
        seen = query.offset + query.limit + 1
        found = await ballot_rows.list_recent(tx, proposal_id=record.id, limit=seen)
    return slice_page(found, query, _view)


@operation("POST", "/proposals/{key}/ballots", summary="Cast the caller's ballot", status=201)
async def cast_ballot(call: Call, path: KeyPath, body: BallotIn) -> CastView:
    """The ballot, signed with the caller's key; of several the last received before the close counts (G4)."""
    record = await found_proposal(call, path.key)
    cast = await ballots.cast(call.node, member=call.caller, proposal_id=record.id, choice=body.choice)
    return CastView(ballot=_view(cast.ballot), receipt=cast.receipt, along=list(cast.along))


def _view(record: BallotRecord) -> BallotView:
    return BallotView(
        id=record.id,
        voter=record.voter,
        choice=record.choice,
        seq=record.seq,
        status=record.status,
        reason=record.reason,
        digest=record.digest,
        received_at=record.received_at,
    )


OPERATIONS = (list_ballots, cast_ballot)
