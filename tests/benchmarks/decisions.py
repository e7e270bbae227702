"""An assembly of many co-ops: positions checked and rolled up, evidence verified; called by `__main__`.

The figures come from a child process: `python -m tests.benchmarks.decisions roll-up|evidence FOLDER`, over a world that
`make_world` wrote into the folder.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from federation.assembly.positions import Asked, check_position, read_position
from federation.assembly.references import Reference
from federation.assembly.roll_up import report_of, roll_up
from federation.assembly.rules import read_rule
from federation.assembly.statute import find_constituent, read_statute
from identity.canonical import content_digest
from identity.keys.multikey import read_multibase
from identity.proofs import eddsa_jcs_2022
from node.governance.evidence import verify_bundle
from tests.benchmarks.rig.processes import print_figures, run_measured
from tests.benchmarks.rig.rows import Figure, Row, Scale
from tests.benchmarks.signatures import ed25519_verify, rate_of
from tests.unit.governance.worlds import Plan, build, coop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

BALLOTS = (3, 2, 0)


async def measure(scale: Scale, say: Callable[[str], None]) -> list[Row]:
    """Both against nothing but the same number of Ed25519 checks."""
    say(f"{scale.coops:,} co-ops decide, to be checked")
    with tempfile.TemporaryDirectory() as name:
        signatures = await asyncio.to_thread(make_world, scale.coops, Path(name))
        rate = rate_of(ed25519_verify(), scale).value
        rows = []
        for what, path in _PATHS.items():
            say(path.format(scale.coops))
            figures = await asyncio.to_thread(run_measured, "decisions", what, name)
            rows.append(_row(path.format(scale.coops), figures, signatures[what], rate))
        return rows


def _row(path: str, figures: Mapping[str, float], signatures: int, rate: float) -> Row:
    return Row(
        path=path,
        unit="s",
        ours=Figure(value=figures["seconds"], peak_mib=round(figures["peak_mib"])),
        against=f"{signatures:,} Ed25519 checks, cryptography alone",
        limit=Figure(value=signatures / rate),
    )


def make_world(coops: int, folder: Path) -> Mapping[str, int]:
    """How many signatures each path has to check, after a decision of that many co-ops was written to the folder."""
    below = tuple(coop(f"coop{number}", BALLOTS) for number in range(coops))
    world = build(Plan(name="assembly", below=below))
    (folder / "evidence.jsonl").write_bytes(world.bundle)
    kinds = ("statute:", "proposal:assembly", "position:")
    told = [document for label, document in world.documents.items() if label.startswith(kinds)]
    (folder / "positions.json").write_text(json.dumps(told), encoding="utf-8")
    signed = sum("proof" in document for document in world.documents.values())
    return {"roll-up": coops, "evidence": signed}


def _roll_up(folder: Path) -> float:
    """CPU seconds from parsed documents to the outcome, each position checked as an assembly's node does."""
    statute_document, proposal, *documents = _in_order(json.loads((folder / "positions.json").read_bytes()))
    started = time.process_time()
    statute = read_statute(statute_document)
    asked = Asked(Reference(proposal["id"], content_digest(proposal)), content_digest(statute_document))
    reports = {}
    for document in documents:
        position = read_position(document)
        constituent = find_constituent(statute, position.body)
        check_position(position, asked=asked, constituent=constituent)
        eddsa_jcs_2022.verify(document, key=read_multibase(constituent.key), now=None)
        reports[position.body] = report_of(position)
    rolled = roll_up(statute, read_rule(proposal["governance"]["rule"]), reports)
    if rolled.reached != len(documents):
        raise RuntimeError(f"{rolled.reached} of {len(documents)} positions counted")
    return time.process_time() - started


def _in_order(documents: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    order = ("statute", "proposal", "position")
    return sorted(documents, key=lambda document: order.index(document["governance"]["kind"]))


def _evidence(folder: Path) -> float:
    """CPU seconds to verify the bundle, read line by line."""
    started = time.process_time()
    with (folder / "evidence.jsonl").open("rb") as lines:
        report = verify_bundle(lines)
    if report.failure is not None:
        raise RuntimeError(f"the bundle is invalid: {report.failure}")
    return time.process_time() - started


_PATHS = {
    "roll-up": "{:,} positions checked and rolled up",
    "evidence": "evidence of {:,} co-ops with five ballots each verified",
}

if __name__ == "__main__":
    measured = {"roll-up": _roll_up, "evidence": _evidence}[sys.argv[1]]
    print_figures(seconds=measured(Path(sys.argv[2])))
