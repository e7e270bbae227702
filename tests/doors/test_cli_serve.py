"""`rochdale serve` as a process: it answers, it sets a folder up on the way, it stops gracefully."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.doors.cli import PASSPHRASE, ROOT, clean_environment, initialised, rochdale_process
from tests.ports import unused_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def serving(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """The served process once it said its address; killed at the end if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "node", "serve", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=clean_environment(**environment),
    )
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if "serving" in line:
                break
        yield process
    finally:
        process.kill()
        process.communicate()


def body_at(port: int) -> dict[str, str]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/body") as answer:
        found: dict[str, str] = json.load(answer)
        return found


def test_serve_answers_and_stops_gracefully(tmp_path: Path) -> None:
    port = unused_port()
    folder = initialised(tmp_path / "data", "--origin", f"http://127.0.0.1:{port}")

    with serving("--data", str(folder)) as process:
        answered = body_at(port)
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=20)

    assert answered["name"] == "Bread and Roses"
    assert code == 0


def test_serve_sets_up_an_empty_folder_of_a_loopback_node_and_shows_the_passphrase_once(tmp_path: Path) -> None:
    port = unused_port()
    told = {"ROCHDALE_ORIGIN": f"http://127.0.0.1:{port}", "ROCHDALE_LISTEN_PORT": str(port)}

    with serving("--data", str(tmp_path / "data"), **told) as process:
        answered = body_at(port)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=20)[0]
    with serving("--data", str(tmp_path / "data"), **told) as process:
        process.send_signal(signal.SIGINT)
        said_again = process.communicate(timeout=20)[0]

    assert answered["kind"] == "coop"
    assert re.search(r"Passphrase, shown this once: \S{12,}", said)
    assert "Passphrase" not in said_again


def test_a_node_set_up_on_the_way_has_its_address_where_it_was_asked_to_listen(tmp_path: Path) -> None:
    port = unused_port()

    with serving("--data", str(tmp_path / "data"), "--port", str(port)) as process:
        answered = body_at(port)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    with serving("--data", str(tmp_path / "data")) as process:
        answered_again = body_at(port)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)

    assert answered["actor"] == answered_again["actor"] == f"http://127.0.0.1:{port}/body"


def test_serve_does_not_make_up_a_public_node(tmp_path: Path) -> None:
    done = rochdale_process("serve", "--data", str(tmp_path / "data"), ROCHDALE_ORIGIN="https://coop.example")

    assert done.returncode == 1
    assert "rochdale init" in done.stderr
    assert not (tmp_path / "data" / "node.db").exists()


def test_serve_says_that_a_port_is_taken(tmp_path: Path) -> None:
    port = unused_port()
    folder = initialised(tmp_path / "data", "--origin", f"http://127.0.0.1:{port}")

    with serving("--data", str(folder)):
        second = rochdale_process("serve", "--data", str(folder))

    assert second.returncode == 3
    assert f":{port}" in second.stderr


def test_a_command_beside_a_running_node_is_seen_by_it(tmp_path: Path) -> None:
    port = unused_port()
    folder = initialised(tmp_path / "data", "--origin", f"http://127.0.0.1:{port}")

    with serving("--data", str(folder)):
        rochdale_process("member", "add", "blai", "--passphrase-stdin", "--data", str(folder), told=PASSPHRASE + "\n")
        body = json.dumps({"name": "blai", "passphrase": PASSPHRASE}).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/api/v1/session", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request) as answer:
            signed_in = json.load(answer)

    assert signed_in["member"]["name"] == "blai"
