"""The same story in grown mode: PostgreSQL for rows, Redis for what may be lost, Celery workers for the work."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from node.demo.hosts import OneProcess, write_settings
from tests.measuring import COUNTED
from tests.scenarios import iberia

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from node.settings import Settings


@dataclass
class Grown:
    """Web doors in this process, and for each node a Celery worker with its own clock as a process beside it."""

    web: OneProcess = field(default_factory=OneProcess)
    workers: list[asyncio.subprocess.Process] = field(default_factory=list)

    async def start(self, settings: Settings) -> None:
        """Serve a node and start its worker."""
        write_settings(settings)
        command = [
            sys.executable,
            "-m",
            "node",
            "worker",
            "--beat",
            "--processes",
            "1",
            "--data",
            str(settings.data_dir),
        ]
        with (settings.data_dir / "worker.log").open("wb") as log:
            environment = {**os.environ, **({} if self.workers else COUNTED)}  # the others run the same lines
            worker = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log, env=environment)
            self.workers.append(worker)
        await self.web.start(settings)

    async def stop(self) -> None:
        """Stop the doors, then the workers."""
        await self.web.stop()
        for worker in self.workers:
            worker.terminate()
        await asyncio.gather(*(worker.wait() for worker in self.workers))


@pytest.mark.timeout(900)
async def test_the_story_in_grown_mode_ends_in_the_same_decision(
    tmp_path: Path, redis_url: str, fresh_postgresql_url: Callable[[], str]
) -> None:
    host = Grown()

    played = await iberia.play(
        host,
        tmp_path,
        base_port=23100,
        progress=lambda *_: None,
        worker="celery",
        redis_url=redis_url,
        database_url=lambda _handle: fresh_postgresql_url(),
        database_pool_size=2,
    )

    assert all(worker.returncode == 0 for worker in host.workers)
    iberia.check_outcomes(played)
    await iberia.check_rows(played)
