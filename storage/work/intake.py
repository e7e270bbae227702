"""Received activities until they are dispatched: the hot write, one trip to the database for a whole group, and reads.

Called by the receive pipeline, by the workers and by the close of a proposal.

What arrives is its own note that it has to be dispatched. What could not be done with at the first look gets a job.
"""

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa

from storage import dialect, prepared, rows, sqlite_driver
from storage.engine import Tx, note_due
from storage.records import ActivityRecord, Conclusion
from storage.tables import activities, jobs
from storage.work.activities import UNINVITED, conclude_all
from storage.work.jobs import DISPATCH, IS_ARRIVED, enqueue_all

_COLUMNS = (
    "id",
    "direction",
    "type",
    "actor_id",
    "object_id",
    "raw",
    "received_at",
    "state",
    "reason",
    "is_public",
    "source_actor",
)
_NAMES, _PLACES = ", ".join(_COLUMNS), ", ".join("?" * len(_COLUMNS))
# When it first came stays: what is thrown away with time goes by position, and no row may hold up those after it.
_AGAIN = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name not in {"id", "received_at"})
_UNLESS_KNOWN = f"ON CONFLICT (id) DO UPDATE SET {_AGAIN} WHERE activities.reason = '{UNINVITED}'"
_IF_NEW = f"INSERT INTO activities ({_NAMES}) VALUES ({_PLACES}) {_UNLESS_KNOWN}"  # noqa: S608  # constants
_UNREACHABLE = "SELECT host FROM unreachable_hosts WHERE host IN (SELECT value FROM json_each(?))"

_TYPES = {"received_at": "timestamptz", "is_public": "boolean"}
_GIVEN = ", ".join(f"CAST(:{name} AS {_TYPES.get(name, 'text')}[])" for name in _COLUMNS)
_ALL_AT_ONCE = sa.text(f"""
    WITH new AS (
        INSERT INTO activities ({_NAMES})
        SELECT DISTINCT ON (id) * FROM unnest({_GIVEN}) AS given ({_NAMES})
        {_UNLESS_KNOWN} RETURNING id
    )
    SELECT true AS is_new, id AS name FROM new
    UNION ALL SELECT false, host FROM unreachable_hosts WHERE host = ANY(CAST(:hosts AS text[]))
""")  # noqa: S608  # put together from the names of columns


ARRIVED = (
    rows.pick(activities, ActivityRecord)
    .where(IS_ARRIVED)
    .order_by(activities.c.position)
    .limit(sa.bindparam("most", type_=sa.Integer))
)
STILL_WAITING = sa.select(activities.c.position).where(
    IS_ARRIVED, activities.c.position.between(sa.bindparam("first"), sa.bindparam("last"))
)
_UNTRIED = sa.and_(jobs.c.key == activities.c.id, jobs.c.kind == DISPATCH, jobs.c.last_error.is_(None))
UNDISPATCHED = sa.select(
    sa.select(sa.func.count()).select_from(activities).where(IS_ARRIVED).scalar_subquery()
    + sa.select(sa.func.count()).where(jobs.c.kind == DISPATCH, jobs.c.last_error.is_(None)).scalar_subquery()
)
_RECORDED = "recorded"
QUEUED = "queued"
"""The state of what arrived and now has a job of its own."""


@dataclass(frozen=True, slots=True)
class TakenIn:
    """The ids of the activities that are new, and those of the hosts asked about that do not take our deliveries."""

    new: frozenset[str]
    unreachable: frozenset[str]


async def take_in(tx: Tx, records: Sequence[ActivityRecord], *, hosts: Collection[str]) -> TakenIn:
    """What was new, now written and due to be dispatched if it is `recorded`; what was known stays as it was.

    What came uninvited before is new.
    """
    taken = await _take_in(tx, records, hosts)
    if any(record.state == _RECORDED and record.id in taken.new for record in records):
        note_due(tx, DISPATCH)
    return taken


async def _take_in(tx: Tx, records: Sequence[ActivityRecord], hosts: Collection[str]) -> TakenIn:
    driver = sqlite_driver.below(tx)
    if driver is not None:
        return await driver.together(partial(_taken_in, records, json.dumps([*hosts])))
    given: dict[str, Any] = {name: [getattr(record, name) for record in records] for name in _COLUMNS}
    found = (await tx.execute(_ALL_AT_ONCE, {**given, "hosts": [*hosts]})).all()
    new = frozenset(name for is_new, name in found if is_new)
    return TakenIn(new, frozenset(name for is_new, name in found if not is_new))


def _taken_in(records: Sequence[ActivityRecord], hosts: str, connection: sqlite3.Connection) -> TakenIn:
    new = frozenset(record.id for record in records if connection.execute(_IF_NEW, _row(record)).rowcount)
    return TakenIn(new, frozenset(host for (host,) in connection.execute(_UNREACHABLE, (hosts,))))


def _row(record: ActivityRecord) -> tuple[Any, ...]:
    values = (getattr(record, name) for name in _COLUMNS)
    return tuple(dialect.sqlite_time(value) if isinstance(value, datetime) else value for value in values)


async def arrived(tx: Tx, *, limit: int) -> tuple[ActivityRecord, ...]:
    """Received activities that nobody looked at since, first come first."""
    return await rows.many(tx, ARRIVED, ActivityRecord, {"most": limit})


async def still_waiting(tx: Tx, first: int, last: int) -> frozenset[int]:
    """The positions, of those from first to last, of activities that nobody looked at since they were received."""
    found = await prepared.select(tx, STILL_WAITING, {"first": first, "last": last})
    return frozenset(position for (position,) in found)


async def queue_all(tx: Tx, activity_ids: Collection[str], now: datetime) -> None:
    """Nothing, after each of these activities has a job that will dispatch it, due now."""
    if activity_ids:
        await conclude_all(tx, [Conclusion(activity_id, QUEUED) for activity_id in activity_ids])
        await enqueue_all(tx, DISPATCH, activity_ids, now)


async def undispatched(tx: Tx) -> int:
    """How many received activities wait for their first dispatch."""
    return await rows.number(tx, UNDISPATCHED)


async def undispatched_by_bringer(tx: Tx) -> dict[str, int]:
    """How many received activities wait for their first dispatch, by the actor that brought them."""
    bringer = sa.func.coalesce(activities.c.source_actor, activities.c.actor_id).label("bringer")
    waiting = sa.select(bringer).where(IS_ARRIVED).union_all(sa.select(bringer).join(jobs, _UNTRIED)).subquery()
    counted = sa.select(waiting.c.bringer, sa.func.count()).group_by(waiting.c.bringer)
    return {row.bringer: row[1] for row in await tx.execute(counted)}


async def is_first_dispatch_due(tx: Tx, *, received_by: datetime) -> bool:
    """Whether anything received by then waits for its first dispatch; what failed once waits for something else."""
    by_then = sa.select(sa.true()).where(activities.c.received_at <= received_by).limit(1)
    if (await tx.execute(by_then.where(IS_ARRIVED))).first() is not None:
        return True
    return (await tx.execute(by_then.join_from(activities, jobs, _UNTRIED))).first() is not None
