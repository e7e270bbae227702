"""The federation as a tree of bodies, and what it decided; called by the member door's routes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from federation.assembly.statute import Constituent, read_statute
from federation.assembly.tally import Count, count_document
from federation.assembly.weighing.modes import denominator_of, weights_of
from node.api.door.ids import KEY_PATTERN, id_of, key_of
from node.api.door.operation import Access, Call, operation
from node.api.door.paging import Page, Window, cursor, page
from node.api.problems import Problem
from node.api.shapes.assemblies import DecisionView, EquivocationView, TreeAsked, TreeBody, TreeView
from node.api.shapes.facts import tally_view
from storage import equivocations, evidence, positions, proposals, statutes
from storage.engine import Tx
from storage.records import EquivocationRecord, PositionRecord, ProposalRecord, StatuteRecord

CLOSED = frozenset({"passed", "rejected", "closed_without_quorum"})
MOST_LEVELS = 32
SHOWN_STATE: Mapping[str, str] = {
    "counted": "reported",
    "late": "late",
    "invalid": "disputed",
    "equivocation": "disputed",
    "superseded": "reported",
}


@dataclass(frozen=True, slots=True)
class Known:
    """What this node knows of the federation: newest statutes, and for one decision its proposals and positions."""

    here: str
    rosters: Mapping[str, StatuteRecord]
    proposals: Mapping[tuple[str, str], ProposalRecord] = field(default_factory=dict)
    positions: Mapping[tuple[str, str], PositionRecord] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seat:
    """A constituent with what it weighs under its assembly's mode, and how many units of that are shown as 1."""

    constituent: Constituent
    weight: Count
    denominator: int


@operation("GET", "/federation/tree", summary="The bodies of the federation, nested", allows=Access.MEMBER)
async def show_tree(call: Call, query: TreeAsked) -> TreeView:
    """Every assembly this node heard of with its constituents; with `proposal`, where each body stands in it."""
    async with call.node.store.read() as tx:
        rosters = {record.assembly_did: record for record in await statutes.all_latest(tx)}
        if query.proposal is None:
            known = Known(call.node.body.did, rosters)
            return TreeView(proposal=None, roots=[_assembly(known, rosters[did]) for did in _roots(rosters)])
        root = await _root(call, tx, query.proposal)
        known = await _known_of(call, tx, root, rosters)
        statute = await statutes.find(tx, root.statute_digest or "")
    if statute is None:
        raise Problem(409, "statute-missing", "The statute this proposal was opened under has not arrived yet.")
    return TreeView(proposal=root.id, roots=[_assembly(known, statute, root)])


@operation("GET", "/federation/equivocations", summary="Who signed two things for one place", allows=Access.PUBLIC)
async def list_equivocations(call: Call, query: Window) -> Page[EquivocationView]:
    """Proofs that anybody can check alone with `rochdale verify`, last received first."""
    async with call.node.store.read() as tx:
        found = await equivocations.list(tx, limit=query.limit + 1, offset=query.offset)
    return page(found, query, _equivocation)


@operation("GET", "/federation/decisions", summary="What assemblies decided, and this body on their questions")
async def list_decisions(call: Call, query: Window) -> Page[DecisionView]:
    """Closed decisions, newest first. A page may hold fewer than `limit`."""
    async with call.node.store.read() as tx:
        rows = await proposals.list(tx, states=CLOSED, limit=query.limit + 1, offset=query.offset)
        federal = [row for row in rows[: query.limit] if row.electorate_kind == "constituents" or row.root_id]
        shown = [await _decision(call, tx, row) for row in federal]
    more = cursor(query.offset + query.limit) if len(rows) > query.limit else None
    return Page(items=shown, next=more)


async def _root(call: Call, tx: Tx, named: str) -> ProposalRecord:
    folder = call.node.url("proposals")
    proposal_id = id_of(folder, named) if re.match(KEY_PATTERN, named) else named
    found = await proposals.find(tx, proposal_id)
    root = await proposals.find(tx, found.root_id) if found is not None and found.root_id else found
    if root is None or root.electorate_kind != "constituents":
        raise Problem(404, "not-found", "There is no such decision of an assembly here.")
    return root


