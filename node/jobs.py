"""What each durable job row does, and how a due row is claimed and run.

Called by the alarm clocks in worker and in_process.

Rows drive the work: whoever is woken claims what is due, and a row whose worker died comes back when its lease ends.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import structlog

from federation.deliver.send import deliver_host
from federation.errors import FetchFailure, NoAnswerYet, NotYet, WireError
from federation.peers.catch_up import fetch_activity
from federation.peers.followers import COMPARE_FOLLOWERS
from federation.peers.reachability import CHECK_GONE
from federation.peers.reported import COMPARE_REPORTS, word_of
from federation.receive.dispatch import conclude_locally, dispatch_activity
from node.services import closing, evidence, follows, positions
from node.services.assembly import reminders
from node.services.community import farewells, opinions
from node.services.house import retention
from node.services.house.keys import ANNOUNCE, announce
from storage.errors import EphemeralError, StoreBusyError
from storage.records import Conclusion, FinishedRun
from storage.work import activities, intake
from storage.work import jobs as job_rows
from storage.work.jobs import DISPATCH

if TYPE_CHECKING:
    from node.context import Node
    from storage.engine import Tx
    from storage.records import ActivityRecord, JobRecord

log = structlog.get_logger("rochdale.jobs")

Job = Callable[["Node", str], Awaitable[datetime | None]]
LONGEST_WAIT_SECONDS = 3600.0
NOT_YET_SECONDS = 0.1
ASK_AGAIN = tuple(timedelta(seconds=seconds) for seconds in (5, 25, 125, 625, 3_125, 15_625, 86_400))
COMPARING_SECONDS = 60.0
"""For the list of a constituent's reports and what is missing of them: less than a lease, and what came is kept."""
IN_ONE_LOOK = 50
"""Activities read at once for dispatch: each may have a megabyte."""
TOGETHER_SECONDS = 0.002
"""How long dispatches share one transaction while others wait to write."""
UNDISTURBED_SECONDS = 0.05
"""How long they do while nobody does: whoever comes then waits for one of them and its commit."""
WAITING = "waiting: "
PASSING = (WireError, EphemeralError, StoreBusyError)
"""What is no fault of the job: a peer or a part of our own memory is away, and comes back."""


async def _dispatch(node: Node, key: str) -> datetime | None:
    try:
        await dispatch_activity(node.federation, key)
    except FetchFailure as failure:
        raise NoAnswerYet(failure.advice) from failure
    except NoAnswerYet:
        raise
    except NotYet:
        await follows.catch_up_for(node, key)
        raise
    return None


async def _deliver(node: Node, key: str) -> datetime | None:
    return await deliver_host(node.federation, key)


async def _fetch_activity(node: Node, key: str) -> datetime | None:
    async with node.federation.lines.turn(key):
        await fetch_activity(node.federation, key)
    return None


async def _compare_reports(node: Node, key: str) -> datetime | None:
    actor_id, _ = await word_of(node.federation, key)
    async with node.federation.lines.turn(actor_id), asyncio.timeout(COMPARING_SECONDS):
        await positions.compare_reports(node, key)
    return None


async def _end_if_gone(node: Node, key: str) -> datetime | None:
    async with node.federation.lines.turn(key):
        await farewells.end_if_gone(node, key)
    return None


async def _compare_followers(node: Node, key: str) -> datetime | None:
    await follows.compare_followers(node, key)
    return None


JOBS: Mapping[str, Job] = {
    DISPATCH: _dispatch,
    "deliver": _deliver,
    "probe": _deliver,
    "catch-up": follows.catch_up_with,
    "fetch-activity": _fetch_activity,
    COMPARE_REPORTS: _compare_reports,
    COMPARE_FOLLOWERS: _compare_followers,
    "close": closing.close_if_due,
    opinions.PUBLISH: opinions.publish,
    reminders.REMIND: reminders.remind,
    "gather": evidence.gather,
    ANNOUNCE: announce,
    "fetch-evidence": evidence.fetch_decision,
    CHECK_GONE: _end_if_gone,
    retention.RETENTION: retention.throw_away,
}


