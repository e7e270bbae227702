"""activitypub-testsuite, which nobody here wrote, finds a node of ours as it declares itself (P22)."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.doors.api import PASSPHRASE
from tests.engines import Missing
from tests.interop.suite.bench import open_bench
from tests.interop.suite.checkout import PACKAGE, checkout
from tests.interop.suite.judging import OUTCOMES, TOLD, Outcome, configuration, faults, together, told_at_length
from tests.ports import unused_port

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.interop.suite.checkout import Checkout

ROOT = Path(__file__).parents[3]
SECONDS = 300
PLUGINS = (f"{PACKAGE}.fixtures", "tests.interop.suite.driver")
OPTIONS = ("-q", "--showlocals", "-p", "no:cacheprovider", *(word for plugin in PLUGINS for word in ("-p", plugin)))


def demanded() -> Checkout:
    """The pinned suite; without it the test is skipped, and the summary says why."""
    found = checkout()
    if isinstance(found, Missing):
        pytest.skip(f"NOT TRIED: activitypub-testsuite. {found.reason}")
    return found


async def outcomes_of(suite: Checkout, told: Mapping[str, object], folder: Path) -> Sequence[Outcome]:
    """How every test of the suite ended."""
    written = folder / "outcomes.jsonl"
    (folder / "told.json").write_text(json.dumps({**told, OUTCOMES: str(written)}), encoding="utf-8")
    (folder / "pytest.ini").write_text(f"[pytest]\naddopts = {' '.join(OPTIONS)}\n", encoding="utf-8")
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pytest", "-c", "pytest.ini", "--rootdir", str(folder), *map(str, suite.tests)),
        cwd=folder,
        env={
            **ours,
            "PYTHONPATH": os.pathsep.join(map(str, (suite.packages, suite.folder, ROOT))),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            TOLD: str(folder / "told.json"),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), SECONDS)
    finally:
        if process.returncode is None:
            process.kill()
    assert written.exists(), said.decode()
    return together([json.loads(line) for line in written.read_text(encoding="utf-8").splitlines()])


@pytest.mark.timeout(2 * SECONDS)
async def test_p22_the_suite_finds_what_we_declare(tmp_path: Path) -> None:
    suite = demanded()
    async with open_bench(tmp_path) as (node, bench):
        who = {"member": "ada", "passphrase": PASSPHRASE}
        where = {"node": node.origin, "bench": bench, "elsewhere": f"http://127.0.0.1:{unused_port()}"}
        outcomes = await outcomes_of(suite, {**who, **where, "configuration": configuration()}, tmp_path)

    sys.stdout.write(told_at_length(outcomes))
    assert faults(outcomes) == []
