"""A whole node under siege: a hostile peer that can sign, a resolver that knows nobody, and a watch on every effect.

Called by the tests of this folder.
"""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from aiohttp import ClientSession, CookieJar
from aiohttp.abc import AbstractResolver
from structlog.testing import capture_logs

from federation.fetch.client import PeerClient
from node.app import start
from node.jobs import run_batch
from node.wiring import Running, build_node
from storage.tables import metadata
from storage.work import activities
from tests.doors.api import PASSPHRASE, Client, found, quick_settings
from tests.doors.peers import ACTIVITY, Answer, Clock, Peer, Wire, as_bytes, peer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    import pytest
    from aiohttp.abc import ResolveResult

    from node.context import Node

CPU_SECONDS = 20.0  # what one piece of bad input may cost, though every line be traced for coverage
"""Generous: what is measured here takes milliseconds, and what it guards against takes minutes."""
MOST_ROUNDS = 200
LEARNED = frozenset({"peers", "peer_keys", "tombstones"})
"""Tables that what has no effect may still fill: whose key was asked for, and what its owner deleted early."""


@dataclass
class NoNames(AbstractResolver):
    """A name server that knows nobody and remembers who was asked for; no packet leaves the machine."""

    asked: list[str] = field(default_factory=list)

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
        self.asked.append(host)
        raise OSError(f"{host}, port {port}, family {family} is not known here")

    async def close(self) -> None:
        return None


@dataclass
class Siege:
    """`node` is attacked by `there`, whose key the node already knows; nothing runs until `settle`."""

    node: Node
    people: dict[str, Client]
    there: Peer
    wire: Wire
    names: NoNames

    async def post(self, body: bytes, headers: Mapping[str, str], *, path: str = "/inbox") -> Answer:
        return await self.wire.post(body, headers, path=path)

    async def signed(self, body: bytes, **changes: Any) -> Answer:
        """The answer to these bytes under a good signature of the peer."""
        return await self.post(body, self.there.signed_headers(self.wire, body, **changes))

    async def send(self, document: Mapping[str, Any]) -> Answer:
        return await self.signed(as_bytes(document))

    async def proven(self, document: Mapping[str, Any]) -> Answer:
        """The answer to a document that carries a proof of the peer and comes without signature."""
        return await self.post(as_bytes(self.there.proven(document)), {"Content-Type": ACTIVITY})

    async def fate(self, activity_id: str) -> tuple[str, str | None]:
        """What became of a recorded activity once its job has run: state and reason; ("absent", None) without one."""
        await self.settle()
        async with self.node.store.read() as tx:
            row = await activities.find(tx, activity_id)
        return (row.state, row.reason) if row is not None else ("absent", None)

    async def settle(self) -> None:
        """Run the due job rows until there are none."""
        for _ in range(MOST_ROUNDS):
            if not await run_batch(self.node, 50, "siege"):
                return
        raise AssertionError("the node never comes to rest")

    def rows(self) -> Counter[str]:
        """How many rows each table holds, but for what was learned about peers."""
        path = self.node.settings.store_url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            names = [name for name in metadata.tables if name not in LEARNED]
            return Counter({name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names})

    @asynccontextmanager
    async def nothing_happens(self, logs: pytest.LogCaptureFixture, *, kept: int = 0) -> AsyncIterator[None]:
        """Nobody is asked, nothing is stored but `kept` activities, no fault is logged, and it costs little."""
        rows, asked, names = self.rows(), self.there.asked.total(), list(self.names.asked)
        logs.clear()
        with capture_logs() as said:
            began = time.process_time()
            yield
            await self.settle()
            spent = time.process_time() - began
        faults = [line for line in said if line["log_level"] in {"error", "critical"} or "exc_info" in line]
        assert (
            faults + [record.getMessage() for record in logs.records if record.levelname in {"ERROR", "CRITICAL"}] == []
        )
        assert said == [], "a job failed, and would fail for ever"
        assert (self.there.asked.total(), self.names.asked) == (asked, names), "somebody was asked"
        assert self.rows() - rows == (Counter(activities=kept) if kept else Counter())
        assert spent < CPU_SECONDS

    def names_of(self, **more: str) -> dict[str, str]:
        """What `{here}`, `{there}` and `{actor}` stand for in a table of inputs."""
        origin = self.node.origin
        return {"here": origin, "there": self.there.origin, "actor": self.there.actor_id, **more}


def filled(value: Any, names: Mapping[str, str]) -> Any:
    """The value with `{name}` in every text of it replaced."""
    if isinstance(value, str):
        for name, text in names.items():
            value = value.replace("{" + name + "}", text)
        return value
    if isinstance(value, dict):
        return {filled(name, names): filled(member, names) for name, member in value.items()}
    return [filled(member, names) for member in value] if isinstance(value, list) else value


@asynccontextmanager
async def siege(folder: Path, database_url: str, **said: Any) -> AsyncIterator[Siege]:
    """A founded node with the operator ada and the member blai, and a peer whose first activity was taken."""
    settings, names = quick_settings(folder, database_url=database_url), NoNames()
    await found(settings, **said)
    node = (await build_node(settings, clock=Clock())).node
    federation, limits = node.federation, node.federation.limits
    federation.client = PeerClient(limits=limits, allow_loopback=True, resolver=names)
    federation.signing = replace(federation.signing, client=federation.client)
    federation.fetcher = replace(federation.fetcher, client=federation.client, signing=federation.signing)
    serving = await start(Running(node, None))
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as http, peer("hostile") as there:
        made = Siege(node, await _people(node, http), there, Wire(federation, Clock(), http), names)
        greeting = there.activity(id=f"{there.origin}/activities/greeting", type="Like", object=node.body.actor_id)
        assert (await made.send(greeting)).status == 202
        assert await made.fate(greeting["id"]) == ("dispatched", "ignored")
        yield made
    await serving.stop()


async def _people(node: Node, http: ClientSession) -> dict[str, Client]:
    anybody = Client(http, f"{node.origin}/api/v1")
    ada = await anybody.sign_in("ada")
    await ada.post("members", {"name": "blai", "display_name": "Blai", "passphrase": PASSPHRASE})
    return {"anybody": anybody, "ada": ada, "blai": await anybody.sign_in("blai")}
