"""One besieged node for each module: what one attack leaves behind, the next one meets."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest_asyncio

from tests.hostile.siege import Siege, siege

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import pytest


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def besieged(_migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Siege]:
    """The co-op Gràcia, its worker run by the tests, and a peer that means it no good."""
    folder = tmp_path_factory.mktemp("siege")
    shutil.copyfile(_migrated_sqlite, folder / "node.db")
    async with siege(folder / "data", f"sqlite:///{folder / 'node.db'}") as made:
        yield made
