"""What the offer pages show: cards of a search, one offer, the choices of its forms.

Called by node.web.offers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from node.markdown import content_html, to_html
from node.web.views.wording.labels import PURPOSES, RINGS, Chip, label
from node.web.views.wording.places import local_path
from node.web.views.wording.times import Moment, moment

if TYPE_CHECKING:
    from node.web.views.wording.setting import Setting
    from storage.records import OfferRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferCard:
    """One offer or request in a list."""

    path: str
    title: str
    chip: Chip
    ring: str
    owner: str
    place: str | None
    in_return: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferPage:
    """One offer or request on its own page; `elsewhere` is where a peer published it."""

    title: str
    chip: Chip
    ring: str
    owner: str
    place: str | None
    in_return: str
    text: Markup
    at: Moment
    elsewhere: str | None
    withdraw_path: str | None


def offer_chip(record: OfferRecord, setting: Setting) -> Chip:
    """Whether it is offered, asked for, or no longer either."""
    if record.state != "open":
        return Chip(setting.say("Withdrawn"), "quiet")
    return Chip(label(PURPOSES, record.purpose, setting.say), record.purpose)


def in_return(record: OfferRecord, setting: Setting) -> str:
    """What is asked for it, in words; nothing asked is a gift (C2)."""
    say = setting.say
    nothing = say("Nothing, it is a gift") if record.purpose == "offer" else say("Nothing is promised")
    return record.reciprocal or nothing


def offer_text(record: OfferRecord) -> Markup:
    """The description as safe HTML: ours from its Markdown, a peer's from what its document says."""
    html = content_html(record.document) if record.origin == "peer" else to_html(record.summary)
    return Markup(html)  # noqa: S704 - cleaned on the line above


def offer_card(record: OfferRecord, setting: Setting) -> OfferCard:
    """The card of an offer."""
    return OfferCard(
        path=local_path(record.id, origin=setting.origin, room="offers"),
        title=record.title,
        chip=offer_chip(record, setting),
        ring=label(RINGS, record.ring, setting.say),
        owner=record.owner_name,
        place=record.place,
        in_return=in_return(record, setting),
        summary=offer_text(record).striptags(),
    )


def offer_page(record: OfferRecord, setting: Setting, *, may_withdraw: bool) -> OfferPage:
    """The page of an offer."""
    withdraw = local_path(record.id, origin=setting.origin, room="offers", action="withdraw")
    return OfferPage(
        title=record.title,
        chip=offer_chip(record, setting),
        ring=label(RINGS, record.ring, setting.say),
        owner=record.owner_name,
        place=record.place,
        in_return=in_return(record, setting),
        text=offer_text(record),
        at=moment(record.published_at, now=setting.now, say=setting.say),
        elsewhere=record.id if record.origin == "peer" else None,
        withdraw_path=withdraw if may_withdraw and record.state == "open" and record.origin == "own" else None,
    )
