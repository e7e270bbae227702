"""A founded node on a real port and a browser in front of it, for the tests of this folder.

Pictures are kept in a folder of the run's temporary directory, to be looked at.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import async_playwright

from tests.doors.api import Served, quick_settings, served_node

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playwright.async_api import Browser, Playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


def _browser_path() -> str:
    found = os.environ.get("ROCHDALE_TEST_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        reason = f"no browser: none of {', '.join(BROWSERS)} is installed"
        if os.environ.get("CI", "").lower() in {"1", "true", "yes"}:
            pytest.fail(reason)
        pytest.skip(reason)
    return found


async def opened_browser(tool: Playwright) -> Browser:
    """A headless Chromium; the test is skipped where there is none, except in CI, where that is a failure."""
    return await tool.chromium.launch(executable_path=_browser_path(), args=list(FLAGS))


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A headless Chromium."""
    async with async_playwright() as tool:
        opened = await opened_browser(tool)
        yield opened
        await opened.close()


@pytest.fixture
async def house(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Served]:
    """The co-op Gràcia with its operator ada and its member blai."""
    told: dict[str, Any] = {"database_url": sqlite_url}
    async with served_node(quick_settings(tmp_path / "node", **told)) as served:
        yield served


@pytest.fixture
async def long_named_house(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Served]:
    """A co-op whose name has a word no phone has room for."""
    settings = quick_settings(tmp_path / "node", database_url=sqlite_url)
    async with served_node(settings, name=f"{'Wohnungsbau' * 5}genossenschaft der Nachbarschaft") as served:
        yield served


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots of this run are kept."""
    return tmp_path_factory.mktemp("pictures", numbered=False)
