"""Who leaves us waiting keeps no place from others, however much there is to ask it: real sockets, a real worker."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from federation.errors import NotYet
from federation.fetch import lines
from federation.fetch.lines import AT_ONCE, IN_LINE, Lines
from node.in_process import InProcessWorker
from node.wiring import build_node, close_node
from storage.work import jobs
from tests.doors.api import found, quick_settings
from tests.doors.peers import Peer, peer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

ASKED_OF_IT = 300


@pytest.fixture
async def slow() -> AsyncIterator[tuple[Peer, asyncio.Event]]:
    """A peer that answers nothing until its event is set."""
    over = asyncio.Event()

    async def never(_: web.Request) -> web.StreamResponse:
        await over.wait()
        return web.Response(status=404)

    async with peer("slow") as served:
        served.pages |= {f"/activities/{number}": never for number in range(ASKED_OF_IT)}
        yield served, over
        over.set()


async def test_a_peer_that_hangs_keeps_nobody_else_from_being_asked(
    tmp_path: Path, fresh_sqlite_url: Callable[[], str], slow: tuple[Peer, asyncio.Event]
) -> None:
    settings = quick_settings(tmp_path / "node", database_url=fresh_sqlite_url())
    await found(settings)
    node, worker, asked = (await build_node(settings)).node, InProcessWorker(), asyncio.Event()

    async def live(_: web.Request) -> web.Response:
        asked.set()
        return web.Response(status=404)

    async with peer("quick") as quick:
        quick.pages["/activities/1"] = live
        async with node.store.write() as tx:
            kept_waiting = [f"{slow[0].origin}/activities/{number}" for number in range(ASKED_OF_IT)]
            await jobs.enqueue_all(tx, "fetch-activity", kept_waiting, node.clock())
        async with node.store.write() as tx:
            await jobs.enqueue_all(tx, "fetch-activity", [f"{quick.origin}/activities/1"], node.clock())
        worker.start(node)

        async with asyncio.timeout(10):
            await asked.wait()

        assert slow[0].asked.total() <= AT_ONCE
        slow[1].set()
        await worker.stop()
    await close_node(node)


async def test_a_line_has_an_end_and_is_forgotten_with_the_last_who_stands_in_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lines, "WAIT_SECONDS", 0.01)
    made, over, refused = Lines(), asyncio.Event(), list[str]()

    async def ask(host: str) -> None:
        try:
            async with made.turn(f"https://{host}.slow.example/1"):
                await over.wait()
        except NotYet as reason:
            refused.append(reason.advice)

    async with asyncio.TaskGroup() as group:
        for number in range(IN_LINE + 3):
            group.create_task(ask(f"n{number}"))
        async with asyncio.timeout(10):
            while len(refused) < IN_LINE + 3 - AT_ONCE:  # noqa: ASYNC110  # a refusal gives no event
                await asyncio.sleep(0)
        over.set()
    async with made.turn("https://slow.example/1"):
        pass

    assert sorted(refused) == sorted(
        ["slow.example is asked for much else"] * 3 + ["slow.example takes long to answer"] * (IN_LINE - AT_ONCE)
    )
    assert (made._sizes, made._places) == ({}, {})
