"""The rest of the fediverse on loopback: serves the actors of senders and counts what arrives at their inboxes.

Called by the inbox and fan-out benchmarks; runs in the benchmark's own process.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from aiohttp import web

from tests.benchmarks.rig.senders import ACTIVITY, Sender
from tests.ports import unused_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HOSTS = 50
WAIT_SECONDS = 300.0


@dataclass(slots=True)
class Fediverse:
    """Actors at addresses of this machine.

    `arrived` counts POSTs by inbox, `unsigned` those without a signature, `messages` those signed as RFC 9421 has it.
    """

    hosts: tuple[str, ...]
    port: int
    arrived: Counter[str] = field(default_factory=Counter)
    unsigned: int = 0
    messages: int = 0
    last: float = 0.0

    def sender(self, number: int) -> Sender:
        """The actor of that number; neighbours live on different hosts."""
        return Sender(f"http://{self.hosts[number % len(self.hosts)]}:{self.port}/{number}", number)

    def forget(self) -> None:
        """Count from nothing again."""
        self.arrived.clear()
        self.unsigned = self.messages = 0

    async def until_arrived(self, count: int) -> float:
        """The moment the last of `count` different inboxes got something; RuntimeError after five minutes."""
        deadline = time.perf_counter() + WAIT_SECONDS
        while len(self.arrived) < count:
            if time.perf_counter() > deadline:
                raise RuntimeError(f"only {len(self.arrived)} of {count} inboxes were reached")
            await asyncio.sleep(0.005)
        return self.last

    async def take(self, request: web.Request) -> web.Response:
        """202 for whatever is posted."""
        await request.read()
        self.last = time.perf_counter()
        self.arrived[request.host + request.path] += 1
        self.unsigned += "Signature" not in request.headers
        self.messages += "Signature-Input" in request.headers
        return web.Response(status=202)

    async def show(self, request: web.Request) -> web.Response:
        """The actor document."""
        return web.Response(body=self._document(int(request.match_info["number"])), content_type=ACTIVITY)

    def _document(self, number: int) -> bytes:
        return _serialised(self.sender(number))


@cache
def _serialised(sender: Sender) -> bytes:
    return json.dumps(sender.document()).encode()


@asynccontextmanager
async def fediverse() -> AsyncIterator[Fediverse]:
    """Served until left. On Linux every host has an address of its own, elsewhere they share one."""
    port = unused_port()
    app = web.Application()
    runner = web.AppRunner(app, access_log=None)
    hosts = await _addresses(port)
    made = Fediverse(hosts, port)
    app.add_routes([web.get("/{number:\\d+}", made.show), web.post("/{number:\\d+}/inbox", made.take)])
    await runner.setup()
    for host in hosts:
        await web.TCPSite(runner, host, port).start()
    try:
        yield made
    finally:
        await runner.cleanup()


async def _addresses(port: int) -> tuple[str, ...]:
    try:
        probe = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.2", port)
    except OSError:
        return ("127.0.0.1",)
    probe.close()
    await probe.wait_closed()
    return tuple(f"127.0.0.{2 + number}" for number in range(HOSTS))
