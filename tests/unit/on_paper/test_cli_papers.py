"""Papers checked from the command line with no node: bundles, equivocation, roll-ups and simulations."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from federation.assembly.bylaws.amendments import read_amendment
from federation.assembly.equivocation import equivocation_governance
from federation.assembly.on_paper.paper import read_paper
from identity.keys.multikey import ed25519_multibase
from node.cli.papers import bundle_files
from node.cli.papers.bundle_files import FileLines, spread
from node.governance.evidence import verify_bundle
from tests.doors.cli import ROOT, initialised, rochdale
from tests.unit.governance.test_equivocations import again
from tests.unit.governance.worlds import iberian_world, key_of, small_world
from tests.unit.on_paper.test_papers import iberia

if TYPE_CHECKING:
    from pathlib import Path


def doubled(run: list[bytes]) -> list[bytes]:
    return [row * 2 for row in run]


def test_runs_are_worked_on_by_many_processes_and_come_back_in_order() -> None:
    runs = [[str(number).encode()] for number in range(20)]

    assert list(spread(doubled, runs)) == [doubled(run) for run in runs]


def test_a_bundle_is_read_from_its_file_line_by_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = iberian_world()
    file = tmp_path / "evidence.jsonl"
    file.write_bytes(world.bundle)

    with file.open("rb") as stream:
        lines = FileLines(stream)

        assert list(lines) == lines[:] == world.bundle.splitlines(keepends=True)
        assert verify_bundle(lines, scans=spread) == verify_bundle(world.bundle)

    monkeypatch.setattr(bundle_files, "LARGEST_LINE_BYTES", 1000)
    with file.open("rb") as stream:
        assert not verify_bundle(FileLines(stream)).valid


def test_a_file_that_changes_under_the_verifier_is_found_out() -> None:
    class Changing(list[bytes]):
        """Gives the honest line when it is scanned, and another one when it is used."""

        asked = 0

        def __getitem__(self, place: Any) -> Any:
            row = super().__getitem__(place)
            self.asked += 1
            return row if self.asked <= len(self) + 1 else row.replace(b"passed", b"Passed")

    rows = Changing(small_world().bundle.splitlines(keepends=True))
    report = verify_bundle(rows)

    assert report.failure is not None
    assert report.failure.code == "lines-digest"


@pytest.fixture
def proof(tmp_path: Path) -> Path:
    one, other = small_world().documents["position:leaf"], again("position:leaf", "leaf", level=2)
    key = ed25519_multibase(key_of("leaf").public_key())
    file = tmp_path / "proof.json"
    file.write_text(json.dumps({"governance": equivocation_governance(one, other, key=key)}, indent=2))
    return file


def test_a_proof_of_equivocation_is_checked_like_a_bundle(proof: Path) -> None:
    plain = rochdale("verify", str(proof))
    report = rochdale("verify", "--json", str(proof))

    assert (plain.returncode, plain.stdout.splitlines()[0]) == (0, "VALID"), plain.stdout + plain.stderr
    found = json.loads(report.stdout)
    assert (found["what"], found["signer"]) == ("position", "did:web:leaf.example")
    assert rochdale("verify", "--trust", found["key"], str(proof)).returncode == 0
    assert rochdale("verify", "--trust", "z6MkOther", str(proof)).returncode == 1


def test_a_proof_that_was_touched_accuses_nobody(proof: Path) -> None:
    proof.write_text(proof.read_text().replace('"choice": "for"', '"choice": "against"', 1))

    plain = rochdale("verify", str(proof))
    report = rochdale("verify", "--json", str(proof))

    assert (plain.returncode, plain.stdout.splitlines()[0]) == (1, "INVALID")
    assert json.loads(report.stdout)["failure"]["code"] == "equivocation-signature"


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    file = tmp_path / "iberia.json"
    file.write_text(json.dumps(iberia()))
    return file


def test_a_paper_is_rolled_up_in_words_with_every_comparison(paper: Path) -> None:
    said = rochdale("roll-up", str(paper))

    assert said.returncode == 0, said.stderr
    assert said.stdout.startswith("Iberian Commons: Passed: 1.9 for, 0.7 against")
    assert "19 of 26, share 33/50: 950 >= 858 holds" in said.stdout
    assert "Gràcia: weight 1, counted, for" in said.stdout
    assert "97 for, 98 against" in said.stdout
    assert "WARNING" in said.stdout


def test_a_paper_is_rolled_up_as_json(paper: Path) -> None:
    found = json.loads(rochdale("roll-up", "--json", str(paper)).stdout)

    assert (found["outcome"], found["tally"]["for"], found["level"]) == ("passed", 19, 3)
    assert found["divergence"] == {"direct": "rejected", "differs": True}
    assert found["below"]["Barcelona"]["members"]["for"] == 56


def test_a_paper_is_replayed_side_by_side(paper: Path) -> None:
    said = rochdale("simulate", str(paper))

    assert said.returncode == 0, said.stderr
    lines = {" ".join(line.split()[:2]): line for line in said.stdout.splitlines() if line}
    assert "passed" in lines["decided weights"]
    assert "Barcelona, Madrid" in lines["decided weights"]
    assert "rejected *" in lines["rule three-quarters"]
    assert "Shapley-Shubik" in said.stdout


def test_a_replay_as_json_is_exact_and_can_be_narrowed(paper: Path) -> None:
    found = json.loads(rochdale("simulate", "--json", "--only", "cap", str(paper)).stdout)

    assert [each["what"] for each in found] == ["decided", "cap", "cap", "cap"]
    assert found[0]["banzhaf"] == {"Barcelona": "1/2", "Madrid": "1/2", "Lisbon": "0/1"}


@pytest.mark.parametrize("command", ["roll-up", "simulate"])
@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"statute":{"name":"x","mode":"heads"}}'])
def test_a_file_that_is_no_paper_is_refused_in_two_lines(tmp_path: Path, command: str, content: bytes) -> None:
    file = tmp_path / "paper.json"
    file.write_bytes(content)

    said = rochdale(command, str(file))

    assert said.returncode == 2
    assert len(said.stderr.strip().splitlines()) == 2


def test_a_decision_that_is_neither_file_nor_known_is_not_simulated(tmp_path: Path) -> None:
    said = rochdale("simulate", "--data", str(initialised(tmp_path / "data")), "nothing")

    assert said.returncode == 1
    assert "no closed decision" in said.stderr


def blocks_in(page: str, opening: str) -> list[str]:
    """What stands between a line `opening` and the next line of as many backticks."""
    fence = "`" * opening.count("`")
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"^{opening}\n(.*?)^{fence}$", text, re.MULTILINE | re.DOTALL)


def test_the_file_in_the_reference_is_one_that_we_read() -> None:
    (example,) = blocks_in("docs/reference/roll-up-file.md", "```json")

    assert read_paper(json.loads(example)).rolled_up().outcome.state == "passed"


def test_the_change_of_a_statute_in_the_how_to_is_one_that_we_read() -> None:
    assert read_amendment(blocks_in("docs/how-to/try-a-statute.md", "````md")[0]) == {"cap": {"share": "1/3"}}
