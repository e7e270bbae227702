"""Proposals from draft to outcome; called by the member door's routes."""

from node.api.door.operation import Call, operation
from node.api.door.paging import Page, page
from node.api.shapes.facts import KeyPath, tally_view
from node.api.shapes.proposals import OutcomeView, ProposalIn, ProposalsAsked, ProposalSummary, ProposalView
from node.api.standing import found_proposal, standing, summary
from node.services import proposals
from storage import proposals as proposal_rows


@operation("GET", "/proposals", summary="Proposals, newest first")
async def list_proposals(call: Call, query: ProposalsAsked) -> Page[ProposalSummary]:
    """Proposals of this body and those it heard of; drafts are seen by every member."""
    states = None if query.state is None else {query.state}
    async with call.node.store.read() as tx:
        rows = await proposal_rows.list(
            tx, states=states, origin=query.origin, limit=query.limit + 1, offset=query.offset
        )
    return page(rows, query, lambda record: summary(call.node, record))


@operation("POST", "/proposals", summary="Draft a proposal", status=201)
async def draft_proposal(call: Call, body: ProposalIn) -> ProposalView:
    """A draft by the caller. Submit it, then an operator opens it."""
    written = proposals.Draft(
        title=body.title,
        text=body.text,
        rule=body.rule,
        window_seconds=body.window_seconds,
        invited=tuple((invited.voter, invited.home) for invited in body.invited),
        type=body.type,
    )
    record = await proposals.draft(call.node, author=call.caller, written=written)
    shown = await standing(call, record)
    call.headers["Location"] = f"{call.request.path}/{shown.key}"
    return shown


@operation("GET", "/proposals/{key}", summary="One proposal with its tally as it stands")
async def show_proposal(call: Call, path: KeyPath) -> ProposalView:
    """Text, rule, state and tally: live while it is open, final afterwards."""
    return await standing(call, await found_proposal(call, path.key))


@operation("POST", "/proposals/{key}/submit", summary="Hand a draft to the operators")
async def submit_proposal(call: Call, path: KeyPath) -> ProposalView:
    """The author's draft waits to be opened."""
    record = await found_proposal(call, path.key)
    return await standing(call, await proposals.submit(call.node, member=call.caller, proposal_id=record.id))


@operation("POST", "/proposals/{key}/open", summary="Open a proposal for ballots")
async def open_proposal(call: Call, path: KeyPath) -> ProposalView:
    """Text, rule and roll are frozen and published (G7). Operators only."""
    record = await found_proposal(call, path.key)
    return await standing(call, await proposals.open_proposal(call.node, member=call.caller, proposal_id=record.id))


@operation("POST", "/proposals/{key}/withdraw", summary="Take a proposal back before it opens")
async def withdraw_proposal(call: Call, path: KeyPath) -> ProposalView:
    """By its author or an operator; an open proposal can no longer be withdrawn."""
    record = await found_proposal(call, path.key)
    return await standing(call, await proposals.withdraw(call.node, member=call.caller, proposal_id=record.id))


@operation("GET", "/proposals/{key}/outcome", summary="What was decided and why")
async def show_outcome(call: Call, path: KeyPath) -> OutcomeView:
    """The signed outcome and, where an assembly decided, its binding decision; both null until they are there."""
    record = await found_proposal(call, path.key)
    return OutcomeView(
        key=summary(call.node, record).key,
        proposal=record.id,
        state=record.state,
        outcome=record.outcome,
        reason=record.reason,
        tally=tally_view(record.tally),
        digest=record.outcome_digest,
        document=record.outcome_document,
        decision=record.decision_document,
        closed_at=record.closed_at,
    )


OPERATIONS = (
    list_proposals,
    draft_proposal,
    show_proposal,
    submit_proposal,
    open_proposal,
    withdraw_proposal,
    show_outcome,
)
