"""Proposals from draft to opening: drafting, submitting, opening, withdrawing.

Called by the doors (closing is closing.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from federation.assembly.bylaws.amendments import AMENDMENT, check_amendment, is_amendment
from federation.assembly.bylaws.deadlines import check_deadlines
from federation.assembly.bylaws.strictness import check_rule_of
from federation.assembly.refusals import StatuteError
from federation.assembly.rules import read_rule, rule_document
from federation.assembly.statute import read_statute
from federation.errors import FetchFailure
from federation.peers.directory import known_or_fetched
from identity.canonical import content_digest
from node.governance import electorate
from node.governance.proposals import ProposalState, check_rule, check_text, check_transition, check_type, check_window
from node.governance.refusals import Refusal
from node.outbound import post
from node.outbound.proposals import Freezing, frozen_question
from node.services.assembly import reminders
from node.services.statutes import usual_rule
from storage.governance import proposals, rolls, statutes
from storage.house import members
from storage.records import MemberRecord, ProposalRecord, RollEntryRecord
from storage.work import events, jobs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from node.context import Node
    from storage.engine import Tx
    from storage.records import StatuteRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What an author writes. `rule`: preset name or rule document, None for the body's own.

    `invited` are (voter did, home actor id) of members of other co-ops whose ballots count too; `type` is a word that
    a statute may name, None for a plain motion.
    """

    title: str
    text: str
    rule: Mapping[str, Any] | str | None = None
    window_seconds: int | None = None
    invited: Sequence[tuple[str, str]] = ()
    type: str | None = None


async def draft(node: Node, *, author: MemberRecord, written: Draft) -> ProposalRecord:
    """The new draft, seen by members of this body only.

    Refusals: text-missing, text-too-long, type-invalid, rule-invalid, rule-weaker (than the statute), window-invalid.
    """
    now = node.clock()
    record = await drafted(node, author=author, written=written, now=now)
    async with node.store.write() as tx:
        await proposals.add(tx, record)
        await _note(tx, record, by=author.id, event="proposal-drafted", now=now)
    return record


async def drafted(node: Node, *, author: MemberRecord, written: Draft, now: datetime) -> ProposalRecord:
    """The draft as it would be kept. Refusals as draft."""
    check_text(written.title, written.text)
    check_type(written.type)
    window = node.body.window_seconds if written.window_seconds is None else written.window_seconds
    shortest = timedelta(seconds=node.settings.shortest_window_seconds)
    check_window(now, now + timedelta(seconds=window), shortest=shortest)
    return ProposalRecord(
        id=node.url("proposals", node.new_id()),
        deciding_actor=node.body.actor_id,
        origin="own",
        title=written.title.strip(),
        text=written.text.strip(),
        state=ProposalState.DRAFT,
        author_id=author.id,
        rule=await _rule(node, written),
        closes_at=now + timedelta(seconds=window),
        window_seconds=window,
        electorate_kind=_electorate_kind(node, written),
        invited=dict(written.invited) or None,
        type=written.type,
        created_at=now,
        updated_at=now,
    )


async def submit(node: Node, *, member: MemberRecord, proposal_id: str) -> ProposalRecord:
    """The draft handed to the operators for opening. Refusals: not-found, forbidden (not the author), state-wrong."""
    return await _move(node, member, proposal_id, ProposalState.SUBMITTED, "proposal-submitted")


async def withdraw(node: Node, *, member: MemberRecord, proposal_id: str) -> ProposalRecord:
    """The proposal taken back by its author or an operator before it opened. Refusals as submit."""
    return await _move(node, member, proposal_id, ProposalState.WITHDRAWN, "proposal-withdrawn")


async def open_proposal(node: Node, *, member: MemberRecord, proposal_id: str) -> ProposalRecord:
    """The proposal frozen, published and open for ballots (G7).

    Refusals: not-found, forbidden, state-wrong, empty-electorate, rule-weaker (than the statute in force by now),
    peer-unreachable (the home of somebody invited).
    """
    if "operator" not in member.roles:
        raise Refusal("forbidden")
    await _know_homes(node, proposal_id)
    now = node.clock()
    async with node.store.write() as tx:
        record = await _own(tx, proposal_id)
        check_transition(record.state, ProposalState.OPEN)
        opened = await _freeze(node, tx, record, now)
        await _note(tx, opened, by=member.id, event="proposal-opened", now=now)
    return opened


async def open_at_once(
    node: Node, tx: Tx, record: ProposalRecord, now: datetime, *, plan: Mapping[str, str] | None = None
) -> ProposalRecord:
    """A proposal that nobody drafts first: kept, frozen and published in the caller's transaction.

    Refusals: empty-electorate, window-invalid.
    """
    await proposals.add(tx, record)
    opened = await _freeze(node, tx, record, now, plan=plan)
    await _note(tx, opened, by=record.author_id or node.body.actor_id, event="proposal-opened", now=now)
    return opened


def worded(record: ProposalRecord, *, text: str) -> ProposalRecord:
    """The draft with another text. Refusals: text-missing, text-too-long."""
    check_text(record.title, text)
    return replace(record, text=text.strip())


async def _know_homes(node: Node, proposal_id: str) -> None:
    """Fetch the home bodies of those invited, outside any transaction, so that the question can be sent there."""
    async with node.store.read() as tx:
        homes = (await _own(tx, proposal_id)).invited or {}
    for home in sorted(set(homes.values())):
        try:
            await known_or_fetched(node.federation, home)
        except FetchFailure as failure:
            raise Refusal("peer-unreachable") from failure


