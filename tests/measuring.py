"""What coverage follows: tests of one rule, row or door, on one engine; not what only walks where those have been.

While Python tells coverage of lines, it runs ours and every library's two to four times as slowly. So whole stories,
searches and hostile bytes run as fast as they can, and what a room's tests leave out shows in the room's measure.
Called by pytest, as a plugin that tests/conftest.py names.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from coverage import Coverage

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

MEASURED_PROCESSES = "COVERAGE_PROCESS_CONFIG"
"""Coverage tells the processes that a measured one starts what to count, by this variable."""
COUNTED = {name: value for name, value in os.environ.items() if name == MEASURED_PROCESSES}
"""What a process needs in its environment to be counted though the test that starts it is not."""
PACKAGES = ("node", "federation", "identity", "storage")
STARTS_SOMETHING = ("__main__", "migrations")
TESTS = Path(__file__).parent
UNMEASURED = (
    "architecture/test_benchmarks.py",
    "federation/faults",
    "federation/test_a_relief.py",
    "hostile",
    "interop",
    "property",
    "scenarios/test_grown.py",
    "scenarios/test_kill_nine.py",
    "unit/governance/test_evidence_mutations.py",
    "web/test_in_a_browser.py",
    "web/test_reliefs_in_a_browser.py",
    "web/verifier",
)
"""Rooms of tests that coverage does not follow; the processes they start are not counted either."""
MEASURED_YET = (
    "hostile/test_ballots_and_lives.py",
    "hostile/test_documents.py",
    "hostile/test_ids.py",
    "property/test_governance_evidence.py",
    "property/test_relief_plans.py",
)
"""What in those rooms walks where no other tests go."""
STORIES = ("federation/counting", "federation/ends", "federation/reliefs")
FIRST_OF_A_FILE = 5
"""So many stories of each file are measured: later ones set the same scene, and differ in what comes of it."""


@contextmanager
def unmeasured() -> Iterator[None]:
    """What runs in here, or in processes started in here, is not counted and so not slowed."""
    here, of_processes = sys.gettrace(), os.environ.get(MEASURED_PROCESSES)
    if of_processes is None:
        yield
        return
    sys.settrace(None)
    del os.environ[MEASURED_PROCESSES]
    try:
        yield
    finally:
        os.environ[MEASURED_PROCESSES] = of_processes
        sys.settrace(here)


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Read our modules measured, for their lines outside functions, then the tests and all they bring along not."""
    runs_tests = hasattr(session.config, "workerinput") or not getattr(session.config.option, "numprocesses", None)
    if runs_tests and sys.gettrace() is not None:
        _import_all()
    with unmeasured():
        return (yield)


def _import_all() -> None:
    for package in PACKAGES:
        for found in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if not any(word in found.name for word in STARTS_SOMETHING):
                importlib.import_module(found.name)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Mark what is not measured: whole rooms, later stories, and on PostgreSQL what SQLite has shown but for rows."""
    told = {item.nodeid for item in session.items}
    stories: dict[Path, set[str]] = defaultdict(set)
    for item in session.items:
        first = item.nodeid.replace("postgresql", "sqlite")
        is_twin = first != item.nodeid and first in told and not _stands_in(item, ("storage",))
        is_left_out = _stands_in(item, UNMEASURED) and not _stands_in(item, MEASURED_YET)
        if is_twin or is_left_out or (_stands_in(item, STORIES) and _is_late(item, stories[item.path])):
            item.add_marker("unmeasured")


def _stands_in(item: pytest.Item, rooms: tuple[str, ...]) -> bool:
    return any(item.path.is_relative_to(TESTS / room) for room in rooms)


def _is_late(item: pytest.Item, begun: set[str]) -> bool:
    """Whether so many stories of its file have begun, or this one with other parameters."""
    name = item.name.partition("[")[0]
    if name in begun or len(begun) == FIRST_OF_A_FILE:
        return True
    begun.add(name)
    return False


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """A test with the mark `unmeasured` only walks where others have been."""
    if item.get_closest_marker("unmeasured") is None:
        return (yield)
    with unmeasured():
        return (yield)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process beside the first one keeps its coverage before it says that it is done: then it may be killed."""
    measuring = Coverage.current() if hasattr(session.config, "workerinput") else None
    if measuring is not None:
        measuring.stop()
        measuring.save()
