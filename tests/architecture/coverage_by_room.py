"""How much of each room the tests have run: all of the pure rooms and of receive, most of the others.

Called by `make check` as `python -m tests.architecture.coverage_by_room` once the suite has run under coverage.
"""

from __future__ import annotations

import json
import sys
import tempfile
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from coverage import Coverage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PURE = "Pure rooms: no I/O, no clock, no chance"
RECEIVE = "federation.receive"
WHOLE, MOST = 100.0, 90.0
WATCHED_FROM_OUTSIDE = {"node.demo": 60.0}
"""What runs mostly as a process that its tests end by a signal, which keeps no count of it."""


@dataclass(slots=True)
class Room:
    """What was run of what could be: lines and branches together, and where something is missing."""

    run: int = 0
    all: int = 0
    missing: list[str] | None = None

    @property
    def percent(self) -> float:
        return 100.0 * self.run / self.all if self.all else WHOLE


def whole_rooms() -> tuple[str, ...]:
    """The dotted names of what must be run wholly: the pure rooms of the import contract, and receive."""
    settings = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    return (*next(one["source_modules"] for one in contracts if one["name"] == PURE), RECEIVE)


def room_of(path: str, whole: Iterable[str]) -> str:
    """The room a file belongs to: one that must be whole, else its package's first folder."""
    parts = PurePosixPath(path).with_suffix("").parts
    dotted = ".".join(parts)
    named = [room for room in whole if dotted == room or dotted.startswith(room + ".")]
    return named[0] if named else ".".join(parts[: 2 if len(parts) > 2 else 1])  # package, room, file


def rooms(files: Mapping[str, Mapping[str, Any]], whole: Iterable[str]) -> dict[str, Room]:
    """Every room with its sums, from the files of a coverage report in JSON."""
    found: dict[str, Room] = defaultdict(Room)
    for path, told in files.items():
        room, counted = found[room_of(path, whole)], told["summary"]
        room.run += counted["covered_lines"] + counted["covered_branches"]
        room.all += counted["num_statements"] + counted["num_branches"]
        lines = [str(line) for line in told["missing_lines"]]
        branches = [f"{start}->{end}" for start, end in told["missing_branches"]]
        if lines or branches:
            room.missing = [*(room.missing or []), f"{path}: {', '.join([*lines, *branches])}"]
    return dict(found)


def shortfalls(found: Mapping[str, Room], whole: Iterable[str]) -> list[str]:
    """A line for each room below its measure; for one that must be whole, also where."""
    told = []
    for name, room in sorted(found.items()):
        least = WHOLE if name in whole else WATCHED_FROM_OUTSIDE.get(name, MOST)
        if room.percent < least:
            told.append(f"{name}: {room.percent:.2f} % run, {least:g} % wanted")
            told += [f"    {where}" for where in room.missing or [] if name in whole]
    return told


def measured() -> Mapping[str, Mapping[str, Any]]:
    """The files of the combined coverage data beside pyproject.toml."""
    data = Coverage()
    data.load()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "coverage.json"
        data.json_report(outfile=str(report))
        files: Mapping[str, Mapping[str, Any]] = json.loads(report.read_text(encoding="utf-8"))["files"]
    return files


def main() -> int:
    """Exit code 0 when every room has its measure, 1 after saying which has not."""
    whole = whole_rooms()
    found = rooms(measured(), whole)
    short = shortfalls(found, whole)
    for line in short or [f"{len(found)} rooms have their measure."]:
        print(line)  # noqa: T201  # a command's answer
    return bool(short)


if __name__ == "__main__":
    sys.exit(main())
