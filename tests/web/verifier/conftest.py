"""One browser for all tests of a module: each reader has a context of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio
from playwright.async_api import async_playwright

from tests.web.conftest import opened_browser

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    """A headless Chromium."""
    async with async_playwright() as tool:
        opened = await opened_browser(tool)
        yield opened
        await opened.close()
