"""The command `python -m tests.benchmarks`: measures, shows a table, writes benchmarks.json; called by `make bench`."""

from __future__ import annotations

import asyncio
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from tests.benchmarks import ballots, decisions, fanout, houses, inbox, offline, signatures
from tests.benchmarks.rig.processes import cores
from tests.benchmarks.rig.rows import FULL, QUICK, USUAL, Figure, Row, Scale

Say = Callable[[str], None]
Benchmark = Callable[[Scale, Say], Coroutine[Any, Any, list[Row]]]

BENCHMARKS: Mapping[str, Benchmark] = {
    "signatures": signatures.measure,
    "inbox": inbox.measure,
    "fanout": fanout.measure,
    "ballots": ballots.measure,
    "decisions": decisions.measure,
    "offline": offline.measure,
    "standing": houses.measure,
}


@click.command()
@click.option("--only", multiple=True, type=click.Choice(list(BENCHMARKS)), help="Only this; may be repeated.")
@click.option("--quick", "scale", flag_value=QUICK, type=click.UNPROCESSED, help="Seconds, to see that it works.")
@click.option("--full", "scale", flag_value=FULL, type=click.UNPROCESSED, help="5,000 inboxes, a million ballots.")
@click.option("--output", type=click.Path(path_type=Path), default=Path("benchmarks.json"), show_default=True)
def main(only: Sequence[str], scale: Scale | None, output: Path) -> None:
    """Measure the hot paths beside their limits and a peer, in one run of three minutes or so."""
    chosen, started = scale or USUAL, time.monotonic()
    rows = {name: _measured(name, chosen, started) for name in only or BENCHMARKS}
    click.echo("\nRatios say how many times as fast as the other we are.")
    click.echo("\n".join(lines_of([row for found in rows.values() for row in found])))
    document = {"machine": _machine(), "scale": _named(chosen), "seconds": round(time.monotonic() - started, 1)}
    document |= {"rows": [{"benchmark": name, **row.to_document()} for name, found in rows.items() for row in found]}
    output.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    click.echo(f"\nWritten to {output}. Compare ratios, not figures: machines differ, and so do days.")


def _measured(name: str, scale: Scale, started: float) -> list[Row]:
    def say(what: str) -> None:
        click.echo(f"{time.monotonic() - started:5.0f} s  {name}: {what}")

    return _run(BENCHMARKS[name](scale, say))


def _run(work: Coroutine[Any, Any, list[Row]]) -> list[Row]:
    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    return uvloop.run(work)


def lines_of(rows: Sequence[Row]) -> Iterator[str]:
    """A heading for each path with our figure, and below it what it was compared with, the ratio first."""
    for path, compared in groupby(rows, key=lambda row: row.path):
        same = list(compared)
        yield f"\n{path}: {_shown(same[0].ours, same[0].unit)}"
        for row in same:
            by_cpu = "" if row.cpu_ratio is None else f" ({row.cpu_ratio:.2g} by CPU time)"
            ratio = "-" if row.ratio is None else f"{row.ratio:.2g}{by_cpu}"
            yield f"  {ratio:>24} times {row.against}: {row.remark or (row.limit and _shown(row.limit, row.unit))}"


def _shown(figure: Figure, unit: str) -> str:
    value = f"{figure.value:,.0f} {unit}" if figure.value >= 100 else f"{figure.value:.3g} {unit}"
    cpu = f", {figure.cpu_ms:.2g} ms CPU each" if figure.cpu_ms and figure.peak_mib else ""
    return value + cpu + (f", {figure.peak_mib} MiB" if figure.peak_mib else "")


def _machine() -> dict[str, Any]:
    return {
        "system": platform.platform(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "is_pinned": bool(cores()) and len(cores()) > 1,
    }


def _named(scale: Scale) -> str:
    return {QUICK: "quick", USUAL: "usual", FULL: "full"}[scale]


if __name__ == "__main__":
    sys.exit(main())
