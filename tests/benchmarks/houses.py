"""A founded node served by the product's own command, to be measured; called by the inbox and fan-out benchmarks."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from node.demo.hosts import write_settings
from tests.benchmarks.processes import served
from tests.doors.api import found, quick_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from node.settings import Settings

NO_LIMIT = 1_000_000_000


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
        state = "recorded" if undecided_only else "%"
        asked = "SELECT count(*) FROM activities WHERE direction = 'in' AND state LIKE ?"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            return int(database.execute(asked, (state,)).fetchone()[0])


@asynccontextmanager
async def house(folder: Path) -> AsyncIterator[House]:
    """A co-op's node as `rochdale serve` runs it, on SQLite, without limits on how much a peer may send."""
    settings = quick_settings(folder, inbox_per_minute=NO_LIMIT, inbox_backlog=NO_LIMIT)
    await found(settings)
    write_settings(settings)
    command = [sys.executable, "-m", "node", "serve", "--data", str(folder)]
    async with served(command, settings.listen_port, log=folder / "node.log") as pid:
        yield House(settings, pid)
