"""The embedded alarm clock stops whenever it is told to, and at nothing else."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import sqlalchemy as sa
from structlog.testing import capture_logs

from node import in_process
from node.in_process import InProcessWorker
from node.wiring import build_node, close_node
from storage.work import activities, intake
from tests.doors.api import found, quick_settings
from tests.storage.samples import activity

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest


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
                await asyncio.sleep(0.01)
            worker.wake()
            await worker.stop()

    await close_node(node)


async def test_a_worker_goes_on_after_a_database_that_was_away(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_process, "PAUSE_SECONDS", 0.01)
    settings = quick_settings(tmp_path / "node", database_url=database_url, sweep_seconds=1000)
    await found(settings)
    node, worker = (await build_node(settings)).node, InProcessWorker()
    worker.start(node)
    await worker.caught_up()

    async with node.store.write() as tx:
        await tx.execute(sa.text("ALTER TABLE jobs RENAME TO jobs_elsewhere"))
    with capture_logs() as said:
        worker.wake()
        async with asyncio.timeout(20):
            while not any(line["event"] == "background work waits" for line in said):  # noqa: ASYNC110  # of the log
                await asyncio.sleep(0.01)
    async with node.store.write() as tx:
        await tx.execute(sa.text("ALTER TABLE jobs_elsewhere RENAME TO jobs"))
        await activities.add(tx, activity("1", type="Like", raw='{"id": "1", "type": "Like", "actor": "a"}'))
    worker.wake()
    async with asyncio.timeout(20):
        await worker.caught_up()

    async with node.store.read() as tx:
        assert await intake.arrived(tx, limit=1) == ()
    await worker.stop()
    await close_node(node)
