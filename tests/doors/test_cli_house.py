"""The command line of an operator: set-up, members, settings, doctor, audit."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from federation.assembly.statute import statute_governance
from federation.assembly.weighing.modes import MODES as MODES_OF_STATUTES
from node.cli.bylaws import MODES
from node.cli.opening import TAKEN_UP
from storage import jobs, unreachable_hosts
from storage.engine import open_store
from storage.records import FinishedRun, UnreachableHostRecord
from tests.doors.api import NOON, given_up
from tests.doors.cli import PASSPHRASE, ROOT, clean_environment, initialised, rochdale

HEAVY = ("aiohttp", "sqlalchemy", "pydantic", "celery", "cryptography", "jinja2", "asyncio", "structlog")


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return initialised(tmp_path_factory.mktemp("founded") / "data")


@pytest.fixture
def folder(founded: Path, tmp_path: Path) -> Path:
    """A copy of the founded node: its own database and secret."""
    return Path(shutil.copytree(founded, tmp_path / "data"))


def test_help_names_every_command_and_loads_nothing_heavy() -> None:
    helped = rochdale("--help")
    look = f"import sys, node.cli; print([name for name in {HEAVY!r} if name in sys.modules])"
    loaded = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, text=True, check=True, cwd=ROOT, env=clean_environment()
    )

    assert helped.returncode == 0
    for command in ("init", "serve", "worker", "beat", "migrate", "audit", "verify", "member", "assembly", "doctor"):
        assert f"\n  {command} " in helped.stdout
    assert loaded.stdout.strip() == "[]"


def test_init_makes_a_node_that_only_its_owner_can_read(folder: Path) -> None:
    modes = {name: stat.S_IMODE((folder / name).stat().st_mode) for name in ("secret.key", "rochdale.toml", ".")}

    assert modes == {"secret.key": 0o600, "rochdale.toml": 0o600, ".": 0o700}
    assert PASSPHRASE.encode() not in (folder / "node.db").read_bytes()


def test_init_leaves_a_node_that_is_there_as_it_is(folder: Path) -> None:
    before = (folder / "node.db").read_bytes(), (folder / "secret.key").read_bytes()

    again = rochdale("init", "--data", str(folder), "--name", "Other", "--passphrase-stdin", told=PASSPHRASE + "\n")

    assert again.returncode == 1
    assert "left as it is" in again.stderr
    assert ((folder / "node.db").read_bytes(), (folder / "secret.key").read_bytes()) == before


def test_init_makes_nothing_while_something_is_missing(tmp_path: Path) -> None:
    nameless = rochdale("init", "--data", str(tmp_path / "one"), "--passphrase-stdin", told=PASSPHRASE + "\n")
    wordless = rochdale("init", "--data", str(tmp_path / "two"), "--name", "Bread")
    weak = rochdale("init", "--data", str(tmp_path / "three"), "--name", "Bread", "--passphrase-stdin", told="short\n")

    assert (nameless.returncode, wordless.returncode, weak.returncode) == (2, 2, 1)
    assert not (tmp_path / "one").exists()
    assert not (tmp_path / "two").exists()
    assert "longer passphrase" in weak.stderr
    assert rochdale("member", "list", "--data", str(tmp_path / "three")).returncode == 1


def test_an_assembly_begins_with_the_weights_and_the_margin_it_was_told(tmp_path: Path) -> None:
    told = ("--mode", "proportional", "--weight-denominator", "10", "--margin-seconds", "600", "--window-days", "3")

    folder = initialised(tmp_path / "data", "--kind", "assembly", *told)

    facts = facts_of(folder)
    assert {name: facts[name] for name in ("kind", "mode", "weight_denominator", "margin_seconds")} == {
        "kind": "assembly",
        "mode": "proportional",
        "weight_denominator": 10,
        "margin_seconds": 600,
    }
    assert facts["window_seconds"] == 3 * 86_400


OF_MODES: dict[str, tuple[str, ...]] = {
    "heads": ("--recount-hours", "24"),
    "weights": ("--cap", "2/5", "--may-split"),
    "members": (),
    "proportional": ("--cap", "50%"),
    "double": ("--rule", "55/100", "--members-share", "65/100", "--blocking", "4", "--abstain-as-against"),
    "sqrt": ("--quota", "optimal"),
    "degressive": ("--seats-least", "1", "--seats-most", "6"),
    "delegates": ("--seats-total", "20", "--seats-method", "hamilton", "--leaves"),
}


def test_every_mode_of_a_statute_is_offered() -> None:
    assert set(MODES) == set(MODES_OF_STATUTES) == set(OF_MODES)


@pytest.mark.parametrize("mode", MODES)
def test_an_assembly_begins_in_any_mode_it_is_offered_with_all_that_belongs_to_it(tmp_path: Path, mode: str) -> None:
    facts = facts_of(initialised(tmp_path / "data", "--kind", "assembly", "--mode", mode, *OF_MODES[mode]))

    terms = statute_governance(
        assembly="did:web:a", name="A", version=1, mode=mode, weight_denominator=1, constituents=(),
        rule=facts["rule"], margin_seconds=0, adopted_at=datetime.now(UTC), terms=facts["terms"],
    )  # fmt: skip
    assert facts["mode"] == mode
    assert {name: terms[name] for name in facts["terms"]} == facts["terms"]
    assert (facts["terms"].get("recount") == {"within_seconds": 86_400}) == (mode == "heads")
    if mode == "double":
        assert (facts["rule"]["threshold"], facts["rule"]["of"]) == ("11/20", "electorate")
        assert facts["terms"]["double"] == {"members": "13/20", "blocking": 4, "abstain_as_against": True}


@pytest.mark.parametrize(
    ("told", "code", "said"),
    [
        (("--mode", "sqrt", "--may-split"), 1, "square roots presume that each body votes as one"),
        (("--mode", "delegates"), 1, "a total of seats and a method"),
        (("--mode", "double", "--blocking", "3"), 2, "the share of members is missing"),
        (("--cap", "a third"), 2, "like 2/3 or 66 %"),
        (("--rule", "7/5"), 2, "at most 1"),
    ],
)
def test_terms_that_do_not_go_together_are_refused_with_the_reason(
    tmp_path: Path, told: tuple[str, ...], code: int, said: str
) -> None:
    named = ("--name", "Union", "--operator", "ana", "--passphrase-stdin", "--kind", "assembly")
    refused = rochdale("init", "--data", str(tmp_path / "data"), *named, *told, told=PASSPHRASE + "\n")

    assert (refused.returncode, said in refused.stderr) == (code, True), refused.stderr


def test_terms_of_an_assembly_are_refused_for_a_co_op_and_where_they_leave_no_time(tmp_path: Path) -> None:
    said = ("--name", "Bread", "--operator", "ana", "--passphrase-stdin", "--data", str(tmp_path / "data"))
    of_coop = rochdale("init", *said, "--margin-seconds", "60", told=PASSPHRASE + "\n")
    endless = ("--kind", "assembly", "--margin-seconds", "86400", "--window-days", "1")
    no_time = rochdale("init", *said, *endless, told=PASSPHRASE + "\n")

    assert (of_coop.returncode, no_time.returncode) == (2, 2)
    assert "--margin-seconds: only an assembly has this." in of_coop.stderr
    assert "no time to decide" in no_time.stderr
    assert not (tmp_path / "data").exists()


def facts_of(folder: Path) -> dict[str, Any]:
    """What set-up wrote about the body."""
    with sqlite3.connect(folder / "node.db") as database:
        [(value,)] = database.execute("SELECT value FROM body_settings WHERE name = 'body'").fetchall()
    return dict(json.loads(value))


def test_init_can_be_done_again_after_a_weak_passphrase(tmp_path: Path) -> None:
    rochdale("init", "--data", str(tmp_path / "data"), "--name", "Bread", "--passphrase-stdin", told="short\n")

    assert "ana" in rochdale("member", "list", "--data", str(initialised(tmp_path / "data"))).stdout


def test_init_keeps_the_settings_file_it_finds_and_writes_no_secret_of_the_environment(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "rochdale.toml").write_text("session_days = 7  # ours\n", encoding="utf-8")
    said = ("--name", "Bread", "--operator", "ana", "--passphrase-stdin", "--data", str(folder))

    done = rochdale("init", *said, told=PASSPHRASE + "\n", ROCHDALE_REDIS_URL="redis://:hunter2@127.0.0.1:9/0")
    written = (folder / "rochdale.toml").read_text(encoding="utf-8")

    assert done.returncode == 0, done.stderr
    assert written.startswith("session_days = 7  # ours\n")
    assert 'origin = "http://127.0.0.1:8100"' in written
    assert "hunter2" not in written


def test_members_are_enrolled_and_listed(folder: Path) -> None:
    added = rochdale("member", "add", "blai", "--passphrase-stdin", "--data", str(folder), told=PASSPHRASE + "\n")
    again = rochdale("member", "add", "blai", "--no-passphrase", "--data", str(folder))
    listed = rochdale("member", "list", "--data", str(folder))
    changed = rochdale(
        "member", "passphrase", "blai", "--passphrase-stdin", "--data", str(folder), told="a b c d e f\n"
    )
    nobody = rochdale(
        "member", "passphrase", "carla", "--passphrase-stdin", "--data", str(folder), told="a b c d e f\n"
    )

    assert added.returncode == 0
    assert "did:key:z6Mk" in added.stdout
    assert again.returncode == 1
    assert len(again.stderr.strip().splitlines()) == 2
    assert [line.split()[0] for line in listed.stdout.splitlines()[1:]] == ["ana", "blai"]
    assert (changed.returncode, nobody.returncode) == (0, 1)


def test_keys_are_listed_and_rotated_and_old_ones_kept(folder: Path) -> None:
    before = rochdale("keys", "list", "--data", str(folder))
    rotated = rochdale("keys", "rotate", "--data", str(folder))
    during = rochdale("keys", "list", "--data", str(folder))
    stolen = rochdale("keys", "rotate", "--stolen", "--data", str(folder))
    after = rochdale("keys", "list", "--data", str(folder))
    audited = rochdale("audit", "--data", str(folder))

    assert (before.returncode, rotated.returncode, stolen.returncode, audited.returncode) == (0, 0, 0, 0)
    assert before.stdout.count("signs") == 4
    assert rotated.stdout.count("-2\n") == 4
    assert (during.stdout.count("signs"), during.stdout.count("shown until")) == (4, 4)
    assert (after.stdout.count("signs"), after.stdout.count("retired")) == (4, 8)


def test_settings_say_where_each_value_comes_from_and_mask_secrets(folder: Path) -> None:
    secrets = {
        "ROCHDALE_SECRET": "ab" * 32,
        "ROCHDALE_REDIS_URL": "redis://:hunter2@localhost/0",
        "ROCHDALE_LISTEN_HOST": "0.0.0.0",
    }
    shown = rochdale("settings", "--json", "--data", str(folder), **secrets)
    found = {one["name"]: one for one in json.loads(shown.stdout)}

    assert found["listen_host"]["source"] == "environment"
    assert found["origin"]["source"] == "rochdale.toml"
    assert found["session_days"]["source"] == "default"
    assert found["data_dir"]["source"] == "option"
    assert all(one["reason"] for one in found.values())
    assert "hunter2" not in shown.stdout
    assert "abab" not in shown.stdout


def test_doctor_says_what_is_wrong_and_what_to_do(folder: Path) -> None:
    well = rochdale("doctor", "--data", str(folder))
    (folder / "secret.key").chmod(0o644)
    ill = rochdale("doctor", "--data", str(folder))

    assert well.returncode == 0
    assert not [line for line in well.stdout.splitlines() if line.startswith("wrong")]
    assert ill.returncode == 1
    assert "chmod 600" in ill.stdout


def test_doctor_names_a_database_that_does_not_answer(folder: Path) -> None:
    ill = rochdale("doctor", "--data", str(folder), ROCHDALE_DATABASE_URL="postgresql://u:hunter2@127.0.0.1:9/none")

    assert ill.returncode == 1
    assert "does not answer" in ill.stdout
    assert "hunter2" not in ill.stdout + ill.stderr


def test_audit_passes_an_untouched_node_and_names_the_first_event_that_was_changed(folder: Path) -> None:
    well = rochdale("audit", "--data", str(folder))
    with sqlite3.connect(folder / "node.db") as database:
        database.execute("UPDATE events SET actor = 'somebody else' WHERE seq = 2")
    ill = rochdale("audit", "--data", str(folder))

    assert (well.returncode, ill.returncode) == (0, 1)
    assert "event 2" in ill.stderr


def test_migrate_may_be_repeated(folder: Path) -> None:
    assert rochdale("migrate", "--data", str(folder)).returncode == 0
    assert rochdale("migrate", "--data", str(folder)).returncode == 0


def test_lists_of_an_empty_node_say_so(folder: Path) -> None:
    lists = (
        ("proposal", "list"),
        ("assembly", "list"),
        ("assembly", "applications"),
        ("assembly", "constituents"),
        ("peer", "list"),
        ("peer", "policies"),
        ("peer", "unreachable"),
        ("delivery", "list"),
        ("job", "list"),
    )
    for words in lists:
        done = rochdale(*words, "--data", str(folder))

        assert done.returncode == 0, done.stderr
        assert done.stdout.strip(), words


def test_what_is_not_there_or_not_understood_has_its_exit_code(folder: Path, tmp_path: Path) -> None:
    cases = {
        ("nonsense",): 2,
        ("verify", str(tmp_path / "absent.jsonl")): 2,
        ("proposal", "show", "nowhere", "--data", str(folder)): 1,
        ("assembly", "accept", "https://nobody.example/body", "--data", str(folder)): 1,
        ("member", "list", "--data", str(tmp_path / "nowhere")): 1,
        ("worker", "--data", str(folder)): 2,
        ("beat", "--data", str(folder)): 2,
    }
    for words, code in cases.items():
        done = rochdale(*words)

        assert done.returncode == code, (words, done.stderr)
        assert "Traceback" not in done.stderr


def test_a_setting_that_cannot_be_used_is_named(folder: Path) -> None:
    wrong = rochdale("member", "list", "--data", str(folder), ROCHDALE_LISTEN_PORT="many")
    (folder / "rochdale.toml").write_text("this is not toml", encoding="utf-8")
    unreadable = rochdale("member", "list", "--data", str(folder))

    assert (wrong.returncode, unreadable.returncode) == (2, 2)
    assert "listen_port" in wrong.stderr
    assert "rochdale.toml" in unreadable.stderr


def test_a_fault_is_two_lines_and_exit_code_3(folder: Path) -> None:
    (folder / "node.db").write_bytes(b"this is no database at all, and long enough to be read as a broken one" * 20)

    broken = rochdale("member", "list", "--data", str(folder))

    assert broken.returncode == 3
    assert len(broken.stderr.strip().splitlines()) == 2
    assert "doctor" in broken.stderr


@pytest.mark.parametrize("command", [("delivery", "list"), ("serve",)])
def test_every_command_names_a_database_that_does_not_answer(folder: Path, command: tuple[str, ...]) -> None:
    ill = rochdale(*command, "--data", str(folder), ROCHDALE_DATABASE_URL="postgresql://u:hunter2@127.0.0.1:9/none")

    assert ill.returncode == 3
    assert ill.stderr.startswith("The database takes nothing")
    assert "database_url" in ill.stderr
    assert "hunter2" not in ill.stdout + ill.stderr


def test_a_delivery_that_was_given_up_is_listed_and_tried_again_once(folder: Path) -> None:
    give_up_one(folder)

    listed = rochdale("delivery", "list", "--data", str(folder))
    tried = rochdale("delivery", "retry", "1", "--data", str(folder))
    again = rochdale("delivery", "retry", "1", "--data", str(folder))
    unknown = rochdale("delivery", "retry", "7", "--data", str(folder))

    assert "peer.example" in listed.stdout
    assert "410" in listed.stdout
    assert (tried.returncode, tried.stdout) == (0, f"1 to peer.example is due again. {TAKEN_UP}\n")
    assert (again.returncode, unknown.returncode) == (1, 1)
    assert "Nothing was given up." in rochdale("delivery", "list", "--data", str(folder)).stdout


def give_up_one(folder: Path) -> None:
    """A delivery to peer.example that its inbox refused for good."""

    async def work() -> None:
        store = await open_store(f"sqlite:///{folder / 'node.db'}")
        async with store.write() as tx:
            await given_up(tx)
        await store.close()

    asyncio.run(work())


def test_work_that_stands_still_is_listed_and_taken_up(folder: Path) -> None:
    put_aside(folder)

    listed = rochdale("job", "list", "--data", str(folder))
    neither = rochdale("job", "retry", "--data", str(folder))
    resumed = rochdale("job", "retry", "1", "--data", str(folder))
    again = rochdale("job", "retry", "1", "--data", str(folder))
    rest = rochdale("job", "retry", "--all", "--data", str(folder))

    assert [line.split()[:4] for line in listed.stdout.splitlines()[1:]] == [
        ["1", "dispatch", "12", "https://peer.example/1"],
        ["2", "dispatch", "12", "https://peer.example/2"],
    ]
    assert (neither.returncode, again.returncode) == (2, 1)
    assert resumed.stdout == f"1 (dispatch) is due again. {TAKEN_UP}\n"
    assert rest.stdout == f"2 (dispatch) is due again. {TAKEN_UP}\n"
    assert "Nothing stands still." in rochdale("job", "list", "--data", str(folder)).stdout


def test_a_silent_host_is_listed_and_tried(folder: Path) -> None:
    put_aside(folder)

    listed = rochdale("peer", "unreachable", "--data", str(folder))
    tried = rochdale("peer", "try", "silent.example", "--data", str(folder))
    unknown = rochdale("peer", "try", "other.example", "--data", str(folder))

    assert listed.stdout.splitlines()[1].split()[:2] == ["silent.example", "3"]
    assert (tried.returncode, tried.stdout) == (0, f"silent.example is due now. {TAKEN_UP}\n")
    assert unknown.returncode == 1


def test_addresses_are_said_and_taken_back(folder: Path) -> None:
    def address(*words: str) -> subprocess.CompletedProcess[str]:
        return rochdale("address", *words, "--data", str(folder))

    before = address("show")
    added = address("earlier", "https://old.example/body")
    kept = address("show")
    unreachable = address("move", "http://127.0.0.1:1/body")
    nonsense = address("earlier", "old.example")
    early = address("stay")
    forgotten = address("earlier", "https://old.example/body", "--forget")

    assert (before.stdout, kept.stdout) == ("is here\n", "was https://old.example/body\nis here\n")
    assert added.stdout == f"{kept.stdout}{TAKEN_UP}\n"
    assert [one.returncode for one in (unreachable, nonsense, early, forgotten)] == [1, 1, 1, 0]
    assert address("show").stdout == before.stdout


def put_aside(folder: Path) -> None:
    """Two jobs that failed too often, and a host that does not answer."""

    async def work() -> None:
        store = await open_store(f"sqlite:///{folder / 'node.db'}")
        async with store.write() as tx:
            await jobs.enqueue_all(tx, "dispatch", ["https://peer.example/1", "https://peer.example/2"], NOON)
            held = [
                replace(job, attempts=12)
                for job in await jobs.claim(
                    tx, ["dispatch"], now=NOON, limit=9, lease=timedelta(minutes=1), worker="test"
                )
            ]
            await jobs.finish_all(tx, [FinishedRun(job, again_at=NOON, error="broken", is_parked=True) for job in held])
            silent = UnreachableHostRecord(
                host="silent.example", failures=3, since=NOON, try_at=NOON, error="no answer"
            )
            await unreachable_hosts.save(tx, silent)
        await store.close()

    asyncio.run(work())


def test_a_host_is_blocked_limited_and_allowed_again(folder: Path) -> None:
    def peer(*words: str) -> subprocess.CompletedProcess[str]:
        return rochdale("peer", *words, "--data", str(folder))

    blocked = peer("block", "https://Spam.example/body", "--note", "advertisements")
    limited = peer("limit", "loud.example")
    listed = peer("policies")
    allowed = peer("allow", "spam.example")
    nonsense = peer("block", "not a host")

    assert (blocked.stdout, limited.stdout, allowed.stdout) == (
        "spam.example: block\n",
        "loud.example: limit\n",
        "spam.example: allow\n",
    )
    assert [line.split()[:2] for line in listed.stdout.splitlines()[1:]] == [
        ["loud.example", "limit"],
        ["spam.example", "block"],
    ]
    assert "advertisements" in listed.stdout
    assert (nonsense.returncode, "host of another node" in nonsense.stderr) == (1, True)
    assert "loud.example" in peer("policies").stdout