async def _known_of(call: Call, tx: Tx, root: ProposalRecord, rosters: Mapping[str, StatuteRecord]) -> Known:
    below = await proposals.by_root(tx, root.id)
    reported: dict[tuple[str, str], PositionRecord] = {}
    for record in (root, *below):
        for position in await positions.for_proposal(tx, record.id):
            key = (record.id, position.body_did)
            if key not in reported or position.status == "counted":
                reported[key] = position
    answering = {(record.upstream_id or "", record.deciding_actor): record for record in below}
    return Known(call.node.body.did, rosters, answering, reported)


def _roots(rosters: Mapping[str, StatuteRecord]) -> Sequence[str]:
    """Assemblies that no known roster names as a constituent."""
    named = {entry["body"] for record in rosters.values() for entry in record.document["governance"]["constituents"]}
    return [did for did in rosters if did not in named]


def _assembly(known: Known, statute: StatuteRecord, about: ProposalRecord | None = None) -> TreeBody:
    return TreeBody(
        name=statute.document["governance"]["name"],
        kind="assembly",
        did=statute.assembly_did,
        actor=statute.assembly_actor,
        weight=None,
        weight_denominator=None,
        state=_decided(about),
        choice=about.outcome if about else None,
        reason=about.reason if about else None,
        tally=tally_view(about.tally) if about else None,
        is_here=statute.assembly_did == known.here,
        constituents=[_constituent(known, seat, about, level=MOST_LEVELS) for seat in _seats(statute)],
    )


def _constituent(known: Known, seat: Seat, about: ProposalRecord | None, *, level: int) -> TreeBody:
    entry = seat.constituent
    position = known.positions.get((about.id, entry.body)) if about else None
    own = known.proposals.get((about.id, entry.actor)) if about else None
    roster = known.rosters.get(entry.body)
    below = _seats(roster) if roster and level else ()
    said: Mapping[str, Any] = position.document["governance"] if position else {}
    return TreeBody(
        name=entry.name,
        kind=entry.kind,
        did=entry.body,
        actor=entry.actor,
        weight=count_document(seat.weight),
        weight_denominator=seat.denominator,
        members=entry.members,
        state=_state(about, position),
        choice=position.choice if position else None,
        reason=(position.reason or said.get("reason")) if position else None,
        tally=tally_view(said.get("tally")),
        is_here=entry.body == known.here,
        constituents=[_constituent(known, one, own, level=level - 1) for one in below],
    )


def _state(about: ProposalRecord | None, position: PositionRecord | None) -> str | None:
    if about is None:
        return None
    if position is None:
        return "open" if about.state == "open" else "missing"
    if position.status == "counted" and position.choice == "no_quorum":
        return "no_quorum"
    return SHOWN_STATE[position.status]


def _decided(about: ProposalRecord | None) -> str | None:
    if about is None:
        return None
    return "open" if about.outcome is None else "decided"


def _seats(statute: StatuteRecord) -> Sequence[Seat]:
    rules = read_statute(statute.document)
    unit = denominator_of(rules)
    return [Seat(one, weight, unit) for one, weight in zip(rules.constituents, weights_of(rules), strict=True)]


async def _decision(call: Call, tx: Tx, record: ProposalRecord) -> DecisionView:
    key = key_of(call.node.url("proposals"), record.id)
    held = record.origin == "own" and await evidence.find(tx, record.id) is not None
    return DecisionView(
        key=key,
        proposal=record.id,
        title=record.title,
        deciding_actor=record.deciding_actor,
        state=record.state,
        outcome=record.outcome,
        reason=record.reason,
        tally=tally_view(record.tally),
        closed_at=record.closed_at,
        root_id=record.root_id,
        evidence=call.node.url("proposals", key, "evidence") if held else None,
    )


def _equivocation(record: EquivocationRecord) -> EquivocationView:
    return EquivocationView(
        id=record.document_id,
        what=record.what,
        signer=record.signer,
        received_at=record.received_at,
        document=record.document,
    )


OPERATIONS = (show_tree, list_equivocations, list_decisions)
