"""Short memory of a single process.

Chosen by the wiring where no Redis is given.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

V = TypeVar("V")


class _Fading(Generic[V]):
    """Values that end at a time; bounded, the oldest give way first."""

    def __init__(self, clock: Callable[[], float], max_entries: int) -> None:
        self._clock = clock
        self._max_entries = max_entries
        self._entries: OrderedDict[str, tuple[float, V]] = OrderedDict()

    def get(self, key: str) -> V | None:
        ends, value = self._entries.get(key, (None, None))
        if ends is None or ends <= self._clock():
            self._entries.pop(key, None)
            return None
        return value

    def put(self, key: str, value: V, ttl_seconds: int) -> None:
        self._entries.pop(key, None)
        self._entries[key] = (self._clock() + ttl_seconds, value)
        while len(self._entries) > self._max_entries:
            self._entries.popitem(last=False)

    def drop(self, key: str) -> None:
        self._entries.pop(key, None)

    def replace(self, key: str, value: V) -> None:
        """Change a living value without giving it more time."""
        ends, _ = self._entries[key]
        self._entries[key] = (ends, value)


class MemoryEphemeral:
    """Ephemeral in dictionaries; `clock` gives seconds that never run backwards."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, max_entries: int = 100_000) -> None:
        self._seen: _Fading[bool] = _Fading(clock, max_entries)
        self._hits: _Fading[int] = _Fading(clock, max_entries)
        self._values: _Fading[str] = _Fading(clock, max_entries)

    async def seen(self, key: str, ttl_seconds: int) -> bool:
        """See Ephemeral."""
        if self._seen.get(key) is not None:
            return True
        self._seen.put(key, True, ttl_seconds)
        return False

    async def forget(self, key: str) -> None:
        """See Ephemeral."""
        self._seen.drop(key)

    async def hit(self, key: str, limit: int, window_seconds: int) -> bool:
        """See Ephemeral."""
        hits = self._hits.get(key)
        if hits is None:
            self._hits.put(key, 1, window_seconds)
            return limit >= 1
        self._hits.replace(key, hits + 1)
        return hits < limit

    async def get(self, key: str) -> str | None:
        """See Ephemeral."""
        return self._values.get(key)

    async def put(self, key: str, value: str, ttl_seconds: int) -> None:
        """See Ephemeral."""
        self._values.put(key, value, ttl_seconds)

    async def close(self) -> None:
        """See Ephemeral."""
