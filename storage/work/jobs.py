"""Durable background work: at most one job per kind and key, run at its time by one worker at a time.

Called by services (in the transaction of the change), by workers and by the sweep.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from storage import dialect, rows
from storage.engine import Tx, note_due
from storage.records import FinishedRun, JobRecord, JobSummary
from storage.tables import activities, jobs

DISPATCH = "dispatch"
"""The kind of the jobs that dispatch a received activity; the first time it needs none (see intake)."""
IS_ARRIVED = sa.text("state = 'recorded' AND direction = 'in'")
FIRST_ARRIVAL = (
    sa.select(activities.c.received_at)
    .where(IS_ARRIVED)
    .order_by(activities.c.position)
    .limit(1)
    .scalar_subquery()
    .correlate(None)
)
ARRIVALS = sa.select(sa.func.count(), FIRST_ARRIVAL).select_from(activities).where(IS_ARRIVED)

IS_FREE = jobs.c.locked_until.is_(None)
IS_PARKED = jobs.c.parked_at.is_not(None)
IS_WAITING = sa.and_(IS_FREE, ~IS_PARKED)

IS_OURS = sa.and_(
    jobs.c.id == sa.bindparam("of"),
    jobs.c.locked_by == sa.bindparam("by"),
    jobs.c.locked_until == sa.bindparam("until"),
)
REMOVE = sa.delete(jobs).where(IS_OURS, jobs.c.again_at.is_(None))
AGAIN = sa.bindparam("again", type_=jobs.c.run_at.type)
RELEASE = (
    sa.update(jobs)
    .where(IS_OURS)
    .values(
        # The earlier of both wishes for another run; a job without any has just been removed.
        run_at=sa.case((sa.or_(AGAIN.is_(None), jobs.c.again_at <= AGAIN), jobs.c.again_at), else_=AGAIN),
        again_at=None,
        parked_at=sa.case((jobs.c.again_at.is_(None), sa.bindparam("parked", type_=jobs.c.run_at.type)), else_=None),
        locked_until=None,
        locked_by=None,
        attempts=sa.bindparam("tries"),
        last_error=sa.bindparam("error"),
    )
)


def _earlier(known: sa.ColumnElement[Any], other: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.case((known <= other, known), else_=other)


def _sooner(wish: Any) -> Mapping[str, Any]:
    sooner = _earlier(jobs.c.run_at, wish.run_at)
    return {
        "run_at": sa.case((IS_PARKED, wish.run_at), (IS_FREE, sooner), else_=jobs.c.run_at),
        "attempts": sa.case((IS_PARKED, 0), else_=jobs.c.attempts),
        "parked_at": sa.null(),
        "again_at": sa.case((IS_FREE, sa.null()), else_=_earlier(jobs.c.again_at, wish.run_at)),
    }


def _claiming() -> sa.UpdateBase:
    moment = jobs.c.run_at.type
    now = sa.bindparam("now", type_=moment)
    is_due = sa.or_(sa.and_(IS_WAITING, jobs.c.run_at <= now), jobs.c.locked_until <= now)
    free = sa.select(jobs.c.id).where(jobs.c.kind.in_(sa.bindparam("kinds", expanding=True)), is_due)
    changes = {
        "locked_until": sa.bindparam("until", type_=moment),
        "locked_by": sa.bindparam("by"),
        "attempts": jobs.c.attempts + 1,
        "again_at": sa.case((jobs.c.again_at > now, jobs.c.again_at), else_=sa.null()),
    }
    first = free.order_by(jobs.c.run_at, jobs.c.id).limit(sa.bindparam("most"))
    return dialect.claiming(jobs, first, changes=changes)


CLAIM = _claiming()


async def enqueue(tx: Tx, kind: str, key: str, run_at: datetime) -> None:
    """Let the job run at that time or earlier, anew if it was parked; if a worker holds it, once more afterwards."""
    await enqueue_all(tx, kind, [key], run_at)


async def enqueue_all(tx: Tx, kind: str, keys: Collection[str], run_at: datetime) -> None:
    """The same for one job of each key."""
    new = [{"kind": kind, "key": key, "run_at": run_at, "attempts": 0} for key in keys]
    await dialect.upsert_all(tx, jobs, new, key=("kind", "key"), update=_sooner)
    if new:
        note_due(tx, kind)


async def claim(
    tx: Tx, kinds: Collection[str], *, now: datetime, limit: int, lease: timedelta, worker: str
) -> tuple[JobRecord, ...]:
    """Up to `limit` jobs that are due or whose worker's lease ran out, first due first; ours until the lease ends."""
    wanted = {"kinds": list(kinds), "now": now, "most": limit, "until": now + lease, "by": worker}
    found = [JobRecord(**row._mapping) for row in await dialect.claim(tx, CLAIM, wanted)]
    return tuple(sorted(found, key=lambda job: (job.run_at, job.id)))


