"""The home page: what needs you, then what happened.

Called by the routes of node.web.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from node.context import NODE
from node.services.reliefs import waiting
from node.web.activity import public_lines
from node.web.frame.render import render, setting_of
from node.web.frame.security import visitor_of
from node.web.proposals import ELSEWHERE, group_key
from node.web.standing import facts_of
from node.web.views.needs import Need, need_for, relief_need, still_need
from node.web.views.standing import ProposalLine, proposal_line
from node.web.views.timeline import DECIDED
from storage import ballots, jobs, members, memberships, proposals, rolls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import web

    from node.context import Node
    from node.web.views.activity import ActivityLine
    from node.web.views.wording.setting import Setting
    from storage.engine import Tx
    from storage.records import MemberRecord

SHOWN = 4
LOOKED_AT = 60
RECENT = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage:
    """What the home page shows; `welcome` is for whoever is not signed in."""

    needs: Sequence[Need]
    decisions: Sequence[ProposalLine]
    happened: Sequence[ActivityLine]
    welcome: str


async def show_home(request: web.Request) -> web.StreamResponse:
    """The home page of a member or a stranger."""
    node, setting, member = request.app[NODE], setting_of(request), (await visitor_of(request)).member
    async with node.store.read() as tx:
        page = HomePage(
            needs=await _needs(tx, node, member, setting) if member else (),
            decisions=await _decisions(tx, node, setting, is_public=member is None),
            happened=(await public_lines(tx, node, setting, limit=6))[0],
            welcome=await _welcome(tx, node, setting),
        )
    return await render(request, "home.html", page, here="home")


async def _needs(tx: Tx, node: Node, member: MemberRecord, setting: Setting) -> list[Need]:
    found = []
    for record in await proposals.list(tx, states={"open", "draft", "submitted"}, limit=LOOKED_AT):
        is_missing = False
        if record.state == "open" and await rolls.entry(tx, record.id, member.did) is not None:
            is_missing = await ballots.latest_sent(tx, record.id, member.did) is None
        need = need_for(record, member, is_ballot_missing=is_missing, setting=setting)
        found += [need] if need else []
    if "operator" in member.roles:
        for relief, kinds in await waiting.everywhere(tx, node.body.did, setting.now):
            found.append(relief_need(relief, kinds, setting))
        for application in await memberships.list(tx, "below", "asked"):
            title = setting.say("%(name)s asks to join", name=application.name)
            found.append(Need(kind=setting.say("An application waits"), title=title, href="/assemblies"))
        still = sum(kind.parked for kind in await jobs.summary(tx))
        found += [still_need(still, setting)] if still else []
    return sorted(found, key=lambda need: need.when.iso if need.when else "9")


async def _decisions(tx: Tx, node: Node, setting: Setting, *, is_public: bool) -> list[ProposalLine]:
    since = setting.now - RECENT
    records = await proposals.list(tx, states=DECIDED, is_public=is_public, limit=LOOKED_AT)
    ours = [one for one in records if group_key(one, is_invited=False) != ELSEWHERE]
    late = sorted(
        (one for one in ours if one.closed_at and one.closed_at > since), key=lambda one: one.updated_at, reverse=True
    )
    return [proposal_line(await facts_of(tx, node, one, setting), setting) for one in late[:SHOWN]]


async def _welcome(tx: Tx, node: Node, setting: Setting) -> str:
    say, above = setting.say, await memberships.list(tx, "above", "accepted")
    if node.body.kind == "assembly":
        count = len(await memberships.list(tx, "below", "accepted"))
        said = say.count(
            "An assembly of %(number)s body that decides here.",
            "An assembly of %(number)s bodies that decide here.",
            count,
        )
    else:
        count = await members.count(tx)
        said = say.count(
            "A co-operative whose %(number)s member decides here.",
            "A co-operative whose %(number)s members decide here.",
            count,
        )
    names = ", ".join(membership.name for membership in above)
    return f"{said} {say('It decides together with others in %(names)s.', names=names)}" if names else said
