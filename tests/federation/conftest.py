"""A town for each test: the main stories on both engines, those in rooms of their own on one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession, CookieJar

from tests.databases import ENGINES
from tests.doors.peers import Peer, peer
from tests.federation.town import Town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture(params=ENGINES)
async def town(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Town]:
    """No node yet."""
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as http:
        built = Town(tmp_path, request.getfixturevalue(f"fresh_{request.param}_url"), http)
        yield built
        await built.close()


@pytest.fixture
async def stranger() -> AsyncIterator[Peer]:
    async with peer("stranger") as served:
        yield served
