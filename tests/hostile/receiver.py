"""The receive pipeline of a whole node without its HTTP, for fuzzing: bytes in, what became of them out.

Called by test_fuzz_receive and by the atheris harness. Every name resolves to an address nobody may connect to.
"""

from __future__ import annotations

import asyncio
import ipaddress
import itertools
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from aiohttp.abc import AbstractResolver, ResolveResult

from federation.errors import FetchFailure, NotYet, WireError
from federation.fetch.actors import read_actor
from federation.fetch.client import PeerClient
from federation.http.problems import status_of
from federation.peers import directory
from federation.ports import Backlog
from federation.receive.dispatch import dispatch_activity
from federation.receive.gate import WireRequest, check_headers
from federation.receive.pipeline import receive
from identity.errors import IdentityError
from node.wiring import build_node, close_node
from storage.neighbours import follows
from storage.records import FollowRecord
from storage.work import activities
from tests.doors.api import Clock, found, quick_settings
from tests.doors.peers import ACTIVITY, NOON, Peer, Wire

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from node.context import Node

PEER = "https://hostile.example"
FOLLOWED = "https://followed.example"
PRIVATE = ("127.0.0.1", "10.0.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "192.168.0.1", "::1", "fd00::1")
ACCEPTED, CLIENT_FAULT, SERVER_FAULT = 202, 400, 500


class PrivateNames(AbstractResolver):
    """A hostile name server: everything lies inside the network of whoever asks."""

    def __init__(self) -> None:
        self._addresses = itertools.cycle(PRIVATE)

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
        address = next(self._addresses)
        return [ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None:
        return None


connected: list[object] = []
"""The network addresses this process connected to while it listened."""
_listening = [False]


def _listen(event: str, arguments: tuple[Any, ...]) -> None:
    if _listening[0] and event == "socket.connect" and isinstance(arguments[1], tuple):
        connected.append(arguments[1])


sys.addaudithook(_listen)


@contextmanager
def listening() -> Iterator[list[object]]:
    """What is connected to inside the block, by any code of this process."""
    connected.clear()
    _listening[0] = True
    try:
        yield connected
    finally:
        _listening[0] = False


@dataclass(eq=False)
class Receiver:
    """A node that knows two peers' keys and follows one of them."""

    node: Node
    peer: Peer = field(default_factory=lambda: Peer(PEER, "hostile", {}))
    followed: Peer = field(default_factory=lambda: Peer(FOLLOWED, "followed", {}))
    runner: asyncio.Runner = field(default_factory=asyncio.Runner)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def take(self, body: bytes, headers: Mapping[str, str]) -> int:
        """The status this request is answered with, its handler run; anything but a defined refusal passes through."""
        return self.runner.run(self._take(body, headers))

    def headers_for(self, body: bytes, how: str) -> Mapping[str, str]:
        """Headers of a request signed as `how` says: cavage, message, or none."""
        wire = Wire(self.node.federation, _clock(), None)  # type: ignore[arg-type]  # nothing is sent over it
        match how:
            case "cavage":
                return self.peer.signed_headers(wire, body)
            case "message":
                return {name.lower(): value for name, value in self.peer.message_headers(wire, body).items()}
            case "relay":
                return self.followed.signed_headers(wire, body)
        return {"content-type": ACTIVITY, "host": wire.authority}

    async def _take(self, body: bytes, headers: Mapping[str, str]) -> int:
        federation = self.node.federation
        federation.backlog.found = NOON, Backlog()
        request = WireRequest(
            method="POST", target="/inbox", headers=headers, body=body, remote="", received_at=federation.clock()
        )
        try:
            check_headers(headers)
            await receive(federation, request)
        except (WireError, IdentityError) as refusal:
            return status_of(refusal)
        await self._dispatch()
        return ACCEPTED

    async def _dispatch(self) -> None:
        async with self.node.store.read() as tx:
            recorded = [row.id for row in await activities.recent(tx, limit=3) if row.state == "recorded"]
        for activity_id in recorded:
            try:
                await dispatch_activity(self.node.federation, activity_id)
            except (NotYet, FetchFailure):
                continue

    def close(self) -> None:
        self.runner.run(close_node(self.node))
        self.runner.close()


def _clock() -> Any:
    return Clock()


def open_receiver(folder: Path, database_url: str = "") -> Receiver:
    """A founded node, serving nobody."""
    runner = asyncio.Runner()
    node = runner.run(_opened(folder, database_url))
    made = Receiver(node, runner=runner)
    runner.run(_introduce(made))
    return made


async def _opened(folder: Path, database_url: str) -> Node:
    settings = quick_settings(folder, database_url=database_url)
    await found(settings)
    node = (await build_node(settings, clock=Clock())).node
    federation = node.federation
    federation.client = PeerClient(limits=federation.limits, resolver=PrivateNames())
    federation.signing = replace(federation.signing, client=federation.client)
    federation.fetcher = replace(federation.fetcher, client=federation.client, signing=federation.signing)
    return node


async def _introduce(receiver: Receiver) -> None:
    federation = receiver.node.federation
    for one in (receiver.peer, receiver.followed):
        await directory.remember(federation, read_actor(one.actor(), now=NOON))
    record = FollowRecord(
        id="f", direction="out", actor_id=receiver.followed.actor_id, activity_id="f", created_at=NOON, state="accepted"
    )
    async with federation.store.write() as tx:
        await follows.save(tx, record)


def is_private(address: object) -> bool:
    """Whether a connected (host, port) lies outside the public network."""
    return not ipaddress.ip_address(str(address[0])).is_global if isinstance(address, tuple) else True
