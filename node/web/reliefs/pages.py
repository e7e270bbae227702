"""The list of reliefs and the page of one.

Called by the routes of node.web, and by the forms of this room when what was typed is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from federation.assembly.refusals import AssemblyRefusal
from node.context import NODE
from node.governance.refusals import Refusal
from node.services.reliefs.log import load
from node.web.frame.problems import status_of
from node.web.frame.render import page_number, render, setting_of
from node.web.frame.security import visitor_of
from node.web.views.reliefs.lines import MOST_ROWS
from node.web.views.reliefs.page import ReliefLine, relief_line, relief_page
from storage.governance import reliefs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiohttp import web

PER_PAGE = 10


@dataclass(frozen=True, slots=True)
class ReliefList:
    """The reliefs that this node knows, newest first."""

    lines: Sequence[ReliefLine]
    may_open: bool
    earlier: str | None
    later: str | None


async def list_reliefs(request: web.Request) -> web.StreamResponse:
    """Every relief with where it stands."""
    node, setting, visitor, page = (
        request.app[NODE],
        setting_of(request),
        await visitor_of(request),
        page_number(request),
    )
    async with node.store.read() as tx:
        found = await reliefs.list(tx, limit=PER_PAGE + 1, offset=page * PER_PAGE)
        lines = [relief_line(record, (await load(tx, record)).state, setting) for record in found[:PER_PAGE]]
    view = ReliefList(
        lines,
        may_open=visitor.is_operator and node.body.kind == "assembly",
        earlier=f"/reliefs?page={page + 1}" if len(found) > PER_PAGE else None,
        later=f"/reliefs?page={page - 1}" if page else None,
    )
    return await render(request, "reliefs/list.html", view, here="federation")


async def show_relief(request: web.Request) -> web.StreamResponse:
    """One relief: ours by the path, another's by the `id` of the query. Refusal not-found."""
    key = request.match_info.get("id")
    relief_id = request.app[NODE].url("reliefs", key) if key else request.query.get("id", "")
    return await shown(request, relief_id)


async def shown(
    request: web.Request,
    relief_id: str,
    *,
    typed: Mapping[str, str] | None = None,
    refused: Refusal | AssemblyRefusal | None = None,
) -> web.StreamResponse:
    """The page of a relief, with what was typed into a form that was refused."""
    node, visitor = request.app[NODE], await visitor_of(request)
    async with node.store.read() as tx:
        record = await reliefs.find(tx, relief_id)
        if record is None:
            raise Refusal("not-found")
        log, last = await load(tx, record), await reliefs.entries(tx, relief_id, limit=MOST_ROWS, newest_first=True)
    page = relief_page(
        log,
        last,
        setting_of(request),
        is_operator=visitor.is_operator,
        typed=typed,
        refusal=said(refused) if refused else None,
    )
    status = status_of(refused) if refused else 200
    return await render(request, "reliefs/page.html", page, here="federation", status=status)


def said(refused: Refusal | AssemblyRefusal) -> str:
    """A refusal for people, with what exactly where that is safe to show."""
    return refused.explained if isinstance(refused, AssemblyRefusal) else refused.public
