"""Received activities with the jobs that dispatch them: the hot write, in one trip to the database for a whole group.

Called by the receive pipeline. It leaves what `activities.add_all` and `jobs.enqueue_all` would leave, who cost
several times as much: each of their statements is put together and travels alone.
"""

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa

from storage import dialect
from storage.engine import Tx, note_due
from storage.records import ActivityRecord

_COLUMNS = (
    "id",
    "direction",
    "type",
    "actor_id",
    "object_id",
    "raw",
    "received_at",
    "state",
    "is_public",
    "source_actor",
)
_NAMES, _PLACES = ", ".join(_COLUMNS), ", ".join("?" * len(_COLUMNS))
_IF_NEW = f"INSERT INTO activities ({_NAMES}) VALUES ({_PLACES}) ON CONFLICT (id) DO NOTHING"  # noqa: S608  # constants
_JOB = "INSERT INTO jobs (kind, run_at, key, attempts) VALUES (?, ?, ?, 0) ON CONFLICT (kind, key) DO NOTHING"
_UNREACHABLE = "SELECT host FROM unreachable_hosts WHERE host IN (SELECT value FROM json_each(?))"

_TYPES = {"received_at": "timestamptz", "is_public": "boolean"}
_GIVEN = ", ".join(f"CAST(:{name} AS {_TYPES.get(name, 'text')}[])" for name in _COLUMNS)
_ALL_AT_ONCE = sa.text(f"""
    WITH new AS (
        INSERT INTO activities ({_NAMES}) SELECT * FROM unnest({_GIVEN}) ON CONFLICT (id) DO NOTHING RETURNING id
    ), due AS (
        INSERT INTO jobs (kind, key, run_at, attempts) SELECT CAST(:kind AS text), id, CAST(:now AS timestamptz), 0
        FROM new ON CONFLICT (kind, key) DO NOTHING
    )
    SELECT true AS is_new, id AS name FROM new
    UNION ALL SELECT false, host FROM unreachable_hosts WHERE host = ANY(CAST(:hosts AS text[]))
""")  # noqa: S608  # put together from the names of columns


@dataclass(frozen=True, slots=True)
class TakenIn:
    """The ids of the activities that are new, and those of the hosts asked about that do not take our deliveries."""

    new: frozenset[str]
    unreachable: frozenset[str]


async def take_in(tx: Tx, records: Sequence[ActivityRecord], *, job: str, hosts: Collection[str]) -> TakenIn:
    """What was new, now written with a job of that kind for each; what was known stays as it was."""
    now = min(record.received_at for record in records)
    taken = await _take_in(tx, records, (job, now), hosts)
    if taken.new:
        note_due(tx, job)
    return taken


async def _take_in(
    tx: Tx, records: Sequence[ActivityRecord], due: tuple[str, datetime], hosts: Collection[str]
) -> TakenIn:
    job, now = due
    driver = dialect.sqlite_driver_of(tx)
    if driver is not None:
        asked = json.dumps([*hosts])
        return await driver.together(partial(_taken_in, records, (job, dialect.sqlite_time(now)), asked))
    given: dict[str, Any] = {name: [getattr(record, name) for record in records] for name in _COLUMNS}
    rows = (await tx.execute(_ALL_AT_ONCE, {**given, "kind": job, "now": now, "hosts": [*hosts]})).all()
    new = frozenset(name for is_new, name in rows if is_new)
    return TakenIn(new, frozenset(name for is_new, name in rows if not is_new))


def _taken_in(
    records: Sequence[ActivityRecord], due: tuple[str, str], hosts: str, connection: sqlite3.Connection
) -> TakenIn:
    new = frozenset(record.id for record in records if connection.execute(_IF_NEW, _row(record)).rowcount)
    connection.executemany(_JOB, [(*due, activity_id) for activity_id in new])
    return TakenIn(new, frozenset(host for (host,) in connection.execute(_UNREACHABLE, (hosts,))))


def _row(record: ActivityRecord) -> tuple[Any, ...]:
    values = (getattr(record, name) for name in _COLUMNS)
    return tuple(dialect.sqlite_time(value) if isinstance(value, datetime) else value for value in values)
