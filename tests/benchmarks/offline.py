"""`rochdale verify` over the evidence of a federation, as a person runs it: all cores, offline; called by `__main__`.

Two federations of three levels, the small one a tenth of the other: the budget is a minute for 10,000 co-ops, and
memory that a bundle ten times as large hardly changes.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.rig.processes import peak_mib
from tests.benchmarks.rig.rows import Figure, Row, Scale
from tests.unit.governance.worlds import Plan, build, coop

if TYPE_CHECKING:
    from collections.abc import Callable

BALLOTS = (3, 2, 0)
FAN_OUT = 100
BUDGET = Figure(value=60.0)
BETWEEN_LOOKS = 0.02
COMMAND = Path(sys.executable).with_name("rochdale")


async def measure(scale: Scale, say: Callable[[str], None]) -> list[Row]:
    """Seconds and memory, for a tenth of the co-ops and for all of them."""
    rows = []
    for coops in (max(1, scale.coops // 10), scale.coops):
        say(f"`rochdale verify` on the evidence of {coops:,} co-ops")
        rows.append(await asyncio.to_thread(_measured, coops))
    return rows


def _measured(coops: int) -> Row:
    with tempfile.TemporaryDirectory() as name:
        bundle = Path(name) / "evidence.jsonl"
        bundle.write_bytes(build(federation(coops)).bundle)
        figure = verified(bundle)
    return Row(
        path=f"rochdale verify, {coops:,} co-ops with five ballots each",
        unit="s",
        ours=figure,
        against="the budget of 10,000 co-ops",
        limit=BUDGET,
    )


def federation(coops: int) -> Plan:
    """A hundred co-ops below each assembly, and one above them all."""
    below = [coop(f"coop{number}", BALLOTS) for number in range(coops)]
    groups = [tuple(below[start : start + FAN_OUT]) for start in range(0, coops, FAN_OUT)]
    return Plan(name="top", below=tuple(Plan(name=f"group{at}", below=group) for at, group in enumerate(groups)))


def verified(bundle: Path) -> Figure:
    """What the command took for a bundle, and the most memory it had. RuntimeError unless it says VALID."""
    with (bundle.parent / "report").open("w+b") as report:
        started, peak = time.perf_counter(), 0
        process = subprocess.Popen([COMMAND, "verify", bundle], stdout=report)
        while process.poll() is None:
            peak = max(peak, peak_mib(process.pid) or 0)
            time.sleep(BETWEEN_LOOKS)
        seconds = time.perf_counter() - started
        report.seek(0)
        if process.returncode or not report.read().startswith(b"VALID"):
            raise RuntimeError(f"{bundle} is not valid")
    return Figure(value=seconds, peak_mib=peak)
