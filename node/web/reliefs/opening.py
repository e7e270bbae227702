"""Opening a relief: the form for operators of an assembly.

Called by the routes of node.web.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from federation.assembly.bylaws.choosing import share_said
from federation.assembly.refusals import AssemblyRefusal
from federation.assembly.relief.shapes import Criterion, Good, Share
from node.context import NODE
from node.governance.refusals import Refusal
from node.services.reliefs.opening import Beginning, begin
from node.web.frame.forms import Form, read_form
from node.web.frame.problems import status_of
from node.web.frame.render import render, see_other, setting_of
from node.web.frame.security import operator_of
from node.web.reliefs.pages import said
from node.web.views.ballots import Option
from node.web.views.reliefs.page import CRITERIA, SHARES
from node.web.views.wording.places import local_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiohttp import web

    from node.web.views.wording.words import Words

DAY = 86_400
GOODS = 6
"""Goods that the form has room for; the API takes more."""
BEGUN: Mapping[str, str] = {
    "weight-people": "2",
    "weight-urgency": "1",
    "weight-shortfall": "1",
    "weight-days_left": "1",
    "share": "proportional",
    "reserve": "1/5",
    "council": "1/2",
    "stock_days": "2",
    "survey_days": "1",
}
NAMES: Mapping[str, str] = {"proportional": "In proportion", "priority": "The highest score first"}


@dataclass(frozen=True, slots=True)
class OpeningForm:
    """The form with what was typed so far."""

    typed: Mapping[str, str]
    goods: Sequence[int]
    criteria: Sequence[tuple[str, str]]
    shares: Sequence[Option]
    refusal: str | None


async def new_relief(request: web.Request) -> web.StreamResponse:
    """The empty form."""
    await operator_of(request)
    return await _form(request, BEGUN)


async def open_relief(request: web.Request) -> web.StreamResponse:
    """The relief with its survey, or the form again with the reason against it."""
    operator, form, node = await operator_of(request), await read_form(request), request.app[NODE]
    try:
        record = await begin(node, member=operator, written=_written(form))
    except (Refusal, AssemblyRefusal) as refusal:
        return await _form(request, form.fields, refusal)
    return see_other(local_path(record.id, origin=node.origin, room="reliefs"), done="relief-opened")


async def _form(
    request: web.Request, typed: Mapping[str, str], refusal: Refusal | AssemblyRefusal | None = None
) -> web.StreamResponse:
    page = form_page(setting_of(request).say, typed, said(refusal) if refusal else None)
    status = status_of(refusal) if refusal else 200
    return await render(request, "reliefs/form.html", page, here="federation", status=status)


def form_page(say: Words, typed: Mapping[str, str], refusal: str | None) -> OpeningForm:
    """The form as it is drawn."""
    return OpeningForm(
        typed=defaultdict(str, typed),
        goods=range(1, GOODS + 1),
        criteria=[(key, say(text).capitalize()) for key, text in CRITERIA.items()],
        shares=[Option(key, say(NAMES[key]), say(text)) for key, text in SHARES.items()],
        refusal=refusal,
    )


def _written(form: Form) -> Beginning:
    weights = {each: form.number(f"weight-{each}") for each in Criterion if form.text(f"weight-{each}")}
    return Beginning(
        title=form.text("title"),
        text=form.text("text"),
        goods=_goods(form),
        criteria={each: weight for each, weight in weights.items() if weight},
        share=Share.PRIORITY if form.text("share") == Share.PRIORITY else Share.PROPORTIONAL,
        reserve=share_said(form.text("reserve") or "0/1"),
        council=share_said(form.text("council")),
        stock_seconds=form.number("stock_days") * DAY,
        window_seconds=form.number("survey_days") * DAY if form.text("survey_days") else None,
    )


def _goods(form: Form) -> list[Good]:
    """The rows that have a name; a key made of it names the good in every document."""
    goods: list[Good] = []
    for number in range(1, GOODS + 1):
        name, unit = form.text(f"good-{number}"), form.text(f"unit-{number}")
        if name:
            words = re.findall(r"[a-z0-9]+", name.lower())
            key = "-".join(words)[:30] or f"good-{number}"
            is_taken = key in {good.key for good in goods}
            goods.append(Good(f"{key}-{number}" if is_taken else key, name, unit))
    return goods
