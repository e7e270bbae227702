"""Nodes killed with SIGKILL in the middle of the story: it ends in the same decision, nothing lost, nothing twice."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from node.demo.hosts import ManyProcesses
from tests.scenarios import iberia

if TYPE_CHECKING:
    from pathlib import Path

MOMENTS: dict[str, dict[int, tuple[str, ...]]] = {
    "Co-ops join": {2: ("barcelona",), 6: ("iberian-commons", "lisbon")},
    "Members enrol": {80: ("eixample",)},
    "Members cast": {20: ("gracia",), 70: ("madrid", "vallecas"), 150: ("iberian-commons", "marvila")},
    "Positions go up": {0: ("lisbon",), 1: ("barcelona", "alfama"), 4: ("iberian-commons",)},
}
"""Act, how much of it is done, and who is killed at that moment."""


@dataclass
class Executioner:
    """Kills nodes as the story reaches its moments."""

    host: ManyProcesses
    killed: list[str] = field(default_factory=list)

    def tell(self, what: str, done: int, _total: int) -> None:
        for act, moments in MOMENTS.items():
            for handle in moments.get(done, ()) if what.startswith(act) else ():
                self.host.kill(handle)
                self.killed.append(handle)


@pytest.mark.timeout(900)
async def test_killed_nodes_come_back_to_the_same_decision(tmp_path: Path) -> None:
    host = ManyProcesses()
    executioner = Executioner(host)

    played = await iberia.play(host, tmp_path, base_port=22100, progress=executioner.tell)

    killed = [handle for moments in MOMENTS.values() for handles in moments.values() for handle in handles]
    assert executioner.killed == killed
    assert host.restarts >= len(killed)
    iberia.check_outcomes(played)
    await iberia.check_rows(played)
    await iberia.check_audits(
        [sys.executable, "-m", "node"], [played.settings[handle] for handle in sorted(set(killed))]
    )