async def _freeze(
    node: Node, tx: Tx, record: ProposalRecord, now: datetime, *, plan: Mapping[str, str] | None = None
) -> ProposalRecord:
    stated = await _electorate(node, tx, record)
    closes_at = now + timedelta(seconds=record.window_seconds)
    if stated["kind"] == "constituents":
        await _check_deadlines(node, tx, opens_at=now, closes_at=closes_at)
    document = frozen_question(
        node,
        Freezing(
            proposal_id=record.id,
            title=record.title,
            text=record.text,
            rule=record.rule,
            opens_at=now,
            closes_at=closes_at,
            electorate=stated,
            type=record.type,
            plan=plan,
        ),
    )
    opened = await _change(
        tx,
        record,
        state=ProposalState.OPEN,
        opens_at=now,
        closes_at=closes_at,
        document=document,
        digest=content_digest(document),
        statute_digest=stated.get("statute"),
        updated_at=now,
    )
    await jobs.enqueue(tx, "close", record.id, run_at=closes_at)
    await reminders.plan(node, tx, opened, now)
    await post.create(tx, node, document, ordering_key=record.id, to=list((record.invited or {}).values()))
    return opened


async def _check_deadlines(node: Node, tx: Tx, *, opens_at: datetime, closes_at: datetime) -> None:
    """Refuses `window-invalid` where the margins of the levels we know leave members below too little time (G6)."""
    known = {one.assembly_did: read_statute(one.document) for one in await statutes.all_latest(tx)}
    try:
        check_deadlines(node.body.did, known, opens_at=opens_at, closes_at=closes_at)
    except StatuteError as error:
        raise Refusal("window-invalid", error.detail) from error


async def _electorate(node: Node, tx: Tx, record: ProposalRecord) -> dict[str, Any]:
    if record.electorate_kind == "constituents":
        statute = await statutes.latest(tx, node.body.did)
        if statute is None:
            raise Refusal("empty-electorate")
        _check_under(record, statute)
        return {"kind": "constituents", "statute": statute.digest}
    voters = [(voter.did, voter.weight) for voter in await members.active(tx)]
    homes = dict(record.invited or {})
    voters += [(did, 1) for did in homes]
    roll = electorate.freeze(voters)
    if roll.count == 0:
        raise Refusal("empty-electorate")
    entries = [
        RollEntryRecord(proposal_id=record.id, voter=voter, weight=weight, home=homes.get(voter))
        for voter, weight in roll.entries
    ]
    await rolls.add_all(tx, entries)
    stated: dict[str, Any] = {
        "kind": record.electorate_kind,
        "count": roll.count,
        "weight": roll.weight,
        "digest": roll.digest,
    }
    return {**stated, "invited": sorted(homes)} if homes else stated


def _check_under(record: ProposalRecord, statute: StatuteRecord) -> None:
    """An assembly asks by the rule of its statute or a stricter one, and changes it only as could be adopted.

    Raises AssemblyRefusal.
    """
    rule, text = read_rule(record.rule), record.text
    if is_amendment(text):
        if record.type != AMENDMENT:
            raise Refusal("type-invalid", f"a change of the statute is of type {AMENDMENT!r}")
        check_amendment(text, statute=statute.document, rule=rule)
    check_rule_of(rule, read_statute(statute.document), proposal_type=record.type, text=text, is_answer=False)


async def _move(node: Node, member: MemberRecord, proposal_id: str, state: ProposalState, event: str) -> ProposalRecord:
    now = node.clock()
    async with node.store.write() as tx:
        record = await _own(tx, proposal_id)
        if record.author_id != member.id and "operator" not in member.roles:
            raise Refusal("forbidden")
        check_transition(record.state, state)
        moved = await _change(tx, record, state=state, updated_at=now)
        await _note(tx, moved, by=member.id, event=event, now=now)
    return moved


async def _change(tx: Tx, record: ProposalRecord, **changes: Any) -> ProposalRecord:
    await proposals.update(tx, record.id, **changes)
    return replace(record, **changes)


async def _own(tx: Tx, proposal_id: str) -> ProposalRecord:
    record = await proposals.find(tx, proposal_id)
    if record is None or record.origin != "own":
        raise Refusal("not-found")
    return record


async def _note(tx: Tx, record: ProposalRecord, *, by: str, event: str, now: datetime) -> None:
    content = {"title": record.title, "state": str(record.state), "rule": record.rule, "digest": record.digest}
    await events.append(tx, at=now, actor=by, type=event, subject=record.id, content=content)


def _electorate_kind(node: Node, written: Draft) -> str:
    if node.body.kind == "assembly":
        return "constituents"
    return "roll" if written.invited else "members"


async def _rule(node: Node, written: Draft) -> dict[str, Any]:
    async with node.store.read() as tx:
        if written.rule is None:
            return await usual_rule(node, tx)
        statute = await statutes.latest(tx, node.body.did) if node.body.kind == "assembly" else None
    document = {"preset": written.rule} if isinstance(written.rule, str) else written.rule
    rule = check_rule(document, _electorate_kind(node, written))
    if statute is not None:
        in_force = read_statute(statute.document)
        check_rule_of(rule, in_force, proposal_type=written.type, text=written.text, is_answer=False)
    return rule_document(rule)
