"""500 dead peers do not keep five live ones waiting: real sockets, a real worker (P14)."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from federation.receive.origins import host_of
from node.app import start
from node.outbound import post
from node.wiring import build_node
from storage.neighbours import follows, peers, unreachable_hosts
from storage.records import FollowRecord, PeerRecord
from tests.doors.api import found, quick_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from node.context import Node

DEAD, LIVE, SAID = 500, 5, 5
PATIENCE_SECONDS = 60


@dataclass
class Mailbox:
    """A live peer: when each activity arrived, by its id."""

    origin: str
    arrived: dict[str, float] = field(default_factory=dict)


@asynccontextmanager
async def mailbox() -> AsyncIterator[Mailbox]:
    async def take(request: web.Request) -> web.Response:
        document = json.loads(await request.read())
        made.arrived.setdefault(document["id"], time.monotonic())
        return web.Response(status=202)

    app = web.Application()
    app.router.add_post("/inbox", take)
    async with TestServer(app, host="127.0.0.1") as server:
        made = Mailbox(f"http://127.0.0.1:{server.port}")
        yield made


def silent_origins(listener: socket.socket) -> Iterator[str]:
    """Addresses of this machine where somebody listens who never answers: each a host of its own."""
    port = listener.getsockname()[1]
    return (f"http://127.1.{number // 250}.{number % 250 + 1}:{port}" for number in range(DEAD))


async def test_live_peers_hear_at_once_what_dead_ones_never_take(tmp_path: Path) -> None:
    settings = quick_settings(tmp_path)
    await found(settings)
    async with AsyncExitStack() as stack:
        live = [await stack.enter_async_context(mailbox()) for _ in range(LIVE)]
        listener = stack.enter_context(socket.create_server(("0.0.0.0", 0), backlog=4096))
        serving = await start(await build_node(settings))
        stack.push_async_callback(serving.stop)
        node = serving.node
        await followed_by(node, [*silent_origins(listener), *(box.origin for box in live)])

        said = [await say(node, number) for number in range(SAID)]
        await until(lambda: heard_by(live, SAID))
        delays = sorted(_delays(live, said))
        await until(lambda: all_known_dead(node))
        last = await say(node, SAID)
        await until(lambda: heard_by(live, SAID + 1))

    assert delays[int(len(delays) * 0.95)] < 5, delays
    assert max(max(box.arrived.values()) for box in live) - last < 5


async def say(node: Node, number: int) -> float:
    """The moment after a document was published to all followers."""
    async with node.store.write() as tx:
        document = {"id": f"{node.origin}/offers/{number}", "type": "Note", "content": "Hammer"}
        await post.create(tx, node, document, ordering_key=document["id"])
    return time.monotonic()


async def until(look: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await look():  # noqa: ASYNC110  # what happens in rows gives no event
            await asyncio.sleep(0.05)


def _delays(live: Iterable[Mailbox], said: Sequence[float]) -> Iterator[float]:
    for box in live:
        for moment, arrived in zip(said, sorted(box.arrived.values()), strict=True):
            yield arrived - moment


async def heard_by(live: Iterable[Mailbox], count: int) -> bool:
    return all(len(box.arrived) == count for box in live)


async def all_known_dead(node: Node) -> bool:
    async with node.store.read() as tx:
        return len(await unreachable_hosts.list(tx)) == DEAD


async def followed_by(node: Node, origins: Iterable[str]) -> None:
    now = node.clock()
    async with node.store.write() as tx:
        for origin in origins:
            actor: dict[str, Any] = {"actor_id": f"{origin}/body", "host": host_of(origin), "fetched_at": now}
            inbox = f"{origin}/inbox"
            await peers.save(tx, PeerRecord(kind="other", inbox=inbox, shared_inbox=inbox, document={}, **actor))
            follow: dict[str, Any] = {
                "actor_id": f"{origin}/body", "activity_id": f"{origin}/follow", "created_at": now
            }  # fmt: skip
            await follows.save(tx, FollowRecord(id=f"{origin}/follow", direction="in", state="accepted", **follow))
