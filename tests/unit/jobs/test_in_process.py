"""The embedded alarm clock stops whenever it is told to, also when it is woken in the same moment."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from node.in_process import InProcessWorker
from node.wiring import build_node, close_node
from tests.doors.api import found, quick_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


async def test_a_worker_woken_while_it_is_stopped_stops(tmp_path: Path, fresh_sqlite_url: Callable[[], str]) -> None:
    settings = quick_settings(tmp_path / "node", database_url=fresh_sqlite_url(), sweep_seconds=1000)
    await found(settings)
    node = (await build_node(settings)).node

    for turns in range(60):
        worker = InProcessWorker()
        worker.start(node)
        async with asyncio.timeout(20):
            await worker.caught_up()
            for _ in range(turns % 4):
                await asyncio.sleep(0)
            worker.wake()
            await worker.stop()

    await close_node(node)
