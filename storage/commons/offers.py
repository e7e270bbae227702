"""Offers and requests, ours and those heard from peers.

Called by offer services and by the offer pages.
"""

import unicodedata
from collections.abc import Collection, Sequence

import sqlalchemy as sa

from storage import dialect, prepared, rows
from storage.engine import Tx
from storage.records import OfferArrival, OfferRecord
from storage.tables import activities, offers, peers, tombstones

ALL = rows.pick(offers, OfferRecord)
OWNERS_AT_ONCE = 1000
OWNER: sa.BindParameter[str] = sa.bindparam("owner", type_=sa.Text())
OFFER: sa.BindParameter[str] = sa.bindparam("offer", type_=sa.Text())


def _deleted(what: sa.BindParameter[str]) -> sa.ColumnElement[bool]:
    """Whether its owner said so; one look for each id, or SQLite would rather walk through all that the owner said."""
    said = sa.and_(activities.c.type == "Delete", activities.c.actor_id == OWNER, activities.c.direction == "in")
    return sa.exists().where(activities.c.object_id == what, said)


IS_DELETED = sa.or_(_deleted(OFFER), _deleted(OWNER))
IS_BURIED = sa.exists().where(tombstones.c.id.in_((OFFER, OWNER)), tombstones.c.actor_id == OWNER)
NAME = sa.select(peers.c.name).where(peers.c.actor_id == OWNER).scalar_subquery()
KNOWN = sa.select(offers.c.owner_actor, offers.c.state, offers.c.updated_at).where(offers.c.id == OFFER).subquery()
ARRIVAL = sa.select(sa.or_(IS_DELETED, IS_BURIED), NAME, KNOWN).select_from(
    sa.select(sa.literal(1)).subquery().outerjoin(KNOWN, sa.true())
)


def fold(text: str) -> str:
    """The text without case and accents, so that "gracia" finds "Gràcia" on both engines."""
    if text.isascii():
        return text.lower()
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


async def save(tx: Tx, record: OfferRecord) -> None:
    """Store the offer, new or edited."""
    row = {**rows.values(record), "search_text": fold(f"{record.title}\n{record.summary}")}
    await dialect.upsert(tx, offers, row, key=("id",))


async def find(tx: Tx, offer_id: str) -> OfferRecord | None:
    """The offer of that id, in any state."""
    return await rows.find(tx, offers, OfferRecord, id=offer_id)


async def of_owner(tx: Tx, owner: str) -> tuple[OfferRecord, ...]:
    """All offers of that actor, in any state."""
    return await rows.many(tx, ALL.where(offers.c.owner_actor == owner).order_by(offers.c.id), OfferRecord)


async def arrival(tx: Tx, object_id: str, owner: str) -> OfferArrival:
    """What is known of an offer that arrives, and of who offers it, in one look."""
    (found,) = await prepared.select(tx, ARRIVAL, {"offer": object_id, "owner": owner})
    return OfferArrival(*found)


async def search(
    tx: Tx,
    *,
    text: str = "",
    rings: Collection[str] | None = None,
    purpose: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[OfferRecord, ...]:
    """Open offers whose title or summary contains the text, in those rings, for that purpose; newest first.

    Those whose owners' host is limited or blocked are left out.
    """
    statement = ALL.where(offers.c.state == "open", rows.is_heard(offers.c.owner_actor))
    if text.strip():
        statement = statement.where(offers.c.search_text.contains(fold(text.strip()), autoescape=True))
    if rings is not None:
        statement = statement.where(offers.c.ring.in_(rings))
    if purpose is not None:
        statement = statement.where(offers.c.purpose == purpose)
    newest_first = statement.order_by(offers.c.published_at.desc(), offers.c.id.desc())
    return await rows.many(tx, newest_first.limit(limit).offset(offset), OfferRecord)


async def set_ring(tx: Tx, owners: Sequence[str], ring: str) -> None:
    """Nothing, after all that these actors elsewhere offer stands in that ring."""
    for start in range(0, len(owners), OWNERS_AT_ONCE):
        some = owners[start : start + OWNERS_AT_ONCE]
        theirs = sa.update(offers).where(offers.c.origin == "peer", offers.c.owner_actor.in_(some))
        await tx.execute(theirs.values(ring=ring))
