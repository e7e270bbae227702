"""A plugin for the suite's pytest: what it asks of whoever brings a server, and its outcomes written down.

Loaded by name in the process that the test starts; told where everything is by a file.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.interop.suite.actors import Support
from tests.interop.suite.judging import OUTCOMES, TOLD

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator


def _told() -> dict[str, Any]:
    return dict(json.loads(Path(os.environ[TOLD]).read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def told() -> dict[str, Any]:
    return _told()


@pytest.fixture(scope="session")
def testsuite_config(told: dict[str, Any]) -> Any:
    return told["configuration"]


@pytest.fixture
def fail_on_unknown_capability() -> bool:
    return True


@pytest.fixture(scope="session")
def local_base_url(told: dict[str, Any]) -> str:
    return str(told["node"])


@pytest.fixture(scope="session")
def remote_base_url(told: dict[str, Any]) -> str:
    return str(told["elsewhere"])


@pytest.fixture(scope="session")
def instance_metadata() -> dict[str, str]:
    return {"software": "rochdale"}


@pytest.fixture
def json_metadata() -> dict[str, Any]:
    """For the suite's own reports, which are not made."""
    return {}


@pytest.fixture
def server_support(told: dict[str, Any], request: pytest.FixtureRequest) -> Iterator[Support]:
    support = Support(told, request)
    yield support
    support.bench.close()
    support.door.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    asked = [name for mark in item.iter_markers("ap_capability") for name in mark.args]
    line = {"name": item.name, "outcome": report.outcome, "words": _words(report), "capabilities": asked}
    with Path(_told()[OUTCOMES]).open("a", encoding="utf-8") as written:
        written.write(json.dumps(line) + "\n")
    return report


def _words(report: pytest.TestReport) -> str:
    if report.outcome == "skipped" and isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    return "" if report.outcome == "passed" else str(report.longrepr)
