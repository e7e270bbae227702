"""Signed messages received and sent, kept byte for byte.

Called by the receive pipeline, by publishing and by the outbox door.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from storage import dialect, prepared, rows
from storage.engine import Tx
from storage.records import ActivityRecord, Conclusion
from storage.tables import activities

ALL = rows.pick(activities, ActivityRecord)
CONCLUDE = (
    sa.update(activities)
    .where(activities.c.id == sa.bindparam("of"))
    .values(state=sa.bindparam("to"), reason=sa.bindparam("why"))
)
UNINVITED = "uninvited"
"""Why an activity was refused that is taken as if it were new when somebody brings it again."""
IS_OUTBOX = sa.and_(activities.c.direction == "out", activities.c.is_public.is_(True))


async def add(tx: Tx, record: ActivityRecord) -> bool:
    """True if the activity is new, False (and nothing changed) if its id was known."""
    return bool(await add_all(tx, [record]))


async def add_all(tx: Tx, records: Sequence[ActivityRecord]) -> frozenset[str]:
    """The ids of those activities that are new, in one statement; the others stay as they were.

    Positions of sent activities grow in the order of commits, so a peer that pages through the outbox misses none.
    """
    if any(record.direction == "out" for record in records):
        await dialect.hold(tx, dialect.Lock.WRITE)
    new = [rows.values(record, without=("position",)) for record in records]
    return frozenset(key for (key,) in await dialect.insert_new(tx, activities, new, key=("id",)))


async def find(tx: Tx, activity_id: str) -> ActivityRecord | None:
    """The activity of that id."""
    return await rows.find(tx, activities, ActivityRecord, id=activity_id)


async def known(tx: Tx, activity_ids: Collection[str]) -> frozenset[str]:
    """Which of these ids we have, sent or received; what came uninvited may come again."""
    statement = sa.select(activities.c.id).where(
        activities.c.id.in_(activity_ids), activities.c.reason.is_distinct_from(UNINVITED)
    )
    return frozenset((await tx.execute(statement)).scalars())


async def find_all(tx: Tx, activity_ids: Sequence[str]) -> tuple[ActivityRecord | None, ...]:
    """The activities of those ids, each in its place; None where there is none."""
    found = await rows.many(tx, ALL.where(activities.c.id.in_(set(activity_ids))), ActivityRecord)
    by_id = {record.id: record for record in found}
    return tuple(by_id.get(activity_id) for activity_id in activity_ids)


async def creating(tx: Tx, object_ids: Collection[str]) -> dict[str, str]:
    """The ids of the activities of ours that created these objects, by object."""
    ours = sa.and_(activities.c.direction == "out", activities.c.type == "Create")
    named = sa.select(activities.c.object_id, activities.c.id).where(activities.c.object_id.in_(object_ids), ours)
    return {row.object_id: row.id for row in await tx.execute(named)}


async def conclude_all(tx: Tx, conclusions: Sequence[Conclusion]) -> tuple[None, ...]:
    """None for each, after the activities got their states; ids that are not there change nothing."""
    if conclusions:
        changes = [{"of": one.activity_id, "to": one.state, "why": one.reason} for one in conclusions]
        await prepared.change(tx, CONCLUDE, changes)
    return (None,) * len(conclusions)


async def said(tx: Tx, actor_id: str, kind: str, *, since: datetime) -> tuple[str, ...]:
    """The ids of activities of that type which an actor sent us since then, newest first."""
    theirs = sa.and_(activities.c.actor_id == actor_id, activities.c.type == kind, activities.c.direction == "in")
    newest_first = sa.select(activities.c.id).where(theirs, activities.c.received_at >= since)
    return tuple((await tx.execute(newest_first.order_by(activities.c.position.desc()))).scalars())


async def hide(tx: Tx, activity_id: str) -> None:
    """Take an activity out of the public log, whoever it was addressed to; RowMissingError if there is none."""
    await rows.change(tx, activities, {"id": activity_id}, {"is_public": False})


async def outbox(
    tx: Tx, *, limit: int = 50, before: int | None = None, after: int | None = None
) -> tuple[ActivityRecord, ...]:
    """A page of our public activities: newest first below position `before`, or oldest first above `after`."""
    statement = ALL.where(IS_OUTBOX).limit(limit)
    if after is not None:
        upward = statement.where(activities.c.position > after).order_by(activities.c.position)
        return await rows.many(tx, upward, ActivityRecord)
    if before is not None:
        statement = statement.where(activities.c.position < before)
    return await rows.many(tx, statement.order_by(activities.c.position.desc()), ActivityRecord)


async def outbox_count(tx: Tx) -> int:
    """The number of our public activities."""
    return await rows.number(tx, sa.select(sa.func.count()).select_from(activities).where(IS_OUTBOX))


async def recent(tx: Tx, *, limit: int = 50, before: int | None = None) -> tuple[ActivityRecord, ...]:
    """The last activities of both directions below position `before`, newest first."""
    statement = ALL.order_by(activities.c.position.desc()).limit(limit)
    if before is not None:
        statement = statement.where(activities.c.position < before)
    return await rows.many(tx, statement, ActivityRecord)
