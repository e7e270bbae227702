"""A decision from the command line: shown, proven offline, and recounted by the audit."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from node.governance.evidence import verify_bundle
from node.services import closing
from node.services import evidence as gathering
from storage import evidence
from tests.doors.api import quick_settings, served_node
from tests.doors.cli import ROOT, rochdale

if TYPE_CHECKING:
    from pathlib import Path


UNSHARE = [shutil.which("unshare") or "false", "--map-root-user", "--net"]
NO_NETWORK = UNSHARE if subprocess.run([*UNSHARE, "true"], check=False, capture_output=True).returncode == 0 else []


@dataclass(frozen=True)
class Decided:
    """The folder of a stopped node that decided one proposal, its key, and the bundle that proves it."""

    folder: Path
    key: str
    bundle: Path


async def decide(folder: Path) -> Decided:
    async with served_node(quick_settings(folder / "data")) as coop:
        key = await coop.opened_proposal()
        await coop.blai.post(f"proposals/{key}/ballots", {"choice": "for"})
        proposal_id = coop.node.url("proposals", key)
        coop.clock.move(days=8)
        await closing.close_if_due(coop.node, proposal_id)
        await gathering.gather(coop.node, proposal_id)
        async with coop.node.store.read() as tx:
            kept = await evidence.find(tx, proposal_id)
    assert kept is not None
    bundle = folder / "evidence.jsonl"
    bundle.write_bytes(kept.bundle)
    return Decided(folder / "data", key, bundle)


@pytest.fixture
def decided(tmp_path: Path) -> Decided:
    return asyncio.run(decide(tmp_path))


@pytest.mark.skipif(not NO_NETWORK, reason="this machine lets nobody make a network namespace")
def test_a_bundle_is_verified_where_there_is_no_network_at_all(decided: Decided) -> None:
    command = [*NO_NETWORK, sys.executable, "-m", "node", "verify", str(decided.bundle)]

    report = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60, cwd=ROOT)

    assert report.returncode == 0, report.stdout + report.stderr
    assert report.stdout.startswith("VALID\n")


def test_a_bundle_is_valid_and_says_what_was_decided(decided: Decided) -> None:
    plain = rochdale("verify", str(decided.bundle))
    report = rochdale("verify", "--json", str(decided.bundle))

    assert (plain.returncode, report.returncode) == (0, 0), plain.stdout + plain.stderr
    assert plain.stdout.startswith("VALID\n")
    found = json.loads(report.stdout)
    assert (found["title"], found["levels"]["outcome"], found["levels"]["tally"]["for"]) == ("A new oven", "passed", 1)


def test_a_bundle_with_one_changed_byte_is_invalid_and_the_check_is_named(decided: Decided) -> None:
    raw = bytearray(decided.bundle.read_bytes())
    raw[len(raw) // 2] ^= 1
    decided.bundle.write_bytes(bytes(raw))

    plain = rochdale("verify", str(decided.bundle))
    report = rochdale("verify", "--json", str(decided.bundle))

    assert (plain.returncode, report.returncode) == (1, 1)
    assert plain.stdout.startswith("INVALID\n")
    assert json.loads(report.stdout)["failure"]["code"] in plain.stdout


def test_a_bundle_resting_on_another_key_than_the_trusted_one_is_invalid(decided: Decided) -> None:
    key = json.loads(rochdale("verify", "--json", str(decided.bundle)).stdout)["anchor"]["key"]
    stranger = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"

    assert rochdale("verify", "--trust", key, str(decided.bundle)).returncode == 0
    assert rochdale("verify", "--trust", stranger, str(decided.bundle)).returncode == 1


def test_a_decision_is_listed_and_shown(decided: Decided) -> None:
    listed = rochdale("proposal", "list", "--state", "passed", "--data", str(decided.folder))
    shown = rochdale("proposal", "show", decided.key, "--data", str(decided.folder))

    assert "A new oven" in listed.stdout
    assert "threshold_met" in shown.stdout
    assert "1 for" in shown.stdout


def test_the_audit_recounts_a_decision_and_finds_a_ballot_that_was_changed(decided: Decided) -> None:
    well = rochdale("audit", "--data", str(decided.folder))
    with sqlite3.connect(decided.folder / "node.db") as database:
        (text,) = database.execute("SELECT document FROM ballots").fetchone()
        document = json.loads(text)
        document["governance"]["choice"] = "against"
        database.execute("UPDATE ballots SET choice = 'against', document = ?", (json.dumps(document),))
    ill = rochdale("audit", "--data", str(decided.folder))

    assert (well.returncode, ill.returncode) == (0, 1), well.stderr
    assert "all as signed: 1." in well.stdout
    assert decided.key in ill.stderr


def test_the_audit_finds_a_ballot_that_was_taken_away(decided: Decided) -> None:
    with sqlite3.connect(decided.folder / "node.db") as database:
        database.execute("DELETE FROM ballots")

    ill = rochdale("audit", "--data", str(decided.folder))

    assert ill.returncode == 1
    assert decided.key in ill.stderr


def test_an_operator_opens_a_submitted_proposal(tmp_path: Path) -> None:
    async def submit() -> str:
        async with served_node(quick_settings(tmp_path / "data")) as coop:
            key = str((await coop.blai.post("proposals", {"title": "Oven", "text": "We buy it."})).body["key"])
            await coop.blai.post(f"proposals/{key}/submit")
            return key

    key = asyncio.run(submit())
    by_member = rochdale("proposal", "open", key, "--as", "blai", "--data", str(tmp_path / "data"))
    opened = rochdale("proposal", "open", key, "--data", str(tmp_path / "data"))
    again = rochdale("proposal", "open", key, "--data", str(tmp_path / "data"))

    assert (by_member.returncode, opened.returncode, again.returncode) == (1, 0, 1)
    assert opened.stdout.startswith("Open until")


async def test_a_tie_that_the_lot_breaks_is_proven(tmp_path: Path) -> None:
    rule = {"threshold": "1/2", "strict": True, "of": "decisive", "tie": ["lot"]}
    async with served_node(quick_settings(tmp_path / "data")) as coop:
        key = await coop.opened_proposal(rule=rule)
        await coop.blai.post(f"proposals/{key}/ballots", {"choice": "for"})
        await coop.ada.post(f"proposals/{key}/ballots", {"choice": "against"})
        proposal_id = coop.node.url("proposals", key)
        coop.clock.move(days=8)
        await closing.close_if_due(coop.node, proposal_id)
        await gathering.gather(coop.node, proposal_id)
        async with coop.node.store.read() as tx:
            kept = await evidence.find(tx, proposal_id)

    assert kept is not None
    assert kept.complete
    report = verify_bundle(kept.bundle)
    assert report.levels is not None
    assert report.levels.decided is not None
    assert report.levels.decided.outcome.reason == "lot"
