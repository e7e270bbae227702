"""Where this body was and where it goes, for operators: looked at first, then done, and taken back.

Called by the routes of node.web.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from node.context import NODE
from node.governance.refusals import Refusal
from node.services.house import addresses
from node.web.frame.forms import read_form
from node.web.frame.problems import status_of
from node.web.frame.render import render, see_other
from node.web.frame.security import operator_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import web

    from node.services.house.addresses import Prospect

PLACE = "/operator/address"


@dataclass(frozen=True, slots=True, kw_only=True)
class MovingPage:
    """How things stand, the form with what was typed, and once that was looked at, what a move would come to."""

    actor: str
    earlier: Sequence[str]
    moved_to: str | None
    typed: str = ""
    prospect: Prospect | None = None
    refusal: str | None = None


async def show_moving(request: web.Request) -> web.StreamResponse:
    """How things stand."""
    await operator_of(request)
    return await _shown(request)


async def look_ahead(request: web.Request) -> web.StreamResponse:
    """What a move would come to, to be confirmed; the form again with the reason against it."""
    await operator_of(request)
    form = await read_form(request)
    try:
        found = await addresses.prospect(request.app[NODE], actor=form.text("actor"))
    except Refusal as refusal:
        return await _shown(request, typed=form.text("actor"), refusal=refusal)
    return await _shown(request, prospect=found)


async def move(request: web.Request) -> web.StreamResponse:
    """Everybody who follows told to follow the new address."""
    operator, form = await operator_of(request), await read_form(request)
    if form.text("understood") != "yes":
        return await _shown(request, typed=form.text("actor"), refusal=Refusal("malformed"))
    try:
        await addresses.move(request.app[NODE], by=operator.id, actor=form.text("actor"))
    except Refusal as refusal:
        return await _shown(request, typed=form.text("actor"), refusal=refusal)
    return see_other(PLACE, done="moved")


async def stay(request: web.Request) -> web.StreamResponse:
    """The move taken back."""
    operator = await operator_of(request)
    await read_form(request)
    await addresses.stay(request.app[NODE], by=operator.id)
    return see_other(PLACE, done="stayed")


async def add_earlier(request: web.Request) -> web.StreamResponse:
    """An address this body says it had; the form again with the reason against it."""
    operator, form = await operator_of(request), await read_form(request)
    try:
        await addresses.add_earlier(request.app[NODE], by=operator.id, actor=form.text("earlier"))
    except Refusal as refusal:
        return await _shown(request, refusal=refusal)
    return see_other(PLACE, done="earlier-added")


async def forget_earlier(request: web.Request) -> web.StreamResponse:
    """An address this body says no more that it had."""
    operator, form = await operator_of(request), await read_form(request)
    await addresses.remove_earlier(request.app[NODE], by=operator.id, actor=form.text("earlier"))
    return see_other(PLACE, done="earlier-forgotten")


async def _shown(
    request: web.Request, *, typed: str = "", prospect: Prospect | None = None, refusal: Refusal | None = None
) -> web.StreamResponse:
    node = request.app[NODE]
    known = await node.federation.addresses()
    page = MovingPage(
        actor=node.body.actor_id,
        earlier=known.earlier,
        moved_to=known.moved_to,
        typed=typed,
        prospect=prospect,
        refusal=None if refusal is None else refusal.public,
    )
    status = 200 if refusal is None else status_of(refusal)
    return await render(request, "moving.html", page, here="moving", status=status)
