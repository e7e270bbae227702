"""How a proposal stands now, as members see it; called by every noun of deciding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.assembly.positions import read_position
from federation.assembly.roll_up import report_of, roll_up
from federation.assembly.rules import read_rule
from federation.assembly.statute import read_statute
from node.api.door.ids import id_of, key_of
from node.api.problems import Problem
from node.api.shapes.facts import TallyView, tally_view
from node.api.shapes.proposals import ProposalSummary, ProposalView
from node.governance.recounts import where_it_stands
from node.services.assembly.twins import twins_of
from storage import ballots, positions, proposals, rolls, statutes

if TYPE_CHECKING:
    from node.api.door.call import Call
    from node.context import Node
    from storage.engine import Tx
    from storage.records import ProposalRecord

PRIVATE_STATES = frozenset({"draft", "submitted"})


async def found_proposal(call: Call, key: str) -> ProposalRecord:
    """The proposal a path names. Problem: not-found."""
    async with call.node.store.read() as tx:
        record = await proposals.find(tx, id_of(call.node.url("proposals"), key))
    if record is None:
        raise Problem(404, "not-found", "There is no such proposal here.")
    return record


def summary(node: Node, record: ProposalRecord) -> ProposalSummary:
    """A stored proposal as lists show it."""
    return ProposalSummary(
        key=key_of(node.url("proposals"), record.id),
        id=record.id,
        title=record.title,
        state=record.state,
        origin=record.origin,
        deciding_actor=record.deciding_actor,
        electorate=record.electorate_kind,
        opens_at=record.opens_at,
        closes_at=None if record.state in PRIVATE_STATES else record.closes_at,
        closed_at=record.closed_at,
        outcome=record.outcome,
        reason=record.reason,
        upstream_id=record.upstream_id,
        created_at=record.created_at,
    )


async def standing(call: Call, record: ProposalRecord) -> ProposalView:
    """A stored proposal with its tally as it stands and the caller's own ballot."""
    async with call.node.store.read() as tx:
        tally = tally_view(record.tally) or await live_tally(tx, record)
        mine = await ballots.latest_sent(tx, record.id, call.caller.did)
        twins = await twins_of(tx, record)
    recount, recount_at = where_it_stands(
        record.recount, record.outcome_document, is_own=record.origin == "own", now=call.node.clock()
    )
    return ProposalView(
        **summary(call.node, record).model_dump(),
        text=record.text,
        rule=record.rule,
        author_id=record.author_id,
        tally=tally,
        is_final=record.tally is not None,
        my_choice=mine.choice if mine is not None and mine.status != "refused" else None,
        digest=record.digest,
        statute_digest=record.statute_digest,
        root_id=record.root_id,
        type=record.type,
        ratifies=record.ratifies_id,
        ratification=record.ratification,
        same_question=[twin.id for twin in twins],
        recount=recount,
        recount_at=recount_at,
        plan=((record.document or {}).get("governance", {}).get("plan") or {}).get("id"),
        is_second_call=record.first_outcome is not None,
    )


async def live_tally(tx: Tx, record: ProposalRecord) -> TallyView | None:
    """What an open vote of this body has so far; None for drafts and for what other bodies count."""
    if record.state != "open" or record.origin != "own":
        return None
    if record.electorate_kind == "constituents":
        return await _rolled_up(tx, record)
    found = await ballots.tally_by_choice(tx, record.id)
    weight = {choice: entry.weight for choice, entry in found.items()}
    return TallyView(
        in_favour=weight.get("for", 0),
        against=weight.get("against", 0),
        abstain=weight.get("abstain", 0),
        electorate=await rolls.total_weight(tx, record.id),
    )


async def _rolled_up(tx: Tx, record: ProposalRecord) -> TallyView | None:
    statute = await statutes.find(tx, record.statute_digest or "")
    if statute is None:
        return None
    heard = [one for one in await positions.for_proposal(tx, record.id) if one.status == "counted"]
    reports = {one.body_did: report_of(read_position(one.document)) for one in heard}
    rolled = roll_up(read_statute(statute.document), read_rule(record.rule), reports)
    return tally_view(rolled.tally.to_document())
