"""`rochdale relief check`: the whole log again, offline; the first thing wrong is named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from federation.assembly.refusals import ReliefRefusal
from federation.assembly.relief.log_file import MOST_KEYS, Header, document_line, header_line, read_header
from node.cli import rochdale
from node.governance.plain import in_a_line
from tests.unit.relief.worlds import World, actor, did, multibase

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


@pytest.fixture(scope="module")
def world() -> World:
    world = World().surveyed().stocked()
    plan = world.in_force()
    world.take(world.delivery(plan, "apple", 1, "sent", 33), world.delivery(plan, "birch", 1, "arrived", 30))
    appeal = world.take(world.appeal(plan, "dill", 2))
    world.take(world.answer(appeal, upheld=True))
    return world


def lines_of(world: World) -> list[bytes]:
    header = Header(world.ref, actor("north"), did("north"), (multibase("north"),))
    return [header_line(header), *(document_line(document, world.at) for document in world.log)]


def checked(tmp_path: Path, lines: list[bytes], *options: str) -> Result:
    file = tmp_path / "log.jsonl"
    file.write_bytes(b"".join(lines))
    return CliRunner().invoke(rochdale, ["relief", "check", str(file), *options])


def test_a_sound_log_is_valid_and_told_step_by_step(world: World, tmp_path: Path) -> None:
    found = checked(tmp_path, lines_of(world), "--trust", multibase("north"))
    assert found.exit_code == 0, found.output
    for words in (
        "The assembly opens the relief “Flood in the valley”.",
        "The survey passed.",
        "→ Council",
        "Delegate of apple of Apple is for version 1.",
        "→ Distribution",
        "Transfer 1 of version 1: Birch has got 30 kg of Flour.",
        "North upholds the appeal of Dill: We looked.",
        "VALID",
        "Apple gives 33 kg of Flour to Birch: arrived, 3 did not arrive",
        "Apple gives 22 kg of Flour to Dill: held until a later plan",
    ):
        assert words in found.output


def test_nothing_that_others_wrote_looks_like_what_the_command_says(tmp_path: Path) -> None:
    world = World().surveyed().stocked()
    world.take(world.stock("apple", seq=2, note="Come soon.", delegate="Ana"))
    plan = world.take(world.plan())
    world.take(world.endorsement("apple", plan, delegate="Ana"), world.appeal(plan, "dill", reason="No.\r\nVALID\n"))
    found = checked(tmp_path, lines_of(world))
    assert found.exit_code == 0
    assert found.output.splitlines().count("VALID") == 1
    assert in_a_line("  a\x1b[2J\u202eb\nc") == "  a\ufffd[2J\ufffdb c"


def test_the_same_as_json(world: World, tmp_path: Path) -> None:
    found = json.loads(checked(tmp_path, lines_of(world), "--json").output)
    assert (found["valid"], found["step"], found["lines"]) == (True, "distribution", len(world.log) + 1)
    assert [each["state"] for each in found["transfers"]] == ["arrived", "held", "planned", "planned"]


def test_every_line_that_is_changed_is_found(world: World, tmp_path: Path) -> None:
    """One member of each document in turn; nobody can say something in another's name."""
    lines = lines_of(world)
    for place in range(1, len(lines)):
        row = json.loads(lines[place])
        row["document"]["governance"]["signed_at"] = "2026-12-24T18:00:00Z"
        altered = [*lines[:place], json.dumps(row).encode() + b"\n", *lines[place + 1 :]]
        found = checked(tmp_path, altered, "--json")
        failure = json.loads(found.output)["failure"]
        assert (found.exit_code, failure["line"]) == (1, place + 1)


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (lambda _: [], "relief-log"),
        (lambda lines: lines[:1], "relief-log"),
        (lambda lines: lines[1:], "relief-log"),
        (lambda lines: [*lines, b"{}\n"], "relief-log"),
        (lambda lines: [*lines, b"nothing\n"], "relief-log"),
        (lambda lines: [*lines, b"NaN\n"], "relief-log"),
        (lambda lines: [*lines, b"[" * 100_000 + b"\n"], "relief-log"),
        (lambda lines: [*lines, b'{"at":null,"document":{"attributedTo":"x","more":NaN}}\n'], "relief-signature"),
        (lambda lines: [*lines, b'{"at":null,"document":[]}\n'], "relief-log"),
        (lambda lines: [*lines, b'{"at":"soon","document":{}}\n'], "relief-log"),
        (lambda lines: [*lines, b"\xff\n"], "relief-log"),
        (lambda _: [b"\xff\n"], "relief-log"),
        (lambda lines: [*lines, lines[-1]], "relief-replay"),
        (
            lambda lines: [lines[0].replace(b"north.example/relief", b"south.example/relief"), *lines[1:]],
            "relief-other",
        ),
        (lambda lines: [lines[0], lines[2], *lines[1:]], "relief-malformed"),
        (lambda lines: [lines[0].replace(b'"keys":["', b'"keys":["z6Mk","'), *lines[1:]], ""),
        (
            lambda lines: [line for line in lines if b"/plan/" not in line or b'"kind":"plan"' not in line],
            "relief-plan-unknown",
        ),
    ],
)
def test_a_log_that_does_not_hold_names_the_first_failing_check(
    world: World, tmp_path: Path, broken: Any, code: str
) -> None:
    found = checked(tmp_path, broken(lines_of(world)))
    assert found.exit_code == (1 if code else 0), found.output
    assert ("INVALID" in found.output) == bool(code)
    assert f"first failing check: {code}" in found.output or not code


def test_a_log_that_rests_on_another_key_than_the_trusted_one_is_refused(world: World, tmp_path: Path) -> None:
    found = checked(tmp_path, lines_of(world), "--trust", multibase("south"))
    assert (found.exit_code, "relief-untrusted" in found.output) == (1, True)


@pytest.mark.parametrize("keys", [None, "one", [], [1], ["z"] * (MOST_KEYS + 1)])
def test_a_log_whose_keys_are_no_list_of_keys_is_refused(keys: object) -> None:
    world = World()
    header = json.loads(header_line(Header(world.ref, actor("north"), did("north"), (multibase("north"),))))

    with pytest.raises(ReliefRefusal) as refused:
        read_header(json.dumps({**header, "keys": keys}).encode())

    assert refused.value.code == "relief-log"