@dataclass(frozen=True, slots=True)
class Lane:
    """Kinds of jobs that share `places`, None for the setting worker_concurrency; no lane waits for another.

    A quick lane waits for nobody but our own database. After a wake a lane lingers, so that one claim finds what comes
    in the same moment; `busy_seconds` after a claim of many, which leaves the time to those who bring more.
    """

    kinds: tuple[str, ...]
    places: int | None = None
    is_quick: bool = False
    linger_seconds: float = 0.0
    busy_seconds: float = 0.0


_PROVING = ("gather", "fetch-evidence")  # of which each may take a quarter of a gigabyte
_ASKING = ("fetch-activity", COMPARE_REPORTS, CHECK_GONE)  # of which one peer can cause many, and leave each waiting
_IN_LANES_OF_THEIR_OWN = frozenset(
    {DISPATCH, "close", "deliver", "probe", "catch-up", *_PROVING, *_ASKING, COMPARE_FOLLOWERS}
)
DELIVERY_PLACES = 600
"""Hosts that are sent to at once; those that did not answer last time have a tenth of it."""

LANES = (
    Lane((DISPATCH,), places=400, is_quick=True, linger_seconds=0.01, busy_seconds=0.05),
    Lane(("close",), is_quick=True),
    Lane(("deliver",), places=DELIVERY_PLACES, linger_seconds=0.002),
    Lane(("probe",), places=DELIVERY_PLACES // 10),
    Lane((COMPARE_FOLLOWERS,), places=2),
    Lane(("catch-up",)),
    Lane(_PROVING, places=2),
    Lane(_ASKING, places=100),
    Lane(tuple(kind for kind in JOBS if kind not in _IN_LANES_OF_THEIR_OWN)),
)

PARKED_AFTER = 12
"""Tries of a job that fails by a fault of ours before it is put aside: about seven hours with the usual waits."""

LAST_ATTEMPT: Mapping[str, int] = {"fetch-activity": 190, COMPARE_REPORTS: 30, COMPARE_FOLLOWERS: 5}
"""Kinds that are given up for good, by number of attempts: 190 are a week of hourly tries. Another word of the peer
brings a comparison back."""


async def claim_due(node: Node, lane: Lane, limit: int, worker: str) -> Sequence[JobRecord]:
    """Up to `limit` due rows of the lane, leased to `worker`. Reads before it writes: an idle node stays idle."""
    now = node.clock()
    await node.keyring.refresh(now)
    due_at = await next_due(node, lane)
    if due_at is None or due_at > now:
        return ()
    lease = timedelta(seconds=node.settings.lease_seconds)
    wanted = partial(job_rows.claim, kinds=lane.kinds, now=now, limit=limit, lease=lease, worker=worker)
    return await node.store.write_together(_claim_all, wanted)


async def _claim_all(
    tx: Tx, wanted: Sequence[Callable[[Tx], Awaitable[Sequence[JobRecord]]]]
) -> Sequence[Sequence[JobRecord]]:
    return [await claim(tx) for claim in wanted]


async def next_due(node: Node, lane: Lane) -> datetime | None:
    """When a claim of the lane will next yield something; None without jobs."""
    async with node.store.read() as tx:
        return await job_rows.next_due(tx, lane.kinds)


async def run_job(node: Node, job: JobRecord) -> None:
    """Run one claimed row and settle it: gone when done, due again when it says when, due later when it failed.

    One that fails again and again, not for want of a peer or of our memory, is parked: kept and shown until an operator
    asks for it.
    """
    again_at, error, is_parked = None, None, False
    try:
        again_at = await JOBS[job.kind](node, job.key)
    except NotYet as reason:
        error = f"{WAITING}{reason}"
        again_at = node.clock() + patience(reason, job.attempts)
    except Exception as fault:  # noqa: BLE001  # one bad row must not stop the worker; it is kept, logged and shown
        job, error = _counted(job), f"{type(fault).__name__}: {fault}"[:500]
        is_parked = job.attempts >= PARKED_AFTER and job.kind not in LAST_ATTEMPT and not isinstance(fault, PASSING)
        again_at = node.clock() + (timedelta() if is_parked else _wait(node, job.attempts))
        said = "job failed and was put aside" if is_parked else "job failed and will be tried again"
        log.warning(said, kind=job.kind, key=job.key, error=error)
    if job.attempts >= LAST_ATTEMPT.get(job.kind, job.attempts + 1):
        again_at = None
    node.metrics.jobs.labels(job.kind, "failed" if error else "done").inc()
    run = FinishedRun(job, again_at=again_at, error=error, is_parked=is_parked)
    await node.store.write_together(job_rows.finish_all, run)


def _counted(job: JobRecord) -> JobRecord:
    """The job with its tries as faults count them: those that only waited for something are none."""
    has_waited = (job.last_error or "").startswith(WAITING) and job.kind not in LAST_ATTEMPT
    return replace(job, attempts=1) if has_waited else job


class Look(NamedTuple):
    """How many activities that just arrived were seen, and whether there may be more that no other worker is at."""

    seen: int
    has_more: bool


async def look_at_arrivals(node: Node) -> Look:
    """Look at what just arrived, IN_ONE_LOOK at most; reads before it writes.

    What needs nobody outside is done with, many to a commit, each undone alone when it fails. All others have jobs now.
    """
    await node.keyring.refresh(node.clock())
    async with node.store.read() as tx:
        arrived = await intake.arrived(tx, limit=IN_ONE_LOOK)
    waiting, is_ours = deque(arrived), True
    while waiting:
        taken = list[str]()
        try:
            await _conclude_some(node, waiting, taken)
            is_ours = bool(taken)
        except Exception as fault:
            if not taken:
                raise
            # Nothing of it was kept. Each is run alone, where its job shows what is wrong.
            log.warning("dispatches could not share a commit", error=f"{type(fault).__name__}: {fault}"[:500])
            async with node.store.write() as tx:
                await intake.queue_all(tx, taken, node.clock())
    return Look(len(arrived), is_ours and len(arrived) == IN_ONE_LOOK)


async def _conclude_some(node: Node, waiting: deque[ActivityRecord], taken: list[str]) -> None:
    """Take the first of those waiting, note their ids, and write what became of them in one commit."""
    conclusions = list[Conclusion]()
    async with node.store.joining() as tx:
        # Another worker may have been here since they were read.
        still = await intake.still_waiting(tx, waiting[0].position, waiting[-1].position)
        began = time.monotonic()
        while waiting and (not taken or _has_time(node, time.monotonic() - began)):
            row = waiting.popleft()
            if row.position not in still:
                continue
            taken.append(row.id)
            conclusion = await conclude_locally(node.federation, row)
            if conclusion is not None:
                conclusions.append(conclusion)
            await asyncio.sleep(0)  # requests in between: nothing else here gives way to them on SQLite
        done = {one.activity_id for one in conclusions}
        await activities.conclude_all(tx, conclusions)
        await intake.queue_all(tx, [activity_id for activity_id in taken if activity_id not in done], node.clock())
    node.metrics.jobs.labels(DISPATCH, "done").inc(len(conclusions))
    for conclusion in conclusions:
        node.federation.count("activity", conclusion.state)


def _has_time(node: Node, seconds: float) -> bool:
    return seconds < (TOGETHER_SECONDS if node.store.is_wanted else UNDISTURBED_SECONDS)


async def run_batch(node: Node, limit: int, worker: str) -> int:
    """Look at all that arrived, then claim and run up to `limit` due rows of any kind together; how many both were."""
    seen, has_more = await look_at_arrivals(node)
    while has_more:
        look = await look_at_arrivals(node)
        seen, has_more = seen + look.seen, look.has_more
    claimed = await claim_due(node, Lane(tuple(JOBS)), limit, worker)
    await asyncio.gather(*(run_job(node, job) for job in claimed))
    return seen + len(claimed)


def patience(reason: NotYet, attempts: int) -> timedelta:
    """How long to wait for what is on its way; for a peer's answer so that a week has a dozen tries (P12)."""
    if isinstance(reason, NoAnswerYet):
        return ASK_AGAIN[min(attempts, len(ASK_AGAIN)) - 1]
    return timedelta(seconds=min(NOT_YET_SECONDS * 2 ** min(attempts, 16), LONGEST_WAIT_SECONDS))


def _wait(node: Node, attempts: int) -> timedelta:
    seconds = node.settings.retry_base_seconds * 2 ** min(attempts, 16)
    return timedelta(seconds=min(seconds, LONGEST_WAIT_SECONDS))
