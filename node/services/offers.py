"""Offers and requests: a member publishes or withdraws one, peers' are listed, all are searched by rings (C12).

Called by the doors and node.inbound.offers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from federation.vocabulary.market_names import short_names
from federation.vocabulary.offers import OfferText
from federation.vocabulary.reading import id_of, object_of
from federation.vocabulary.times import read_time
from identity.canonical import content_digest
from node.governance.refusals import Refusal
from node.markdown import content_text
from node.outbound import post
from node.outbound.offers import offer as offer_document
from node.services.turnout import statute_at
from storage.commons import offers
from storage.governance import statutes
from storage.records import MemberRecord, OfferArrival, OfferRecord
from storage.work import events

if TYPE_CHECKING:
    from datetime import datetime

    from federation.assembly.statute import Statute
    from federation.receive.verify import VerifiedActivity
    from node.context import Node
    from storage.engine import Tx

PURPOSES = frozenset({"offer", "request"})
RINGS = ("own", "federation", "beyond")
LONGEST_TITLE = 200
LONGEST_SUMMARY = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a member writes: `reciprocal` is what is asked in return, in words; None makes it a gift (C2)."""

    purpose: str
    title: str
    summary: str
    place: str | None = None
    reciprocal: str | None = None


async def publish(node: Node, *, member: MemberRecord, written: Published) -> OfferRecord:
    """The offer, listed here and sent to every follower. Refusals: offer-invalid."""
    text = _checked(written)
    now = node.clock()
    offer_id = node.url("offers", node.new_id())
    document = offer_document(node, offer_id=offer_id, text=text, now=now)
    record = OfferRecord(
        id=offer_id,
        owner_actor=node.body.actor_id,
        owner_name=node.body.name,
        origin="own",
        purpose=text.purpose,
        title=text.title,
        summary=text.summary,
        document=document,
        ring="own",
        published_at=now,
        updated_at=now,
        member_id=member.id,
        place=text.place,
        reciprocal=text.reciprocal,
    )
    async with node.store.write() as tx:
        await offers.save(tx, record)
        await post.create(tx, node, document, ordering_key=offer_id)
        await _note(tx, record, by=member.id, event="offer-published", now=now)
    return record


async def withdraw(node: Node, *, member: MemberRecord, offer_id: str) -> OfferRecord:
    """The offer taken back by its author or an operator, here and at every peer. Refusals: offer-unknown, forbidden."""
    now = node.clock()
    async with node.store.write() as tx:
        record = await offers.find(tx, offer_id)
        if record is None or record.origin != "own":
            raise Refusal("offer-unknown")
        if record.member_id != member.id and "operator" not in member.roles:
            raise Refusal("forbidden")
        withdrawn = replace(record, state="withdrawn", updated_at=now)
        await offers.save(tx, withdrawn)
        await post.delete(tx, node, offer_id)
        await _note(tx, withdrawn, by=member.id, event="offer-withdrawn", now=now)
    return withdrawn


