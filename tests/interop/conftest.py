"""A node of ours that serves, and a live Fedify beside it for each signature scheme; called by pytest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest

from node.app import start
from node.demo.client import Door
from node.wiring import build_node
from tests.conftest import in_ci
from tests.doors.api import PASSPHRASE, found, quick_settings
from tests.interop import npm
from tests.interop.fedify import FIRST_KNOCKS, Fedify, serve_fedify

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from node.context import Node


def demanded(peer: str) -> npm.Installed:
    """The installed peer; without one the test is skipped, or fails where CI could have installed it."""
    found_peer = npm.installed(peer)
    if isinstance(found_peer, npm.Installed):
        return found_peer
    if in_ci() and npm.has_npm():
        pytest.fail(found_peer.reason)
    pytest.skip(found_peer.reason)


@pytest.fixture(scope="session", params=FIRST_KNOCKS)
def fedify(request: pytest.FixtureRequest) -> Iterator[Fedify]:
    """A Fedify server that tries one scheme before the other with hosts it does not know."""
    with serve_fedify(demanded("fedify"), first_knock=request.param) as served:
        yield served


@pytest.fixture(scope="session")
def wary_fedify() -> Iterator[Fedify]:
    """A Fedify server that believes an HTTP signature only with a nonce that it gave."""
    with serve_fedify(demanded("fedify"), challenges=True) as served:
        yield served


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    """A co-op's node that serves on loopback."""
    settings = quick_settings(tmp_path, retry_base_seconds=0.2, retry_cap_seconds=1.0, shortest_window_seconds=1)
    await found(settings)
    running = await build_node(settings)
    serving = await start(running)
    yield running.node
    await serving.stop()


@pytest.fixture
async def coop(node: Node) -> AsyncIterator[Door]:
    """Its operator, signed in."""
    async with aiohttp.ClientSession() as http:
        door = Door(http, node.origin)
        await door.sign_in("ada", PASSPHRASE)
        yield door
