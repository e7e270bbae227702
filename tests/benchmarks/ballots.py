"""A proposal with many ballots: its live count and its closing, from rows on SQLite; called by `__main__`.

The figures come from a child process: `python -m tests.benchmarks.ballots COUNT`.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp

from identity.canonical import bytes_digest
from identity.dids.did_key import did_key
from node.app import start
from node.demo.client import Door
from node.outbound import ballots as outbound
from node.services import proposals
from node.services.closing import close_if_due
from node.wiring import build_node, close_node
from storage.governance import proposals as proposal_rows
from storage.governance import rolls
from storage.house import members
from storage.records import BallotRecord, RollEntryRecord
from storage.rows import values
from storage.tables import ballots as ballot_table
from tests.benchmarks.rig.processes import print_figures, run_measured
from tests.benchmarks.rig.rows import Figure, Row, Scale
from tests.benchmarks.rig.senders import keys_of
from tests.doors.api import NOON, PASSPHRASE, Clock, found, quick_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from node.context import Node
    from node.settings import Settings
    from storage.records import ProposalRecord

    Counts = Mapping[str, int]

CHOICES = ("for", "against", "abstain")
CHUNK = 5_000
REPEATS = 5
PAGES = 40
COUNT_IN_SQL = "SELECT choice, count(*) FROM ballots WHERE proposal_id = ? AND status = 'counted' GROUP BY choice"


async def measure(scale: Scale, say: Callable[[str], None]) -> list[Row]:
    """Live count and closing against `COUNT` in SQL over the same rows."""
    say(f"{scale.ballots:,} ballots are stored and counted")
    figures = await asyncio.to_thread(run_measured, "ballots", str(scale.ballots))
    paths = {
        "live_ms": f"open proposal with {scale.ballots:,} ballots, read over HTTP",
        "page_ms": f"its page, 95 of 100 readers sooner than ({PAGES} reads)",
        "close_ms": f"closing with {scale.ballots:,} ballots: count, outcome, digest of the set",
    }
    return [
        Row(
            path=path,
            unit="ms",
            ours=Figure(value=figures[name], peak_mib=round(figures["peak_mib"])),
            against="COUNT in SQL, sqlite3",
            limit=Figure(value=figures["sql_ms"]),
        )
        for name, path in paths.items()
    ]


async def _measured(count: int, folder: Path) -> None:
    settings, clock = quick_settings(folder), Clock()
    await found(settings)
    running = await build_node(settings, clock=clock)
    proposal = await _opened(running.node)
    expected = await _filled(running.node, proposal, count)
    serving = await start(running)
    live_ms = await _live_ms(settings.origin, proposal.id, expected)
    page_ms = await _page_ms(proposal.id, proposal.title)
    await serving.stop()
    sql_ms = _sql_ms(folder / "node.db", proposal.id, expected)
    clock.now = proposal.closes_at + timedelta(seconds=1)
    close_ms = await _closing_ms(settings, clock, proposal.id, expected)
    print_figures(live_ms=live_ms, page_ms=page_ms, sql_ms=sql_ms, close_ms=close_ms)


async def _closing_ms(settings: Settings, clock: Clock, proposal_id: str, expected: Counts) -> float:
    node = (await build_node(settings, clock=clock)).node
    started = time.perf_counter()
    await close_if_due(node, proposal_id)
    taken = 1000 * (time.perf_counter() - started)
    async with node.store.read() as tx:
        closed = await proposal_rows.find(tx, proposal_id)
    await close_node(node)
    if closed is None or closed.outcome is None or not _agrees(closed.tally or {}, expected):
        raise RuntimeError(f"closed with {closed and closed.tally}, cast were {expected}")
    return taken


async def _live_ms(origin: str, proposal_id: str, expected: Counts) -> float:
    """The median of what a member waits for the proposal over HTTP."""
    async with aiohttp.ClientSession() as http:
        door = Door(http, origin)
        await door.sign_in("ada", PASSPHRASE)
        times = []
        for _ in range(REPEATS):
            started = time.perf_counter()
            shown = await door.get(f"proposals/{proposal_id.rsplit('/', 1)[1]}")
            times.append(1000 * (time.perf_counter() - started))
    if not _agrees(shown["tally"], expected):
        raise RuntimeError(f"shown is {shown['tally']}, cast were {expected}")
    return statistics.median(times)


async def _page_ms(proposal_id: str, title: str) -> float:
    """What 95 of 100 visitors wait less than for the page of the proposal."""
    times = []
    async with aiohttp.ClientSession(headers={"Accept": "text/html"}) as http:
        for _ in range(PAGES):
            started = time.perf_counter()
            async with http.get(proposal_id) as response:
                page = await response.text()
            times.append(1000 * (time.perf_counter() - started))
            if title not in page:
                raise RuntimeError(f"the page of {proposal_id} answers {response.status} without its title")
    return statistics.quantiles(times, n=20)[-1]


def _sql_ms(path: Path, proposal_id: str, expected: Counts) -> float:
    times = []
    with closing(sqlite3.connect(path)) as database:
        for _ in range(REPEATS):
            started = time.perf_counter()
            counted = dict(database.execute(COUNT_IN_SQL, (proposal_id,)).fetchall())
            times.append(1000 * (time.perf_counter() - started))
    if not _agrees(counted, expected):
        raise RuntimeError(f"SQL counts {counted}, cast were {expected}")
    return statistics.median(times)


def _agrees(tally: Mapping[str, Any], expected: Counts) -> bool:
    return all(tally.get(choice, 0) == number for choice, number in expected.items())


async def _opened(node: Node) -> ProposalRecord:
    async with node.store.read() as tx:
        ada = await members.by_name(tx, "ada")
    assert ada is not None
    draft = await proposals.draft(node, author=ada, written=proposals.Draft(title="An oven", text="We buy it."))
    await proposals.submit(node, member=ada, proposal_id=draft.id)
    return await proposals.open_proposal(node, member=ada, proposal_id=draft.id)


async def _filled(node: Node, proposal: ProposalRecord, count: int) -> Counts:
    """How many cast what, after a roll and ballots of that many were stored. Closing checks no signature again."""
    cast, chance = dict.fromkeys(CHOICES, 0), random.Random(7)
    paper = outbound.ballot(
        node,
        proposal=proposal,
        voter=did_key(keys_of(0)[1].public_key()),
        key=keys_of(0)[1],
        choice="for",
        seq=1,
        now=NOON,
    )
    for first in range(0, count, CHUNK):
        rows = [
            _ballot(proposal, paper, number, chance.choice(CHOICES))
            for number in range(first, min(first + CHUNK, count))
        ]
        async with node.store.write() as tx:
            await rolls.add_all(
                tx, [RollEntryRecord(proposal_id=proposal.id, voter=row["voter"], weight=1) for row in rows]
            )
            await tx.execute(ballot_table.insert(), rows)
        for row in rows:
            cast[row["choice"]] += 1
    return cast


def _ballot(proposal: ProposalRecord, paper: Mapping[str, Any], number: int, choice: str) -> dict[str, Any]:
    voter, ballot_id = f"did:key:z6Mk{number:044d}", f"{paper['id']}-{number}"
    governance = {**paper["governance"], "voter": voter, "choice": choice}
    record = BallotRecord(
        id=ballot_id,
        proposal_id=proposal.id,
        voter=voter,
        choice=choice,
        seq=1,
        document={**paper, "id": ballot_id, "governance": governance},
        digest=bytes_digest(ballot_id.encode()),
        received_at=NOON,
        status="counted",
        weight=1,
    )
    return values(record)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(_measured(int(sys.argv[1]), Path(name)))
