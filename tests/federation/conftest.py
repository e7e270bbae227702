"""A town for each test: the main stories on both engines, those in rooms of their own on one, half of them on each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

import pytest
from aiohttp import ClientSession, CookieJar

from tests.doors.peers import Peer, peer
from tests.federation.town import Town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


ENGINES = ("sqlite", "postgresql")
HERE = Path(__file__).parent
TOLD_ONCE = frozenset({"community", "counting", "ends", "neighbours", "reliefs", "test_modes_on_nodes.py"})


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the second engine of stories that are told once; which one it is depends on the test's name alone."""
    left_out = [item for item in items if _is_told_already(item)]
    if left_out:
        items[:] = [item for item in items if item not in set(left_out)]
        config.hook.pytest_deselected(items=left_out)


def _is_told_already(item: pytest.Item) -> bool:
    told = getattr(item, "callspec", None)
    engine = told.params.get("town") if told else None
    if engine is None or not item.path.is_relative_to(HERE) or item.path.relative_to(HERE).parts[0] not in TOLD_ONCE:
        return False
    story = item.name.replace("sqlite", "").replace("postgresql", "")
    return bool(engine != ENGINES[crc32(story.encode()) % len(ENGINES)])


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