async def finish_all(tx: Tx, runs: Sequence[FinishedRun]) -> tuple[None, ...]:
    """None for each, after claimed runs ended: a job is gone unless it or a wish enqueued meanwhile asks for more.

    An error is kept with its number of attempts; a run without one starts that number anew. Nothing changes for a job
    whose lease ran out and that another worker has.
    """
    held = [_held(run) for run in runs]
    done = [row for row, run in zip(held, runs, strict=True) if run.again_at is None]
    removed = 0
    if done:
        gone = await tx.execute(REMOVE, [{name: row[name] for name in ("of", "by", "until")} for row in done])
        removed = gone.rowcount  # -1 where the driver does not tell
    if removed < len(held):
        await tx.execute(RELEASE, held)
    return (None,) * len(runs)


def _held(run: FinishedRun) -> dict[str, Any]:
    job = run.job
    claim_of_ours = {"of": job.id, "by": job.locked_by, "until": job.locked_until}
    after = {"again": run.again_at, "parked": run.again_at if run.is_parked else None}
    return {**claim_of_ours, **after, "error": run.error, "tries": job.attempts if run.error else 0}


async def find(tx: Tx, kind: str, key: str) -> JobRecord | None:
    """The job of that kind and key."""
    return await rows.one(tx, rows.pick(jobs, JobRecord).where(jobs.c.kind == kind, jobs.c.key == key), JobRecord)


async def saying(tx: Tx, kind: str, text: str) -> frozenset[str]:
    """The keys of the jobs of that kind whose last error says so."""
    told = sa.select(jobs.c.key).where(jobs.c.kind == kind, jobs.c.last_error.contains(text, autoescape=True))
    return frozenset((await tx.execute(told)).scalars())


async def parked(tx: Tx, *, limit: int) -> tuple[JobRecord, ...]:
    """Jobs that were put aside, first parked first, for the operator."""
    statement = rows.pick(jobs, JobRecord).where(IS_PARKED).order_by(jobs.c.parked_at, jobs.c.id).limit(limit)
    return await rows.many(tx, statement, JobRecord)


async def resume(tx: Tx, job_id: int, *, now: datetime) -> JobRecord | None:
    """The parked job of that number, now due and counted anew; None (and nothing changed) for any other."""
    changes = {"parked_at": None, "run_at": now, "attempts": 0}
    done = await tx.execute(sa.update(jobs).where(jobs.c.id == job_id, IS_PARKED).values(changes))
    if done.rowcount == 0:
        return None
    resumed = await rows.one(tx, rows.pick(jobs, JobRecord).where(jobs.c.id == job_id), JobRecord)
    if resumed is not None:
        note_due(tx, resumed.kind)
    return resumed


async def next_due(tx: Tx, kinds: Collection[str] = ()) -> datetime | None:
    """When a claim (of those kinds, or of any) will next yield something: the earliest run time or end of a lease.

    None without jobs.
    """
    moments = (await tx.execute(_next_due_of(tuple(kinds)))).one()
    return min((moment for moment in moments if moment is not None), default=None)


@lru_cache
def _next_due_of(kinds: tuple[str, ...]) -> sa.Select[Any]:
    of_kind = jobs.c.kind.in_(kinds) if kinds else sa.true()
    first_run = sa.select(sa.func.min(jobs.c.run_at)).where(of_kind, IS_WAITING).scalar_subquery()
    first_lost = sa.select(sa.func.min(jobs.c.locked_until)).where(of_kind).scalar_subquery()
    return sa.select(first_run, first_lost)


async def summary(tx: Tx) -> tuple[JobSummary, ...]:
    """How the jobs stand, by kind; what arrived waits to be dispatched."""
    counts: tuple[sa.ColumnElement[Any], ...] = (
        sa.func.count().filter(IS_WAITING),
        sa.func.count().filter(~IS_FREE),
        sa.func.count().filter(jobs.c.last_error.is_not(None), ~IS_PARKED),
        sa.func.min(jobs.c.run_at),
        sa.func.count().filter(IS_PARKED),
    )
    statement = sa.select(jobs.c.kind, *counts).group_by(jobs.c.kind).order_by(jobs.c.kind)
    found = {row.kind: JobSummary(*row) for row in await tx.execute(statement)}
    arrived, first = (await tx.execute(ARRIVALS)).one()
    if first is not None:
        dispatch = found.get(DISPATCH, JobSummary(DISPATCH, 0, 0, 0, first))
        oldest = min(dispatch.oldest_run_at, first)
        found[DISPATCH] = replace(dispatch, waiting=dispatch.waiting + arrived, oldest_run_at=oldest)
    return tuple(found[kind] for kind in sorted(found))
