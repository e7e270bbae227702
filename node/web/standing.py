"""How proposals stand, read for the pages: the count so far or final, who decides, who stands above, what is said.

Called by home, proposals and federation; nothing is decided here, the pure rules add up what was reported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.assembly.positions import read_position
from federation.assembly.refusals import AssemblyRefusal
from federation.assembly.roll_up import report_of, roll_up
from federation.assembly.rules import read_rule
from federation.assembly.statute import read_statute
from federation.assembly.tally import Tally
from node.community.replies import PER_PAGE
from node.services.assembly.twins import twins_of
from node.services.community import opinions as opinion_service
from node.services.community.replies import NOT_YET_PUBLIC
from node.web.assembly.closing import reminded_about
from node.web.views.community import Talk, opinions_panel, thread
from node.web.views.ends.twins import Twin
from node.web.views.federation import FederationFacts, denominator_of_statute, divergence_sentence
from node.web.views.standing import Binding, ProposalFacts, binding
from node.web.views.wording.places import host_of
from node.web.views.wording.rules import quorum_needed
from node.web.views.wording.sentences import Count
from storage import ballots, members, opinions, peers, positions, proposals, replies, rolls, statutes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from node.context import Node
    from node.web.views.community import Opinions, Thread
    from node.web.views.wording.setting import Setting
    from storage.engine import Tx
    from storage.records import MemberRecord, PositionRecord, ProposalRecord, StatuteRecord

SETTLED = {"for", "against", "abstain", "no_quorum"}


async def facts_of(tx: Tx, node: Node, record: ProposalRecord, setting: Setting) -> ProposalFacts:
    """What the pages say about one proposal."""
    author = await members.find(tx, record.author_id) if record.author_id else None
    decider, above = await body_name(tx, node, record.deciding_actor), await decider_name(tx, node, record.upstream_id)
    return ProposalFacts(
        record=record,
        decider=decider,
        count=await count_of(tx, record),
        author=author.display_name if author else None,
        above=above,
        root=await decider_name(tx, node, record.root_id),
        divergence=divergence_sentence(record, setting),
        reminders=await reminded_about(tx, record, above or decider),
        twins=[Twin(await decider_name(tx, node, one.upstream_id) or "", one) for one in await twins_of(tx, record)],
    )


async def opinions_of(tx: Tx, record: ProposalRecord, setting: Setting) -> Opinions | None:
    """What the fediverse answered to a proposal of ours; None while nobody did."""
    if record.origin != "own" or record.document is None:
        return None
    found, hosts = await opinion_service.answers(tx, record), await opinions.hosts(tx, record.id)
    return opinions_panel(opinion_service.options_of(record), found, hosts, setting)


async def thread_of(
    tx: Tx, node: Node, record: ProposalRecord, member: MemberRecord | None, setting: Setting, offset: int
) -> Thread | None:
    """The discussion under a proposal; None before it is public."""
    if record.state in NOT_YET_PUBLIC:
        return None
    found = await replies.thread(tx, record.id, limit=PER_PAGE, offset=offset)
    hidden = await replies.hidden(tx, record.id)
    bodies = {one.author_actor for one in (*found, *hidden) if one.author_did}
    talk = Talk(
        replies=found,
        hidden=hidden,
        total=await replies.count(tx, record.id),
        offset=offset,
        bodies={actor: await body_name(tx, node, actor) for actor in bodies},
    )
    return thread(record, talk, member, setting)


async def body_name(tx: Tx, node: Node, actor: str) -> str:
    """The name of a body by its actor id; its host when nobody told us more."""
    if actor == node.body.actor_id:
        return node.body.name
    found = await peers.find(tx, actor)
    return (found.name if found else "") or host_of(actor)


async def decider_name(tx: Tx, node: Node, proposal_id: str | None) -> str | None:
    """The name of the body that decides a proposal; None when there is no such proposal to name."""
    if proposal_id is None:
        return None
    found = await proposals.find(tx, proposal_id)
    return await body_name(tx, node, found.deciding_actor) if found else host_of(proposal_id)


async def binding_of(tx: Tx, node: Node, record: ProposalRecord, setting: Setting) -> Binding | None:
    """The decision from above that settled a proposal of ours."""
    if record.upstream_id is None or record.decision_document is None or record.root_id is None:
        return None
    root = await proposals.find(tx, record.root_id)
    return binding(await facts_of(tx, node, root, setting), setting) if root else None


async def count_of(tx: Tx, record: ProposalRecord) -> Count | None:
    """The final tally, or what is known so far of an open proposal; None where nothing can be counted here."""
    statute = await statutes.find(tx, record.statute_digest) if record.statute_digest else None
    if record.tally is not None:
        tally = _read_tally(record)
    elif record.state != "open":
        tally = None
    elif record.electorate_kind == "constituents":
        tally = await rolled_up(tx, record, statute)
    else:
        tally = await _cast_so_far(tx, record) if record.origin == "own" else None
    if tally is None:
        return None
    return Count(
        tally=tally,
        denominator=denominator_of_statute(statute),
        needed=quorum_needed(record.rule, tally.electorate),
        of_bodies=record.electorate_kind == "constituents" and not _counts_members(statute),
    )


def _counts_members(statute: StatuteRecord | None) -> bool:
    """Whether the numbers are people although bodies decide: the mode that adds up the members below."""
    return statute is not None and statute.document["governance"]["mode"] == "members"


def _read_tally(record: ProposalRecord) -> Tally | None:
    try:
        return Tally.from_document(record.tally)
    except AssemblyRefusal:
        return None


async def _cast_so_far(tx: Tx, record: ProposalRecord) -> Tally:
    cast = await ballots.tally_by_choice(tx, record.id)
    weights = {choice: entry.weight for choice, entry in cast.items()}
    return Tally(
        in_favour=weights.get("for", 0),
        against=weights.get("against", 0),
        abstain=weights.get("abstain", 0),
        electorate=await rolls.total_weight(tx, record.id),
    )


async def rolled_up(tx: Tx, record: ProposalRecord, statute: StatuteRecord | None) -> Tally | None:
    """What the positions that reached this node come to under the statute, as if the proposal closed now (G6)."""
    if statute is None:
        return None
    heard = await positions.for_proposal(tx, record.id)
    try:
        roster = read_statute(statute.document)
        known = {each.body for each in roster.constituents}
        counted = [one for one in heard if one.status == "counted" and one.body_did in known]
        reports = {one.body_did: report_of(read_position(one.document)) for one in counted}
        return roll_up(roster, read_rule(record.rule), reports).tally
    except AssemblyRefusal:
        return None


async def federation_facts(tx: Tx, root: ProposalRecord | None) -> FederationFacts:
    """Every statute known here and, of one decision, each body's proposal and its latest position."""
    known = {record.assembly_did: record for record in await statutes.all_latest(tx)}
    if root is None:
        return FederationFacts(statutes=known)
    asked = [root, *await proposals.by_root(tx, root.id)]
    heard = [report for record in asked for report in await positions.for_proposal(tx, record.id)]
    counts = {record.deciding_actor: await count_of(tx, record) for record in asked}
    return FederationFacts(
        statutes=known,
        proposals={record.deciding_actor: record for record in asked},
        tallies={actor: count.tally for actor, count in counts.items() if count is not None},
        positions={report.body_did: report for report in _last_word(heard)},
    )


def _last_word(heard: Iterable[PositionRecord]) -> list[PositionRecord]:
    """Positions in the order in which a later one hides an earlier one: the counted report comes last."""
    return sorted(heard, key=lambda report: (report.status == "counted", report.status != "superseded", report.seq))