async def search(
    node: Node,
    *,
    text: str = "",
    rings: Sequence[str] = RINGS,
    purpose: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> Sequence[OfferRecord]:
    """Open offers that contain `text` in title or summary, nearest ring first, newest first within a ring.

    Those from limited and blocked hosts are not among them.
    """
    chosen = [ring for ring in RINGS if ring in rings]
    async with node.store.read() as tx:
        return await offers.search(tx, text=text, rings=chosen, purpose=purpose, limit=limit, offset=offset)


async def receive(node: Node, activity: VerifiedActivity) -> None:
    """A peer's offer, new or changed, kept with the ring its owner stands in; what comes too late changes nothing.

    Refusals: offer-invalid, forbidden (somebody else's offer).
    """
    document, owner = object_of(activity.document) or {}, activity.actor_id
    offer_id = id_of(document)
    if offer_id is None:
        raise Refusal("offer-invalid")
    text = _read(short_names(document))
    published = read_time(document.get("published")) or activity.received_at
    unchanged = published if activity.type == "Create" else activity.received_at
    updated = min(read_time(document.get("updated")) or unchanged, activity.received_at)
    async with node.store.write() as tx:
        known = await offers.arrival(tx, offer_id, owner)
        if known.owner_actor not in {None, owner}:
            raise Refusal("forbidden")
        if await _comes_too_late(tx, activity, known, updated):
            return
        record = OfferRecord(
            id=offer_id,
            owner_actor=owner,
            owner_name=known.owner_name or owner,
            origin="peer",
            purpose=text.purpose,
            title=text.title,
            summary=text.summary,
            document=document,
            ring=await _ring(tx, owner),
            published_at=published,
            updated_at=updated,
            place=text.place,
            reciprocal=text.reciprocal,
        )
        await offers.save(tx, record)
        if known.updated_at is None:
            await post.relay(tx, node, activity, ordering_key=record.id)
        await _note(tx, record, by=owner, event="offer-received", now=activity.received_at)


async def _comes_too_late(tx: Tx, activity: VerifiedActivity, known: OfferArrival, updated: datetime) -> bool:
    """Whether this Create or Update was overtaken by an Update or Delete; of two of one time the digests decide."""
    if known.updated_at is None:
        return known.is_gone
    if known.state == "withdrawn" or activity.type == "Create":
        return True
    if updated != known.updated_at:
        return updated < known.updated_at
    document = object_of(activity.document) or {}
    kept = await offers.find(tx, str(id_of(document)))
    if kept is None or read_time(kept.document.get("updated")) is None:
        return False
    return content_digest(document) < content_digest(kept.document)


async def receive_withdrawal(node: Node, activity: VerifiedActivity) -> None:
    """A peer takes its offer back, or goes with all of its offers; what is still on its way will not be taken in.

    Refusals: forbidden (another's offer).
    """
    gone = id_of(activity.document.get("object")) or ""
    async with node.store.write() as tx:
        one = await offers.find(tx, gone)
        if one is not None and one.owner_actor != activity.actor_id:
            raise Refusal("forbidden")
        found = await offers.of_owner(tx, gone) if gone == activity.actor_id else [one] if one is not None else []
        for record in found:
            if record.state != "withdrawn":
                await offers.save(tx, replace(record, state="withdrawn", updated_at=activity.received_at))
                await post.relay(tx, node, activity, ordering_key=record.id)
                await _note(tx, record, by=activity.actor_id, event="offer-withdrawn", now=activity.received_at)


async def place_anew(tx: Tx, owners: Collection[str]) -> None:
    """Nothing, after what these actors offered before stands in the ring where the statutes of now have them."""
    here = {one.actor for statute in await _in_force(tx) for one in statute.constituents}
    await offers.set_ring(tx, sorted(here.intersection(owners)), "federation")
    await offers.set_ring(tx, sorted({*owners} - here), "beyond")


async def _ring(tx: Tx, owner: str) -> str:
    """Federation when any statute we hold names the owner, else beyond."""
    is_near = any(one.actor == owner for statute in await _in_force(tx) for one in statute.constituents)
    return "federation" if is_near else "beyond"


async def _in_force(tx: Tx) -> list[Statute]:
    found = [await statute_at(tx, digest) for digest in await statutes.latest_digests(tx)]
    return [statute for statute in found if statute is not None]


def _checked(written: Published) -> OfferText:
    title, summary = written.title.strip(), written.summary.strip()
    is_sound = written.purpose in PURPOSES and title and len(title) <= LONGEST_TITLE and len(summary) <= LONGEST_SUMMARY
    if not is_sound:
        raise Refusal("offer-invalid")
    return OfferText(
        purpose="offer" if written.purpose == "offer" else "request",
        title=title,
        summary=summary,
        place=(written.place or "").strip()[:LONGEST_TITLE] or None,
        reciprocal=(written.reciprocal or "").strip()[:LONGEST_TITLE] or None,
    )


def _read(document: Mapping[str, Any]) -> OfferText:
    """The text of a peer's FEP-0837 Proposal; `publishes` and `reciprocal` may come as one-element lists (C6)."""
    location, reciprocal = _only(document.get("location")), _only(document.get("reciprocal"))
    primary = _only(document.get("publishes"))
    return _checked(
        Published(
            purpose=_text(document, "purpose"),
            title=_text(document, "name") or _text(primary, "name"),
            summary=content_text(document),
            place=_text(location, "name") or None,
            reciprocal=_text(reciprocal, "name") or None,
        )
    )


def _text(members: Mapping[str, Any], name: str) -> str:
    value = members.get(name)
    return value if isinstance(value, str) else ""


def _only(value: object) -> Mapping[str, Any]:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value if isinstance(value, Mapping) else {}


async def _note(tx: Tx, record: OfferRecord, *, by: str, event: str, now: datetime) -> None:
    content = {"title": record.title, "purpose": record.purpose, "owner": record.owner_actor}
    await events.append(tx, at=now, actor=by, type=event, subject=record.id, content=content)
