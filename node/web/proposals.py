"""The list of proposals, one proposal, and its standing while ballots come in.

Called by the routes of node.web; casting is in ballots.py, writing in drafts.py.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aiohttp import web

from node.context import NODE
from node.governance.refusals import Refusal
from node.services import peers
from node.web.assembly.closing import vetoes_of
from node.web.frame.render import page_html, page_number, render, setting_of
from node.web.frame.security import Visitor, visitor_of
from node.web.standing import binding_of, facts_of, federation_facts, opinions_of, thread_of
from node.web.views.ballots import ballot_form, receipt
from node.web.views.federation import constituent_lines
from node.web.views.papers import papers
from node.web.views.proposals import Reading, actions, proposal_page, recent_ballots
from node.web.views.standing import ProposalLine, proposal_line, standing
from node.web.views.timeline import DECIDED
from storage import ballots, members, proposals, rolls, statutes
from storage import evidence as bundles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from node.context import Node
    from node.web.views.ballots import BallotForm
    from node.web.views.proposals import RecentBallot
    from node.web.views.tree import TreeBody
    from node.web.views.wording.setting import Setting
    from node.web.views.wording.words import Words
    from storage.engine import Tx
    from storage.records import MemberRecord, ProposalRecord

PRIVATE_STATES = frozenset({"draft", "submitted", "withdrawn"})
ELSEWHERE = "elsewhere"
PER_PAGE = 60
RECENT = 12
MOST_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Group:
    """A heading of the list with its proposals, or what to say when there are none."""

    key: str
    title: str
    lines: Sequence[ProposalLine]
    nothing: str


@dataclass(frozen=True, slots=True)
class ProposalList:
    """The list page."""

    groups: Sequence[Group]
    earlier: str | None
    later: str | None


async def list_proposals(request: web.Request) -> web.StreamResponse:
    """All proposals by what they need; drafts and those of limited hosts for members only, other bodies' own last."""
    node, setting, visitor = request.app[NODE], setting_of(request), await visitor_of(request)
    page = page_number(request)
    async with node.store.read() as tx:
        is_public = visitor.member is None
        records = await proposals.list(tx, is_public=is_public, limit=PER_PAGE + 1, offset=page * PER_PAGE)
        shown = [one for one in records[:PER_PAGE] if visitor.member or one.state not in PRIVATE_STATES]
        invited = await _invited(tx, visitor.member, shown)
        grouped: dict[str, list[ProposalLine]] = {key: [] for key in ("open", "waiting", "decided", "elsewhere")}
        for record in shown:
            key = group_key(record, is_invited=record.id in invited)
            grouped[key].append(proposal_line(await facts_of(tx, node, record, setting), setting))
    earlier = f"/proposals?page={page + 1}" if len(records) > PER_PAGE else None
    groups = [group for group in _groups(grouped, setting.say) if group.lines or group.nothing]
    return await render(
        request, "proposals/list.html", ProposalList(groups, earlier, "/proposals" if page else None), here="proposals"
    )


def group_key(record: ProposalRecord, *, is_invited: bool) -> str:
    """Under which heading a proposal stands."""
    if record.origin == "peer" and not is_invited and (record.upstream_id or record.electorate_kind != "constituents"):
        return ELSEWHERE
    if record.state in PRIVATE_STATES:
        return "waiting"
    return "decided" if record.state in DECIDED else "open"


def _groups(found: dict[str, list[ProposalLine]], say: Words) -> tuple[Group, ...]:
    return (
        Group("open", say("Open"), found["open"], say("Nothing is open now.")),
        Group("waiting", say("In preparation"), found["waiting"], ""),
        Group("decided", say("Decided"), found["decided"], say("Nothing was decided yet.")),
        Group("elsewhere", say("How other bodies put it to their members"), found["elsewhere"], ""),
    )


async def _invited(tx: Tx, member: MemberRecord | None, records: Sequence[ProposalRecord]) -> set[str]:
    if member is None:
        return set()
    heard = [record.id for record in records if record.origin == "peer"]
    return {one for one in heard if await rolls.entry(tx, one, member.did) is not None}


async def found_proposal(request: web.Request) -> ProposalRecord:
    """The proposal an address names: ours by the path, a peer's by the `id` of the query. Refusal not-found."""
    node, visitor = request.app[NODE], await visitor_of(request)
    key = request.match_info.get("id")
    proposal_id = node.url("proposals", key) if key else request.query.get("id", "")
    async with node.store.read() as tx:
        record = await proposals.find(tx, proposal_id)
    if record is None or (visitor.member is None and not await _is_public(node, record)):
        raise Refusal("not-found")
    return record


async def _is_public(node: Node, record: ProposalRecord) -> bool:
    is_open = record.state not in PRIVATE_STATES
    return is_open and (record.origin == "own" or await peers.shown(node, record.deciding_actor))


