"""Requests over kept-alive connections, each sent once: as fast as they are answered, or so many a second.

Called by the inbox benchmark. Requests are raw HTTP/1.1, made beforehand, so that the load costs little.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CONNECTIONS = 32
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)


@dataclass(slots=True)
class Load:
    """What came back: how many of each status, and how long each request took, in seconds.

    With a `pace`, requests per second, each has its moment, and its time runs from then: lateness counts.
    """

    pace: float = 0.0
    began: float = 0.0
    sent: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.statuses.total() / self.seconds

    @property
    def p99_ms(self) -> float:
        """The latency that one request in a hundred exceeds."""
        return 1000 * sorted(self.latencies)[int(len(self.latencies) * 0.99)]


class _Connection(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes], load: Load) -> None:
        self.requests, self.load = requests, load
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.buffer, self.started = b"", 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop has its own class
        self._send()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if (size := answer_size(self.buffer)) is not None:
            self.load.latencies.append(time.perf_counter() - self.started)
            self.load.statuses[int(self.buffer[9:12])] += 1
            self.buffer = self.buffer[size:]
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server closed a connection"))

    def _send(self) -> None:
        request = next(self.requests, None)
        if request is None:
            self.done.set_result(None)
            self.transport.close()
            return
        now, self.load.sent = time.perf_counter(), self.load.sent + 1
        self.started = self.load.began + self.load.sent / self.load.pace if self.load.pace else now
        if self.started <= now:
            self.transport.write(request)
        else:
            asyncio.get_running_loop().call_later(self.started - now, self.transport.write, request)


def answer_size(buffer: bytes) -> int | None:
    """How many bytes the first answer in the buffer has, None while it is not all there."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = buffer[:end]
    if _CHUNKED.search(head):
        last = buffer.find(b"0\r\n\r\n", end + 2)
        return None if last < 0 else last + 5
    length = _LENGTH.search(head)
    size = end + 4 + (int(length[1]) if length else 0)
    return size if len(buffer) >= size else None


async def send_all(
    origin: str, requests: Sequence[bytes], *, connections: int = CONNECTIONS, pace: float = 0.0
) -> Load:
    """The load after every request was answered; `pace` per second, or without one as fast as they are answered."""
    started = time.perf_counter()
    where, load, waiting = urlsplit(origin), Load(pace=pace, began=started), iter(requests)
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda: _Connection(waiting, load), where.hostname or "", where.port or 80)
        for _ in range(min(connections, len(requests)))
    ]
    await asyncio.gather(*(connection.done for _, connection in made))
    load.seconds = time.perf_counter() - started
    return load
