"""A founded node served by the product's own command, to be measured, also while it has nothing to do.

Called by the inbox and fan-out benchmarks, and by `__main__`.
"""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from node.demo.hosts import write_settings
from tests.benchmarks.rig.processes import START_SECONDS, cpu_seconds, listeners, measured_core, peak_mib, served
from tests.benchmarks.rig.rows import Figure, Row, Scale
from tests.doors.api import found, quick_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from node.settings import Settings

NO_LIMIT = 1_000_000_000
REST_SECONDS = 1.0
LOOK_SECONDS = 0.02
LIBRARIES = "aiohttp.web, sqlalchemy.ext.asyncio, aiosqlite, cryptography.x509, pydantic_settings, structlog, jinja2"
BARE = f"import sys, {LIBRARIES}; print(flush=True); sys.stdin.read()"


@dataclass(frozen=True, slots=True)
class House:
    """A node in a process of its own."""

    settings: Settings
    pid: int

    @property
    def inbox(self) -> str:
        """The body's inbox."""
        return f"{self.settings.origin}/body/inbox"

    def received(self, *, undecided_only: bool = False) -> int:
        """How many activities of others are in its database; or only those that no handler was done with."""
        path = self.settings.store_url.removeprefix("sqlite:///")
        asked = "SELECT count(*) FROM activities WHERE direction = 'in'"
        if undecided_only:
            asked += " AND state IN ('recorded', 'queued')"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            return int(database.execute(asked).fetchone()[0])


@asynccontextmanager
async def house(folder: Path, **told: Any) -> AsyncIterator[House]:
    """A co-op's node as `rochdale serve` runs it with those settings, which takes whatever peers send."""
    settings, command = await founded(folder, **told)
    async with served(command, settings.listen_port, log=folder / "node.log") as pid:
        yield House(settings, pid)


@asynccontextmanager
async def another(node: House) -> AsyncIterator[int]:
    """The process id of a second web process of the same node, on another core where there is one."""
    settings = node.settings
    log = settings.data_dir / "another.log"
    async with served(_serving(settings), settings.listen_port, log=log, is_measured=False) as pid:
        async with asyncio.timeout(START_SECONDS):
            while listeners(settings.listen_port) < 2:  # noqa: ASYNC110  # it is another process
                await asyncio.sleep(LOOK_SECONDS)
        yield pid


async def founded(folder: Path, **told: Any) -> tuple[Settings, list[str]]:
    """The settings of a new co-op in that folder, and the command that serves it."""
    unlimited = ("inbox_per_minute", "inbox_backlog", "stranger_host_mib", "strangers_mib")
    settings = quick_settings(folder, **{**dict.fromkeys(unlimited, NO_LIMIT), **told})
    await found(settings)
    write_settings(settings)
    return settings, _serving(settings)


def _serving(settings: Settings) -> list[str]:
    return [sys.executable, "-m", "node", "serve", "--data", str(settings.data_dir)]


async def measure(_scale: Scale, say: Callable[[str], None]) -> list[Row]:
    """From the command to an open port, and the memory after a moment of rest, beside importing the libraries."""
    with tempfile.TemporaryDirectory() as name:
        say("our node starts and rests")
        ours = await _ours(Path(name))
    say("the libraries alone")
    return [
        Row(
            path="start of a node, and its memory at rest",
            unit="s",
            ours=ours,
            against="the same libraries, imported",
            limit=await asyncio.to_thread(_imported),
        )
    ]


async def _ours(folder: Path) -> Figure:
    settings, command = await founded(folder)
    started = time.perf_counter()
    async with served(command, settings.listen_port, log=folder / "node.log") as pid:
        seconds, computed = time.perf_counter() - started, cpu_seconds(pid)
        await asyncio.sleep(REST_SECONDS)
        return _figure(seconds, computed, pid)


def _imported() -> Figure:
    started = time.perf_counter()
    with measured_core():
        child = subprocess.Popen([sys.executable, "-c", BARE], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with child:
        assert child.stdout is not None
        child.stdout.readline()
        return _figure(time.perf_counter() - started, cpu_seconds(child.pid), child.pid)


def _figure(seconds: float, computed: float | None, pid: int) -> Figure:
    return Figure(value=seconds, cpu_ms=None if computed is None else 1000 * computed, peak_mib=peak_mib(pid))