async def show_proposal(request: web.Request) -> web.StreamResponse:
    """The page of one proposal."""
    return await proposal_response(request, await found_proposal(request))


async def proposal_response(
    request: web.Request, record: ProposalRecord, *, refusal: str | None = None, status: int = 200
) -> web.Response:
    """The page of a proposal as this visitor sees it; `refusal` stands above the ballot."""
    node, setting, visitor = request.app[NODE], setting_of(request), await visitor_of(request)
    async with node.store.read() as tx:
        facts = await facts_of(tx, node, record, setting)
        reading = await _reading(tx, node, record, visitor, setting, refusal=refusal)
        talk = await thread_of(tx, node, record, visitor.member, setting, said_before(request))
    return await render(
        request,
        "proposals/page.html",
        proposal_page(facts, replace(reading, thread=talk), setting),
        here="proposals",
        status=status,
    )


def said_before(request: web.Request) -> int:
    """How many replies of the discussion to leave out, from the query; 0 for anything that is no number."""
    asked = request.query.get("said", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= MOST_DIGITS else 0


async def show_live(request: web.Request) -> web.StreamResponse:
    """The standing alone, as HTML with an ETag; the header X-Standing tells when it closed."""
    node, setting = request.app[NODE], setting_of(request)
    record = await found_proposal(request)
    async with node.store.read() as tx:
        facts = await facts_of(tx, node, record, setting)
    html = page_html("proposals/standing.html", None, say=setting.say, standing=standing(facts, setting))
    tag = f'"{hashlib.sha256(html.encode()).hexdigest()[:32]}"'
    headers = {
        "ETag": tag,
        "Cache-Control": "private, no-cache" if record.state in PRIVATE_STATES else "no-cache",
        "X-Standing": "open" if record.state == "open" else "closed",
    }
    if tag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    return web.Response(text=html, content_type="text/html", headers=headers)


async def _reading(
    tx: Tx, node: Node, record: ProposalRecord, visitor: Visitor, setting: Setting, *, refusal: str | None
) -> Reading:
    member = visitor.member
    form, why_not = await _ballot(tx, record, member, setting, refusal)
    mine = await ballots.latest_sent(tx, record.id, member.did) if member else None
    is_author = member is not None and record.author_id == member.id
    offered = actions(record, is_author=is_author, is_operator=visitor.is_operator, setting=setting)
    bundle = await bundles.find(tx, record.id)
    return Reading(
        actions=offered if member else (),
        ballot=form,
        why_not=why_not,
        receipt=receipt(record, mine, setting) if mine else None,
        bodies=await _bodies(tx, record, setting),
        vetoes=await vetoes_of(tx, node, record, setting, is_operator=visitor.is_operator),
        binding=await binding_of(tx, node, record, setting),
        recent=await _recent(tx, record, setting),
        opinions=await opinions_of(tx, record, setting),
        links=papers(record, has_evidence=bundle is not None and bundle.complete, setting=setting),
    )


async def _ballot(
    tx: Tx, record: ProposalRecord, member: MemberRecord | None, setting: Setting, refusal: str | None
) -> tuple[BallotForm | None, str | None]:
    """The form for whoever may cast, or why there is none."""
    say = setting.say
    if record.state != "open":
        return None, None
    if record.electorate_kind == "constituents":
        return None, say("Bodies decide here. Members cast their ballots at their own co-op.")
    if member is None:
        return None, say("Sign in to cast your ballot, if you are on the roll.")
    entry = await rolls.entry(tx, record.id, member.did)
    if entry is None:
        return None, say("You are not on the roll of this proposal. It was fixed when the proposal opened.")
    current = await ballots.latest_sent(tx, record.id, member.did)
    return ballot_form(record, current, weight=entry.weight, setting=setting, refusal=refusal), None


async def _bodies(tx: Tx, record: ProposalRecord, setting: Setting) -> Sequence[TreeBody]:
    statute = await statutes.find(tx, record.statute_digest) if record.statute_digest else None
    if record.electorate_kind != "constituents" or statute is None:
        return ()
    known = await federation_facts(tx, record)
    at_that_time = known.under(statute)
    return constituent_lines(statute.assembly_did, at_that_time, setting, is_decided=record.state in DECIDED)


async def _recent(tx: Tx, record: ProposalRecord, setting: Setting) -> Sequence[RecentBallot]:
    if record.electorate_kind == "constituents" or record.state in PRIVATE_STATES:
        return ()
    found = await ballots.list_recent(tx, proposal_id=record.id, limit=RECENT * 2)
    names = {member.did: member.display_name for member in await members.active(tx)}
    return recent_ballots(found, names, setting)[:RECENT]
