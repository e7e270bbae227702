"""Which tests run on one database engine only: what they ask has no other answer on the other, half of them on each.

Every statement runs on both engines in tests/storage, every door in tests/doors, the main stories in tests/federation.
Called by pytest, as a plugin that tests/conftest.py names.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

from tests.databases import ENGINES

if TYPE_CHECKING:
    import pytest

CHOOSING = ("town", "database_url")
"""The fixtures that have an engine for a parameter."""
HERE = Path(__file__).parent
TOLD_ONCE = (
    "conformance",
    "federation/community",
    "federation/counting",
    "federation/ends",
    "federation/neighbours",
    "federation/reliefs",
    "federation/test_modes_on_nodes.py",
    "signatures",
    "unit/federation_wire",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the second engine of what is told once; which one it is depends on the test's name alone."""
    left_out = [item for item in items if _is_told_already(item)]
    if left_out:
        items[:] = [item for item in items if item not in set(left_out)]
        config.hook.pytest_deselected(items=left_out)


def _is_told_already(item: pytest.Item) -> bool:
    told = getattr(item, "callspec", None)
    engine = next((told.params[name] for name in CHOOSING if name in told.params), None) if told else None
    if engine is None or not any(item.path.is_relative_to(HERE / room) for room in TOLD_ONCE):
        return False
    story = item.name.replace("sqlite", "").replace("postgresql", "")
    return bool(engine != ENGINES[crc32(story.encode()) % len(ENGINES)])
