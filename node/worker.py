"""The grown alarm clock: Celery workers and beat for the job rows; started by `rochdale worker` and `rochdale beat`.

The only file that knows Celery. A message says no more than "rows may be due"; losing one delays work until the next
sweep.
"""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

from celery import Celery
from celery.signals import worker_process_shutdown, worker_shutdown
from kombu.exceptions import OperationalError

from node.in_process import STOP_SECONDS, InProcessWorker
from node.wiring import build_node, close_node, worker_name

if TYPE_CHECKING:
    from collections.abc import Collection

    from node.context import Node
    from node.settings import Settings
    from storage.engine import Listener

TASK = "rochdale.run_due"
TASK_SECONDS = 3600
"""Visibility timeout of the broker: longer than any batch, or the broker would hand it out twice."""


def celery_app(settings: Settings) -> Celery:
    """The Celery application of one node: one task, one timer, one queue named after the node's origin."""
    app = Celery("rochdale", broker=settings.redis_url)
    app.conf.update(
        task_default_queue=f"rochdale:{settings.origin}",
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options={"visibility_timeout": TASK_SECONDS},
        beat_schedule={"sweep": {"task": TASK, "schedule": settings.sweep_seconds}},
    )
    resident = Resident(settings)

    @app.task(name=TASK)  # type: ignore[untyped-decorator]  # celery ships no types
    def run_due() -> None:
        resident.run_due()

    def stop(**_: object) -> None:
        resident.close()

    worker_process_shutdown.connect(stop, weak=False)
    worker_shutdown.connect(stop, weak=False)
    return app


def waker(settings: Settings) -> Listener:
    """What sends one Celery message when told of due rows; a Redis that does not answer is left to the sweep."""
    app = Celery("rochdale", broker=settings.redis_url)
    app.conf.update(task_default_queue=f"rochdale:{settings.origin}", task_ignore_result=True)
    return Waker(app).wake


class Waker:
    """Sends at most one wake message at a time, from a thread, so that a slow broker never holds up a request."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._idle = threading.Semaphore(1)
        self._again = threading.Event()

    def wake(self, _kinds: Collection[str]) -> None:
        """Ask a Celery worker to look for due rows of any kind."""
        self._again.set()
        if self._idle.acquire(blocking=False):
            threading.Thread(target=self._send, name="wake", daemon=True).start()

    def _send(self) -> None:
        try:
            while self._again.is_set():
                self._again.clear()
                self._app.send_task(TASK, retry=False)
        except OperationalError:
            return
        finally:
            self._idle.release()


class Resident:
    """One node, one event loop and its lanes per worker process, made on first use and never before a fork."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._node: Node | None = None
        self._lanes = InProcessWorker()

    def run_due(self) -> None:
        """Nothing, once what is due has been claimed and the quick part of it is done.

        What waits for other hosts goes on in this process's loop, so that they never hold up a message.
        """
        asyncio.run_coroutine_threadsafe(self._caught_up(), self._ready()).result(timeout=TASK_SECONDS)

    def close(self) -> None:
        """Close the node and stop the loop, if this process ever made them."""
        if self._loop is not None and self._node is not None:
            asyncio.run_coroutine_threadsafe(self._stop(self._node), self._loop).result(timeout=STOP_SECONDS + 15)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._loop = self._node = None

    def _ready(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._node is None or self._loop is None:
                self._loop = _new_loop()
                threading.Thread(target=self._loop.run_forever, name="node-loop", daemon=True).start()
                self._node = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(timeout=60)
            return self._loop

    async def _start(self) -> Node:
        # After the fork, so that children of one worker claim under different names.
        self._lanes = InProcessWorker(name=worker_name())
        node = (await build_node(self._settings)).node
        self._lanes.start(node)
        return node

    async def _caught_up(self) -> None:
        self._lanes.wake()
        await self._lanes.caught_up()

    async def _stop(self, node: Node) -> None:
        await self._lanes.stop()
        await close_node(node)


def _new_loop() -> asyncio.AbstractEventLoop:
    """A uvloop where it is installed: the same loop, faster."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
