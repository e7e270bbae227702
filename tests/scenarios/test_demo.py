"""`rochdale demo` as a newcomer runs it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from node.demo.client import IDEMPOTENCY, Door
from tests.doors.cli import rochdale_process
from tests.scenarios.iberia import TALLIES

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.timeout(900)
def test_the_demo_decides_proves_it_and_writes_the_outcome_at_every_level(tmp_path: Path) -> None:
    file = tmp_path / "outcome.json"
    folder = tmp_path / "demo"

    done = rochdale_process(
        "demo", "--exit", "--json", str(file), "--dir", str(folder), "--base-port", "21100", COLUMNS="140"
    )

    told = json.loads(file.read_text())
    verified = rochdale_process("verify", str(folder / "evidence.jsonl"))
    assert done.returncode == 0, done.stderr
    assert "1.9 of 2.6 = 73.08 %, at least 66.00 % needed: PASSED" in done.stdout
    assert "ballot-signature" in done.stdout
    assert {handle: tuple(node["tally"].values())[:3] for handle, node in told["nodes"].items()} == TALLIES
    assert told["evidence"]["valid"] is True
    assert {node["decision"] for node in told["nodes"].values()} == {"passed"}
    assert verified.returncode == 0
    assert verified.stdout.startswith("VALID")


def test_the_demo_never_clears_a_folder_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("irreplaceable")

    done = rochdale_process("demo", "--exit", "--dir", str(tmp_path))

    assert done.returncode == 2
    assert "--dir" in done.stderr
    assert (tmp_path / "thesis.txt").read_text() == "irreplaceable"


async def test_its_client_comes_again_while_its_first_request_is_still_at_work() -> None:
    heard = list[str]()

    async def node(request: web.Request) -> web.Response:
        heard.append(request.headers[IDEMPOTENCY])
        if len(heard) < 3:
            return web.json_response({"code": "idempotency-key-busy"}, status=409)
        return web.json_response({"done": True})

    app = web.Application()
    app.router.add_post("/api/v1/proposals", node)
    async with TestServer(app) as server, ClientSession() as http:
        answer = await Door(http, str(server.make_url("")).rstrip("/")).post("proposals", {"title": "Oven"})

    assert answer == {"done": True}
    assert len(heard) == 3
    assert len(set(heard)) == 1
