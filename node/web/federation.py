"""The federation page: the tree of bodies and where each stands in one decision.

Called by the routes of node.web.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from node.context import NODE
from node.web.frame.render import render, setting_of
from node.web.frame.security import visitor_of
from node.web.standing import facts_of, federation_facts
from node.web.views.bodies.branches import Asked, branch, branch_page, depth
from node.web.views.federation import (
    FederationPage,
    contradiction_line,
    divergence_sentence,
    federation_tree,
    roots,
)
from node.web.views.standing import proposal_line
from node.web.views.timeline import DECIDED
from node.web.views.wording.places import Link
from storage import equivocations, proposals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import web

    from node.web.views.bodies.branches import Branch
    from node.web.views.wording.words import Words
    from storage.engine import Tx
    from storage.records import ProposalRecord

MOST_DECISIONS = 8
MOST_BODIES = 200
LONGEST_NAME, LONGEST_NUMBER = 80, 9
MOST_CONTRADICTIONS = 20


async def show_federation(request: web.Request) -> web.StreamResponse:
    """The trees this node knows, with the positions of the decision asked for or of the latest."""
    node, setting, visitor = request.app[NODE], setting_of(request), await visitor_of(request)
    asked = request.query.get("decision", "")
    async with node.store.read() as tx:
        known = await root_proposals(tx, is_public=visitor.member is None)
        shown = next((one for one in known if one.id == asked), known[0] if known else None)
        facts = await federation_facts(tx, shown)
        exposed = await equivocations.list(tx, limit=MOST_CONTRADICTIONS)
        line = proposal_line(await facts_of(tx, node, shown, setting), setting) if shown else None
    tops = [branch(place, facts) for place in roots(facts)]
    query = Asked(
        decision=asked,
        body=request.query.get("body", ""),
        page=_number(request.query.get("page", "")),
        name=request.query.get("name", "").strip()[:LONGEST_NAME],
    )
    page = FederationPage(
        sentence=_sentence(tops, setting.say),
        trees=[federation_tree(top.place, facts, setting) for top in tops if top.bodies <= MOST_BODIES],
        branches=[branch_page(top, query, facts, setting) for top in tops if top.bodies > MOST_BODIES],
        decision=line,
        decisions=[Link(one.title, _address(one), is_here=one is shown) for one in known],
        divergence=divergence_sentence(shown, setting) if shown else None,
        contradictions=[contradiction_line(one, setting) for one in exposed],
        join_path="/assemblies" if visitor.is_operator else None,
    )
    return await render(request, "federation.html", page, here="federation")


async def root_proposals(tx: Tx, *, is_public: bool) -> Sequence[ProposalRecord]:
    """The proposals to constituents that answer nothing above, newest first; with `is_public` not of limited hosts."""
    found = await proposals.list(tx, states={"open", *DECIDED}, is_public=is_public, limit=200)
    roots = [one for one in found if one.electorate_kind == "constituents" and one.upstream_id is None]
    return sorted(roots, key=lambda one: one.opens_at or one.created_at, reverse=True)[:MOST_DECISIONS]


def _address(record: ProposalRecord) -> str:
    return f"/federation?decision={quote(record.id, safe='')}"


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < LONGEST_NUMBER else 1


def _sentence(tops: Sequence[Branch], say: Words) -> str:
    if not tops:
        return say("This co-op decides alone so far.")
    count, deep = sum(top.bodies for top in tops), max(depth(top) for top in tops)
    return say(
        "%(count)s bodies on %(levels)s levels, as their signed statutes name them.", count=f"{count:,}", levels=deep
    )
