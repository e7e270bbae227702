"""One address where a node of ours begins anew as often as it is asked to; called by the test of the suite.

A second address, which the driver of the suite asks, begins the node anew and shows what came to its inbox: the log
that members read holds only what is public.
"""

from __future__ import annotations

import shutil
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from aiohttp import web

from node.app import start
from node.wiring import build_node
from storage.work import activities
from tests.doors.api import found, quick_settings
from tests.ports import unused_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from node.app import Serving

MOST_RECEIVED = 100


@dataclass
class Bench:
    """The node that serves now, none before the first; all of them begin with the files in `founded`."""

    founded: Path
    port: int
    numbers: Iterator[int]
    serving: Serving | None = None

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def anew(self, _: web.Request) -> web.Response:
        """A node that nobody has spoken with yet, at the same address and with the same keys."""
        await self.stop()
        folder = self.founded.with_name(f"node-{next(self.numbers)}")
        shutil.copytree(self.founded, folder)
        self.serving = await start(await build_node(quick_settings(folder, port=self.port)))
        return web.Response(status=204)

    async def received(self, _: web.Request) -> web.Response:
        """What came, newest first: `id`, `state` and `reason` of each activity."""
        assert self.serving is not None
        async with self.serving.node.store.read() as tx:
            rows = await activities.recent(tx, limit=MOST_RECEIVED)
        came = [row for row in rows if row.direction == "in"]
        return web.json_response([{"id": row.id, "state": row.state, "reason": row.reason} for row in came])

    async def stop(self) -> None:
        if self.serving is not None:
            await self.serving.stop()
            self.serving = None


@asynccontextmanager
async def open_bench(folder: Path) -> AsyncIterator[tuple[Bench, str]]:
    """A bench, and the address for its driver."""
    bench = Bench(folder / "founded", unused_port(), count(1))
    bench.founded.mkdir()
    await found(quick_settings(bench.founded, port=bench.port))
    app = web.Application()
    app.add_routes([web.post("/anew", bench.anew), web.get("/received", bench.received)])
    runner, port = web.AppRunner(app, shutdown_timeout=1), unused_port()
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield bench, f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()
        await bench.stop()
