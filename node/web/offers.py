"""Offers and requests: search by words and rings, one offer, publishing and withdrawing.

Called by the routes of node.web.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from node.context import NODE
from node.governance.refusals import Refusal
from node.services import offers, peers
from node.web.frame.forms import read_form
from node.web.frame.problems import status_of
from node.web.frame.render import page_number, render, see_other, setting_of
from node.web.frame.security import member_of, visitor_of
from node.web.views.ballots import Option
from node.web.views.offers import OfferCard, offer_card, offer_page
from node.web.views.wording.places import local_path
from storage import offers as offer_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiohttp import web

    from node.web.views.wording.setting import Setting
    from node.web.views.wording.words import Words
    from storage.records import OfferRecord

PER_PAGE = 24
RING_CHOICES: Mapping[str, str] = {
    "all": "Everywhere",
    "own": "Own co-op",
    "federation": "Federation",
    "beyond": "Beyond",
}
PURPOSE_CHOICES: Mapping[str, str] = {"all": "Offers and requests", "offer": "Offers", "request": "Requests"}
KINDS: Mapping[str, tuple[str, str]] = {
    "offer": ("An offer", "Something you lend, give, do or teach."),
    "request": ("A request", "Something you need."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferList:
    """A search and what it found."""

    text: str
    ring: str
    rings: Sequence[Option]
    purpose: str
    purposes: Sequence[Option]
    found: str
    cards: Sequence[OfferCard]
    earlier: str | None
    later: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferForm:
    """The publish form with what was typed so far."""

    purposes: Sequence[Option]
    purpose: str
    title: str
    summary: str
    place: str
    reciprocal: str
    refusal: str | None


def choices(texts: Mapping[str, str], say: Words) -> list[Option]:
    """The options of a list."""
    return [Option(key, say(text)) for key, text in texts.items()]


def form_view(setting: Setting, typed: Mapping[str, str], refusal: str | None = None) -> OfferForm:
    """The publish form."""
    say = setting.say
    return OfferForm(
        purposes=[Option(key, say(label), say(hint)) for key, (label, hint) in KINDS.items()],
        purpose=typed.get("purpose") or "offer",
        title=typed.get("title", ""),
        summary=typed.get("summary", ""),
        place=typed.get("place", ""),
        reciprocal=typed.get("reciprocal", ""),
        refusal=refusal,
    )


async def list_offers(request: web.Request) -> web.StreamResponse:
    """Open offers that fit the words, the ring and the kind asked for."""
    node, setting, query = request.app[NODE], setting_of(request), request.query
    text = query.get("text", "").strip()[:200]
    ring = query.get("ring", "all") if query.get("ring") in RING_CHOICES else "all"
    purpose = query.get("purpose", "all") if query.get("purpose") in PURPOSE_CHOICES else "all"
    page = page_number(request)
    found = await offers.search(
        node,
        text=text,
        rings=offers.RINGS if ring == "all" else (ring,),
        purpose=None if purpose == "all" else purpose,
        limit=PER_PAGE + 1,
        offset=page * PER_PAGE,
    )
    asked = {"text": text, "ring": ring, "purpose": purpose}
    view = OfferList(
        **asked,
        rings=choices(RING_CHOICES, setting.say),
        purposes=choices(PURPOSE_CHOICES, setting.say),
        found=_found(len(found), setting.say),
        cards=[offer_card(record, setting) for record in found[:PER_PAGE]],
        earlier=f"/offers?{urlencode({**asked, 'page': page + 1})}" if len(found) > PER_PAGE else None,
        later=f"/offers?{urlencode({**asked, 'page': page - 1})}" if page else None,
    )
    return await render(request, "offers.html", view, here="offers")


def _found(count: int, say: Words) -> str:
    if count > PER_PAGE:
        return say("More than %(count)s found.", count=PER_PAGE)
    return say.count("%(number)s found.", "%(number)s found.", count)


async def found_offer(request: web.Request) -> OfferRecord:
    """The offer an address names: ours by the path, a peer's by the `id` of the query. Refusal offer-unknown.

    Those of limited and blocked hosts are for members alone.
    """
    node, member = request.app[NODE], (await visitor_of(request)).member
    key = request.match_info.get("id")
    async with node.store.read() as tx:
        record = await offer_rows.find(tx, node.url("offers", key) if key else request.query.get("id", ""))
    is_public = record is not None and (record.origin == "own" or await peers.shown(node, record.owner_actor))
    if record is None or not (member or is_public):
        raise Refusal("offer-unknown")
    return record


async def show_offer(request: web.Request) -> web.StreamResponse:
    """The page of one offer."""
    record, visitor = await found_offer(request), await visitor_of(request)
    member = visitor.member
    may_withdraw = member is not None and (record.member_id == member.id or visitor.is_operator)
    page = offer_page(record, setting_of(request), may_withdraw=may_withdraw)
    return await render(request, "offer.html", page, here="offers")


async def new_offer(request: web.Request) -> web.StreamResponse:
    """The empty publish form."""
    await member_of(request)
    return await render(request, "offer_form.html", form_view(setting_of(request), {}), here="offers")


async def publish_offer(request: web.Request) -> web.StreamResponse:
    """The offer and its page, or the form again with what was typed."""
    node, member, form = request.app[NODE], await member_of(request), await read_form(request)
    written = offers.Published(
        purpose=form.text("purpose"),
        title=form.text("title"),
        summary=form.text("summary"),
        place=form.text("place") or None,
        reciprocal=form.text("reciprocal") or None,
    )
    try:
        record = await offers.publish(node, member=member, written=written)
    except Refusal as refusal:
        page = form_view(setting_of(request), form.fields, refusal.public)
        return await render(request, "offer_form.html", page, here="offers", status=status_of(refusal))
    return see_other(local_path(record.id, origin=node.origin, room="offers"), done="published")


async def withdraw_offer(request: web.Request) -> web.StreamResponse:
    """The offer taken back."""
    node, member = request.app[NODE], await member_of(request)
    await read_form(request)
    record = await found_offer(request)
    await offers.withdraw(node, member=member, offer_id=record.id)
    return see_other(local_path(record.id, origin=node.origin, room="offers"), done="withdrawn")
