"""What the database said a moment ago, for what every request asks: read by one for all, and seldom waited for.

Used by receive.gate and peers.policy.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")
FRESH = timedelta(seconds=1)
STALE = timedelta(seconds=2)


@dataclass(slots=True)
class Recent(Generic[T]):
    """What `read` found: for a second as it is, for another one while it is read anew, and after that it is waited for.

    Under load nobody waits, then; a process at rest reads nothing.
    """

    read: Callable[[], Awaitable[T]]
    clock: Callable[[], datetime]
    found: tuple[datetime, T] | None = None
    _reading: asyncio.Task[None] | None = None

    async def get(self) -> T:
        """What is known; raises what `read` raises to those who have to wait."""
        known, now = self.found, self.clock()
        if known is not None and now - known[0] < FRESH:
            return known[1]
        reading = self._begin(now)
        if known is not None and now - known[0] < STALE:
            return known[1]
        await asyncio.shield(reading)
        while self.found is None:  # somebody changed it meanwhile
            await asyncio.shield(self._begin(self.clock()))
        return self.found[1]

    def forget(self) -> None:
        """Read again before the next answer, after a change; what is being read may be from before it."""
        self.found = self._reading = None

    def _begin(self, now: datetime) -> asyncio.Task[None]:
        if self._reading is None:
            self._reading = asyncio.create_task(self._read(now), name="recent")
            self._reading.add_done_callback(_looked_at)
        return self._reading

    async def _read(self, now: datetime) -> None:
        own = asyncio.current_task()
        try:
            found = await self.read()
            if self._reading is own:
                self.found = now, found
        finally:
            if self._reading is own:
                self._reading = None


def _looked_at(task: asyncio.Task[None]) -> None:
    """Whoever waits is told of a fault; when nobody does, the next who asks reads again."""
    if not task.cancelled():
        task.exception()
