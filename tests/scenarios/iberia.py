"""The demo's story played for a test, and what must be true of its thirteen nodes afterwards.

Called by the scenarios of this folder.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp

from node.demo import story
from node.demo.cast import IBERIAN_COMMONS
from node.governance.evidence import verify_bundle
from storage import activities, ballots, positions, proposals
from storage.engine import open_store

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from node.demo.hosts import Host
    from node.demo.story import Progress, Stage
    from node.settings import Settings

TALLIES = {
    "iberian-commons": (19, 7, 0),
    "barcelona": (27, 0, 0),
    "madrid": (19, 8, 0),
    "lisbon": (9, 18, 0),
    "gracia": (23, 2, 0),
    "eixample": (18, 5, 0),
    "sagrada": (15, 8, 0),
    "lavapies": (20, 4, 0),
    "malasana": (14, 9, 2),
    "vallecas": (9, 13, 0),
    "alfama": (8, 13, 1),
    "benfica": (11, 10, 0),
    "marvila": (6, 15, 0),
}
"""For, against and abstained at each body; weights in tenths at the assemblies."""


@dataclass(frozen=True)
class Played:
    """How the story ended: each node's own outcome, the evidence, and where the nodes kept their rows."""

    outcomes: Mapping[str, Mapping[str, Any]]
    bundle: bytes
    settings: Mapping[str, Settings]


async def play(host: Host, folder: Path, *, base_port: int, progress: Progress, **overrides: Any) -> Played:
    """The whole story on that host, which is stopped at the end."""
    async with aiohttp.ClientSession() as http:
        stage = story.set_stage(http, folder, base_port=base_port, **overrides)
        try:
            outcomes, bundle = await _acts(stage, host, progress)
        finally:
            await host.stop()
    return Played(outcomes, bundle, stage.settings)


async def _acts(stage: Stage, host: Host, progress: Progress) -> tuple[Mapping[str, Mapping[str, Any]], bytes]:
    await story.found(stage, host, progress)
    await story.join(stage, progress)
    await story.enrol(stage, progress)
    proposal_id = await story.propose(stage)
    await story.decide(stage, progress)
    outcomes = await story.wait_for_decision(stage, proposal_id, progress)
    bundle = await story.fetch_evidence(stage, proposal_id)
    await story.share_offer(stage, progress)
    return outcomes, bundle


def check_outcomes(played: Played) -> None:
    """Every node holds its own count and the one decision, and the evidence proves it."""
    counted = {handle: _counts(outcome["tally"]) for handle, outcome in played.outcomes.items()}
    decided = {outcome["decision"]["governance"]["outcome"] for outcome in played.outcomes.values()}
    digests = {json.dumps(outcome["decision"], sort_keys=True) for outcome in played.outcomes.values()}
    report = verify_bundle(played.bundle)

    assert counted == TALLIES
    assert decided == {"passed"}
    assert len(digests) == 1
    assert report.valid, report.failure
    assert report.levels is not None
    assert report.levels.name == IBERIAN_COMMONS.name


async def check_rows(played: Played) -> None:
    """Nobody's ballot and no body's position was counted twice, and no activity arrived with other content."""
    sent: dict[str, str] = {}
    received: list[tuple[str, str, str]] = []
    for handle, settings in played.settings.items():
        store = await open_store(settings.store_url)
        async with store.read() as tx:
            for proposal in await proposals.list(tx, origin="own"):
                voters = [ballot.voter for ballot in await ballots.counted(tx, proposal.id)]
                bodies = [
                    one.body_did for one in await positions.for_proposal(tx, proposal.id) if one.status == "counted"
                ]
                assert len(set(voters)) == len(voters) == sum(TALLIES[handle]) * (proposal.electorate_kind == "members")
                assert len(set(bodies)) == len(bodies) == 3 * (proposal.electorate_kind == "constituents")
            for activity in await activities.recent(tx, limit=100_000):
                if activity.direction == "out":
                    sent[activity.id] = activity.raw
                else:
                    received.append((handle, activity.id, activity.raw))
        await store.close()
    altered = [(handle, known) for handle, known, raw in received if json.loads(sent[known]) != json.loads(raw)]

    assert received
    assert altered == []


async def check_audits(command: list[str], settings: list[Settings]) -> None:
    """`rochdale audit` finds each node's event chain whole and its decision as signed."""
    runs = [
        await asyncio.create_subprocess_exec(
            *command, "audit", "--data", str(one.data_dir), stderr=asyncio.subprocess.PIPE
        )
        for one in settings
    ]
    said = [(await run.communicate())[1] for run in runs]

    assert [(run.returncode, text) for run, text in zip(runs, said, strict=True) if run.returncode] == []


def _counts(tally: Mapping[str, int]) -> tuple[int, int, int]:
    return tally["for"], tally["against"], tally["abstain"]
