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
from node.web.views.federation import FederationPage, contradiction_line, divergence_sentence, federation_trees
from node.web.views.standing import proposal_line
from node.web.views.timeline import DECIDED
from node.web.views.tree import levels, walk
from node.web.views.wording.places import Link
from storage import equivocations, proposals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import web

    from node.web.views.federation import Tree
    from node.web.views.wording.words import Words
    from storage.engine import Tx
    from storage.records import ProposalRecord

MOST_DECISIONS = 8
MOST_CONTRADICTIONS = 20


async def show_federation(request: web.Request) -> web.StreamResponse:
    """The trees this node knows, with the positions of the decision asked for or of the latest."""
    node, setting, visitor = request.app[NODE], setting_of(request), await visitor_of(request)
    asked = request.query.get("decision", "")
    async with node.store.read() as tx:
        roots = await root_proposals(tx)
        shown = next((one for one in roots if one.id == asked), roots[0] if roots else None)
        facts = await federation_facts(tx, shown)
        exposed = await equivocations.list(tx, limit=MOST_CONTRADICTIONS)
        line = proposal_line(await facts_of(tx, node, shown, setting), setting) if shown else None
    trees = federation_trees(facts, setting)
    page = FederationPage(
        sentence=_sentence(trees, setting.say),
        trees=trees,
        decision=line,
        decisions=[Link(one.title, _address(one), is_here=one is shown) for one in roots],
        divergence=divergence_sentence(shown, setting) if shown else None,
        contradictions=[contradiction_line(one, setting) for one in exposed],
        join_path="/assemblies" if visitor.is_operator else None,
    )
    return await render(request, "federation.html", page, here="federation")


async def root_proposals(tx: Tx) -> Sequence[ProposalRecord]:
    """The proposals to constituents that answer nothing above, newest first."""
    found = await proposals.list(tx, states={"open", *DECIDED}, limit=200)
    roots = [one for one in found if one.electorate_kind == "constituents" and one.upstream_id is None]
    return sorted(roots, key=lambda one: one.opens_at or one.created_at, reverse=True)[:MOST_DECISIONS]


def _address(record: ProposalRecord) -> str:
    return f"/federation?decision={quote(record.id, safe='')}"


def _sentence(trees: Sequence[Tree], say: Words) -> str:
    if not trees:
        return say("This co-op decides alone so far.")
    count = sum(1 for tree in trees for _ in walk(tree.root))
    deep = max(levels(tree.root) for tree in trees)
    return say("%(count)s bodies on %(levels)s levels, as their signed statutes name them.", count=count, levels=deep)
