"""The discussion under each proposal, in the order in which it was written.

Called by the reply service, by the thread doors and by the pages.
"""

from typing import Any

import sqlalchemy as sa

from storage import dialect, rows
from storage.engine import Tx
from storage.records import ReplyRecord
from storage.tables import activities, replies

ADDED, SAID = activities.alias("added"), activities.alias("said")
ALL = rows.pick(replies, ReplyRecord)
# What answers something of the same moment comes after it.
IN_ORDER = (replies.c.published_at, replies.c.depth, replies.c.id)


async def save(tx: Tx, record: ReplyRecord) -> None:
    """Store the reply, new or changed."""
    await dialect.upsert(tx, replies, rows.values(record), key=("id",))


async def find(tx: Tx, reply_id: str) -> ReplyRecord | None:
    """The reply of that id, in any state."""
    return await rows.find(tx, replies, ReplyRecord, id=reply_id)


async def thread(
    tx: Tx, proposal_id: str, *, answers: str | None = None, limit: int = 50, offset: int = 0
) -> tuple[ReplyRecord, ...]:
    """Replies that were not hidden, oldest first: of the whole thread, or those that answer one id directly.

    Those from limited and blocked hosts are left out; deleted ones hold the place of what was said.
    """
    statement = ALL.where(_is_visible(proposal_id, answers)).order_by(*IN_ORDER)
    return await rows.many(tx, statement.limit(limit).offset(offset), ReplyRecord)


async def count(tx: Tx, proposal_id: str, *, answers: str | None = None) -> int:
    """How many replies `thread` would go through."""
    return await rows.number(tx, sa.select(sa.func.count()).where(_is_visible(proposal_id, answers)))


async def count_by(tx: Tx, proposal_id: str, author_actor: str, author_did: str | None = None) -> int:
    """How many replies of an author stand or stood under a proposal."""
    mine = [replies.c.proposal_id == proposal_id, replies.c.author_actor == author_actor]
    if author_did is not None:
        mine.append(replies.c.author_did == author_did)
    return await rows.number(tx, sa.select(sa.func.count()).where(*mine))


async def of_author(tx: Tx, author_actor: str) -> tuple[ReplyRecord, ...]:
    """Everything an actor said that was not deleted."""
    mine = sa.and_(replies.c.author_actor == author_actor, replies.c.state != "deleted")
    return await rows.many(tx, ALL.where(mine).order_by(replies.c.id), ReplyRecord)


async def speakers(tx: Tx, proposal_id: str) -> tuple[str, ...]:
    """The actors elsewhere that said something which still stands there, by id."""
    theirs = sa.and_(replies.c.proposal_id == proposal_id, replies.c.state == "shown", replies.c.origin == "peer")
    named = sa.select(replies.c.author_actor).where(theirs).distinct().order_by(replies.c.author_actor)
    return tuple((await tx.execute(named)).scalars())


async def history(tx: Tx, proposal_id: str, *, limit: int = 50, offset: int = 0) -> tuple[str, ...]:
    """The ids of our Adds of what was said there, oldest first."""
    added = _history(proposal_id).order_by(ADDED.c.position).limit(limit).offset(offset)
    return tuple((await tx.execute(added)).scalars())


async def history_count(tx: Tx, proposal_id: str) -> int:
    """How many ids `history` would go through."""
    return await rows.number(tx, sa.select(sa.func.count()).select_from(_history(proposal_id).subquery()))


def _history(proposal_id: str) -> sa.Select[Any]:
    # From the replies to the activities about them, and from those to our Adds around them: each step by an index.
    said = (
        sa.select(ADDED.c.id).join(SAID, SAID.c.id == ADDED.c.object_id).join(replies, replies.c.id == SAID.c.object_id)
    )
    ours = sa.and_(ADDED.c.type == "Add", ADDED.c.direction == "out")
    return said.where(replies.c.proposal_id == proposal_id, replies.c.state != "hidden", ours)


async def hidden(tx: Tx, proposal_id: str) -> tuple[ReplyRecord, ...]:
    """What operators took out of sight, oldest first."""
    mine = sa.and_(replies.c.proposal_id == proposal_id, replies.c.state == "hidden")
    return await rows.many(tx, ALL.where(mine).order_by(*IN_ORDER), ReplyRecord)


def _is_visible(proposal_id: str, answers: str | None) -> sa.ColumnElement[Any]:
    shown = sa.and_(
        replies.c.proposal_id == proposal_id, replies.c.state != "hidden", rows.is_heard(replies.c.author_actor)
    )
    return shown if answers is None else sa.and_(shown, replies.c.in_reply_to == answers)
