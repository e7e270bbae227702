"""Shapes of offers and requests; called by node.api.offers."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, StringConstraints

from node.api.door.paging import Window
from node.api.shapes.facts import Line
from storage.records import OfferRecord

Purpose = Literal["offer", "request"]
Ring = Literal["own", "federation", "beyond"]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class OfferIn(BaseModel, extra="forbid", frozen=True):
    """What is offered or asked for; without `reciprocal` it is a gift."""

    purpose: Purpose
    title: Line
    summary: Annotated[str, StringConstraints(strip_whitespace=True, max_length=5000)] = ""
    place: Words | None = None
    reciprocal: Words | None = None


class OffersAsked(Window, extra="forbid", frozen=True):
    """Open offers that contain `text`, of the nearest rings first; `ring` limits to one."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    ring: Ring | None = None
    purpose: Purpose | None = None


class OfferView(BaseModel, frozen=True):
    """An offer or request; `ring` says how near its owner stands to this body.

    `summary` is Markdown where it is our own and plain text where a peer wrote it; neither is HTML.
    """

    key: str
    id: str
    purpose: str
    title: str
    summary: str
    place: str | None
    reciprocal: str | None
    owner_actor: str
    owner_name: str
    ring: str
    state: str
    is_mine: bool
    published_at: datetime
    updated_at: datetime


def offer_view(record: OfferRecord, *, key: str, caller_id: str) -> OfferView:
    """A stored offer as shown to one member."""
    return OfferView(
        key=key,
        id=record.id,
        purpose=record.purpose,
        title=record.title,
        summary=record.summary,
        place=record.place,
        reciprocal=record.reciprocal,
        owner_actor=record.owner_actor,
        owner_name=record.owner_name,
        ring=record.ring,
        state=record.state,
        is_mine=record.member_id == caller_id,
        published_at=record.published_at,
        updated_at=record.updated_at,
    )
