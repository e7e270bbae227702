"""Runs due job rows on an event loop, lane by lane: in the web process, and in each child of a Celery worker.

Started and stopped by app and by worker.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import structlog

from node.jobs import JOBS, LANES, Lane, claim_due, look_at_arrivals, next_due, run_job
from storage.work.jobs import DISPATCH

if TYPE_CHECKING:
    from collections.abc import Collection, Coroutine

    from node.context import Node

log = structlog.get_logger("rochdale.jobs")
STOP_SECONDS = 10
MANY = 16
PAUSE_SECONDS = 2.0


@dataclass(slots=True)
class _Post:
    """One lane at work. `idle` is set while nothing of it runs or is due."""

    lane: Lane
    alarm: asyncio.Event = field(default_factory=asyncio.Event)
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    running: set[asyncio.Task[Any]] = field(default_factory=set)

    def wake(self) -> None:
        self.idle.clear()
        self.alarm.set()

    async def run(self, node: Node, worker: str) -> None:
        while True:
            self.alarm.clear()
            try:
                await self._work_off(node, worker)
            except Exception as fault:  # noqa: BLE001  # a database that is away for a while must not end the lane
                log.warning("background work waits", lane=self.lane.kinds[0], error=f"{type(fault).__name__}: {fault}")
                await asyncio.sleep(PAUSE_SECONDS)

    async def _work_off(self, node: Node, worker: str) -> None:
        arrived = await self._arrivals(node) if DISPATCH in self.lane.kinds else 0
        free = (self.lane.places or node.settings.worker_concurrency) - len(self.running)
        claimed = await claim_due(node, self.lane, free, worker) if free > 0 else ()
        for job in claimed:
            self._begin(run_job(node, job))
        if not claimed or len(claimed) < free:
            await self._linger(node, arrived + len(claimed), has_places=free > 0)

    async def _arrivals(self, node: Node) -> int:
        count, has_more = 0, True
        while has_more:
            looking = asyncio.create_task(look_at_arrivals(node))
            self.running.add(looking)
            looking.add_done_callback(self.running.discard)
            # A worker that is stopped finishes what shares a commit.
            seen, has_more = await asyncio.shield(looking)
            count += seen
        return count

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.running.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self.running.discard(task)
        self.alarm.set()

    async def _linger(self, node: Node, found: int, *, has_places: bool) -> None:
        """Until there may be more to do; after many rows at once longer, so that the next are many as well."""
        if found:
            await asyncio.sleep(self.lane.busy_seconds if found >= MANY else self.lane.linger_seconds)
        if not self.alarm.is_set():
            await self._sleep(node, has_places=has_places)
            await asyncio.sleep(self.lane.linger_seconds)

    async def _sleep(self, node: Node, *, has_places: bool) -> None:
        due_at = await next_due(node, self.lane)
        seconds = node.settings.sweep_seconds
        if due_at is not None and has_places:
            seconds = min(seconds, max(0.0, (due_at - node.clock()).total_seconds()))
        if not self.running and not self.alarm.is_set() and seconds > 0:
            self.idle.set()
        # Not wait_for: on Python 3.11 it forgets that it was cancelled when the alarm rings in the same moment.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.alarm.wait()


@dataclass(slots=True)
class InProcessWorker:
    """All lanes of one process. They may be woken from the loop at any time."""

    name: str = "in-process"
    _posts: list[_Post] = field(default_factory=lambda: [_Post(lane) for lane in LANES])
    _loops: list[asyncio.Task[None]] = field(default_factory=list)

    def wake(self, kinds: Collection[str] = tuple(JOBS)) -> None:
        """Say that rows of those kinds may be due."""
        for post in self._posts:
            if any(kind in post.lane.kinds for kind in kinds):
                post.wake()

    def start(self, node: Node) -> None:
        """Begin to run rows of this node."""
        self._loops = [asyncio.create_task(post.run(node, self.name), name="lane") for post in self._posts]

    async def caught_up(self) -> None:
        """Nothing, once the quick lanes have nothing due: what waits for other hosts goes on by itself."""
        for post in self._posts:
            if post.lane.is_quick:
                await post.idle.wait()

    async def stop(self) -> None:
        """Claim nothing more, let running rows finish for ten seconds, then leave them to their leases."""
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        running = [task for post in self._posts for task in post.running]
        if running:
            _, unfinished = await asyncio.wait(running, timeout=STOP_SECONDS)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)
