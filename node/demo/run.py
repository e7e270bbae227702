"""The whole demo: play the story, show and prove its result, keep serving; called by the command."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp

from node.demo import show, story
from node.demo.cast import IBERIAN_COMMONS, MOTION, member_names
from node.demo.hosts import ManyProcesses, OneProcess
from node.demo.tamper import tampered
from node.governance.evidence import Report, report_document, verify_bundle

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rich.console import Console

    from node.demo.hosts import Host
    from node.demo.story import Stage

MARK = "this-is-a-rochdale-demo"
"""Only a folder with this file in it is ever cleared."""
FIRST_PORT = 8101
CONNECTIONS = 64


class FolderTakenError(RuntimeError):
    """The folder holds something that no demo put there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """What was asked for. `is_staying` after the story; `json_file` gets the outcome at every level."""

    folder: Path
    first_port: int = FIRST_PORT
    is_staying: bool = True
    has_processes: bool = False
    json_file: Path | None = None


async def play(asked: Play, console: Console) -> bool:
    """Whether the story ended in a decision whose evidence holds. Raises FolderTakenError, OSError, TimeoutError."""
    clear(asked.folder)
    host: Host = ManyProcesses() if asked.has_processes else OneProcess()
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    try:
        async with aiohttp.ClientSession(connector=connector) as http:
            stage = story.set_stage(http, asked.folder, base_port=asked.first_port)
            bundle, outcomes = await _perform(stage, host, console)
        report = await asyncio.to_thread(_prove, bundle, asked.folder / "evidence.jsonl", console)
        if asked.json_file:
            told = json.dumps(_told(report, outcomes), indent=2)
            await asyncio.to_thread(asked.json_file.write_text, told + "\n", encoding="utf-8")
        if asked.is_staying:
            _invite(stage, console)
            await until_interrupted()
    finally:
        await host.stop()
    return report.valid


def clear(folder: Path) -> None:
    """Make the folder empty for a new play; only what an earlier demo left is removed."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).exists():
            raise FolderTakenError(f"{folder} is not empty, and no demo made it")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()


async def until_interrupted() -> None:
    """Returns at Ctrl-C or SIGTERM."""
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopped.set)
    await stopped.wait()


async def _perform(stage: Stage, host: Host, console: Console) -> tuple[bytes, Mapping[str, Mapping[str, Any]]]:
    console.print(f"[bold]{IBERIAN_COMMONS.name} decides: {MOTION}[/bold]")
    acts = show.Acts(console)
    with acts.bars:
        await story.found(stage, host, acts.tell)
        await story.join(stage, acts.tell)
        await story.enrol(stage, acts.tell)
        proposal_id = await story.propose(stage)
        await story.decide(stage, acts.tell)
        outcomes = await story.wait_for_decision(stage, proposal_id, acts.tell)
        bundle = await story.fetch_evidence(stage, proposal_id)
        await story.share_offer(stage, acts.tell)
    return bundle, outcomes


def _prove(bundle: bytes, file: Path, console: Console) -> Report:
    """Write the evidence, recount it from the file alone, and show what tampering does to it."""
    file.write_bytes(bundle)
    report = verify_bundle(file.read_bytes())
    if not report.valid:
        console.print("[bold red]INVALID[/bold red]", report.failure)
        return report
    order = [part.name for part in IBERIAN_COMMONS.everybody()]
    for shown in ("", show.positions_tree(report, order), "", show.outcome_table(report, order)):
        console.print(shown)
    console.print(show.outcome_line(report), "\n")
    console.print(show.members_line(report))
    console.print(
        f"Recounted offline from {report.documents} signed documents in {file}: [bold green]VALID[/bold green]"
    )
    console.print(show.tampering_table(tampered(bundle)))
    return report


def _told(report: Report, outcomes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The outcome at every level: as recounted, and as each node holds it."""
    nodes = {
        handle: {
            "outcome": outcome["outcome"],
            "reason": outcome["reason"],
            "tally": outcome["tally"],
            "decision": outcome["decision"]["governance"]["outcome"],
        }
        for handle, outcome in sorted(outcomes.items())
    }
    return {"motion": MOTION, "evidence": report_document(report), "nodes": nodes}


def _invite(stage: Stage, console: Console) -> None:
    top, gracia = stage.origin("iberian-commons"), stage.origin("gracia")
    operator = member_names(IBERIAN_COMMONS)[0]
    lines: Sequence[str] = (
        "",
        "[bold]The nodes keep serving; open them in a browser.[/bold]",
        f"  {top}/federation    the tree of positions, at {IBERIAN_COMMONS.name}",
        f"  {gracia}/    a member's view, at Gràcia",
        f"  Sign in with the name [bold]{operator}[/bold] and the passphrase [bold]{story.PASSPHRASE}[/bold]",
        "Ctrl-C ends the demo.",
    )
    for line in lines:
        console.print(line, highlight=False)
