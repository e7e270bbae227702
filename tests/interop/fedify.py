"""A live Fedify server, started, told what to do and asked what it saw; called by the tests here and the benchmarks."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from aiohttp import ClientSession

from tests.ports import unused_port

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tests.interop.npm import Installed

T = TypeVar("T")

START_SECONDS = 30.0
PATIENCE_SECONDS = 15.0
CAVAGE = "draft-cavage-http-signatures-12"
RFC9421 = "rfc9421"
FIRST_KNOCKS = (CAVAGE, RFC9421)


@dataclass(frozen=True, slots=True)
class Fedify:
    """One Fedify server with one actor. `pid` is its process."""

    origin: str
    first_knock: str
    pid: int

    @property
    def actor(self) -> str:
        return f"{self.origin}/users/fedi"

    @property
    def inbox(self) -> str:
        return f"{self.actor}/inbox"

    async def told(self, order: str, **words: Any) -> str:
        """The id of the activity that Fedify sent; AssertionError with its words when it could not."""
        return str((await self._ordered(order, words))["id"])

    async def proven(self, **words: Any) -> dict[str, Any]:
        """A Create of a note with Fedify's own proof, which it sends to nobody."""
        return dict((await self._ordered("prove", words))["activity"])

    async def _ordered(self, order: str, words: Mapping[str, Any]) -> Mapping[str, Any]:
        async with ClientSession() as http, http.post(f"{self.origin}/control/{order}", json=words) as answer:
            said: Mapping[str, Any] = await answer.json()
        assert answer.status == 200, said["error"]
        return said

    async def shown(self, what: str) -> Any:
        """What Fedify says at /control: `received`, `asked`, `sent` or `handled`."""
        async with ClientSession() as http, http.get(f"{self.origin}/control/{what}") as answer:
            return await answer.json()

    async def received(self, kind: str, *, sender: str) -> Mapping[str, Any]:
        """The first activity of that type that Fedify accepted from an actor; waits for it."""

        async def look() -> Mapping[str, Any] | None:
            rows = await self.shown("received")
            return next((row for row in rows if row["type"] == kind and row["body"]["actor"] == sender), None)

        return await eventually(look)

    async def knocks(self, origin: str) -> Sequence[tuple[str, int]]:
        """(scheme, status) of every POST that Fedify made to a node."""
        return [
            (one["scheme"], one["status"]) for one in await self.shown("sent") if one["url"].startswith(f"{origin}/")
        ]


async def eventually(look: Callable[[], Awaitable[T | None]]) -> T:
    """What `look` returns once it is something; AssertionError after fifteen seconds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (seen := await look()):
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.05)
    return seen


@contextmanager
def serve_fedify(
    installed: Installed, *, first_knock: str = CAVAGE, database: Path | None = None, challenges: bool = False
) -> Iterator[Fedify]:
    """A Fedify server on a free port; what it accepts is in memory unless it is given a database."""
    port = unused_port()
    told = {"PORT": str(port), "FIRST_KNOCK": first_knock, **({"DB": str(database)} if database else {})}
    told |= {"CHALLENGE": "1"} if challenges else {}
    command = [str(installed.node), "--disable-warning=ExperimentalWarning", "server.mjs"]
    with subprocess.Popen(
        command, cwd=installed.folder, env=os.environ | told, stdout=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            _wait_for(port, process)
            yield Fedify(f"http://127.0.0.1:{port}", first_knock, process.pid)
        finally:
            process.terminate()
            process.wait(10)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        time.sleep(0.05)
    raise RuntimeError(f"Fedify did not start; exit code {process.poll()}")
