"""The public activity log: every signed message this node said or heard in public.

Called by the routes of node.web and by the home page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from node.context import NODE
from node.services import peers as peers_service
from node.web.frame.render import render, setting_of
from node.web.views.activity import ActivityLine, Day, activity_line, by_day, speakers
from storage import activities, peers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import web

    from node.context import Node
    from node.web.views.wording.setting import Setting
    from storage.engine import Tx
    from storage.records import ActivityRecord

PER_PAGE = 40
MOST_LOOKS = 5


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """The days of one page of the log."""

    days: Sequence[Day]
    earlier: str | None
    later: str | None


async def show_activity(request: web.Request) -> web.StreamResponse:
    """A page of the log, newest first; `before` is a position in it."""
    node, setting = request.app[NODE], setting_of(request)
    asked = request.query.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else None  # noqa: PLR2004 - fits 64 bits
    async with node.store.read() as tx:
        lines, oldest = await public_lines(tx, node, setting, limit=PER_PAGE, before=before)
    page = ActivityPage(
        days=by_day(lines, setting),
        earlier=f"/activity?before={oldest}" if oldest else None,
        later="/activity" if before else None,
    )
    return await render(request, "activity.html", page, here="activity")


async def public_lines(
    tx: Tx, node: Node, setting: Setting, *, limit: int, before: int | None = None
) -> tuple[list[ActivityLine], int | None]:
    """Up to `limit` lines below a position, and the position to go on from when there may be more."""
    found, before = await _public(tx, node, limit=limit, before=before)
    names = await peers.names(tx, {one for record in found for one in speakers(record)})
    names[node.body.actor_id] = node.body.name
    return [activity_line(record, names, setting) for record in found], before


async def _public(tx: Tx, node: Node, *, limit: int, before: int | None) -> tuple[Sequence[ActivityRecord], int | None]:
    """What may be shown of the last messages; only so many are looked at, for anybody can send what may not."""
    found: list[ActivityRecord] = []
    for _ in range(MOST_LOOKS):
        records = await activities.recent(tx, limit=limit + 1, before=before)
        for record in records:
            if len(found) == limit:
                return found, before
            before = record.position
            if record.is_public and await peers_service.shown(node, record.actor_id):
                found.append(record)
        if len(records) <= limit:
            return found, None
    return found, before
