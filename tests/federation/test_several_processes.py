"""Several processes of one node: one port, one database, and everything once."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession

from identity.http_signatures import cavage
from node.app import start
from node.wiring import build_node
from storage.work import activities, jobs
from tests.doors.api import found, quick_settings
from tests.doors.peers import ACTIVITY, Peer, as_bytes, peer, rsa_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from federation.receive.verify import VerifiedActivity
    from node.app import Serving
    from node.context import Node

SENT = 60


@pytest.fixture
async def there() -> AsyncIterator[Peer]:
    async with peer("there") as served:
        yield served


@pytest.fixture
async def two(tmp_path: Path, postgresql_url: str, redis_url: str) -> AsyncIterator[list[Serving]]:
    """Two whole nodes of one body on one port, as two `rochdale serve` would be."""
    settings = quick_settings(tmp_path, database_url=postgresql_url, redis_url=redis_url, allow_shared_port=True)
    await found(settings)
    serving = [await start(await build_node(settings)) for _ in range(2)]
    yield serving
    await asyncio.gather(*(one.stop() for one in serving))


async def test_each_activity_is_accepted_by_any_process_and_handled_once(two: list[Serving], there: Peer) -> None:
    handled: Counter[str] = Counter()
    for one in two:

        async def handle(activity: VerifiedActivity) -> None:
            handled[activity.id] += 1

        one.node.federation.handlers["Create", "Note"] = handle
        one.node.federation.concerned = {}
    node = two[0].node
    ids = [f"{there.origin}/activities/{number}" for number in range(SENT)]

    async with asyncio.timeout(60):
        statuses = await asyncio.gather(*(delivered(node.origin, there, name) for name in ids * 2))

    assert set(statuses) == {202}
    async with asyncio.timeout(60):
        while sum(handled.values()) < SENT or await is_waiting(node):  # noqa: ASYNC110  # rows give no event
            await asyncio.sleep(0.05)
    async with node.store.read() as tx:
        states = [row.state for row in await activities.find_all(tx, ids) if row is not None]
    assert states == ["dispatched"] * SENT
    assert set(handled.values()) == {1}


def test_processes_that_share_a_port_share_their_short_memory(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="allow_shared_port needs redis_url"):
        quick_settings(tmp_path, allow_shared_port=True)


async def is_waiting(node: Node) -> bool:
    async with node.store.read() as tx:
        return any(kind.kind == "dispatch" for kind in await jobs.summary(tx))


async def delivered(origin: str, there: Peer, activity_id: str) -> int:
    """The status in the end: like every peer, it comes again when the node asks it to.

    On a busy machine the two seconds that Redis has for an answer may pass before this process looks at it. Both nodes
    then say so and keep nothing; no other refusal is right here.
    """
    while (answer := await post(origin, there, activity_id)) != (202, None):
        assert answer == (503, "ephemeral-unavailable")
    return answer[0]


async def post(origin: str, there: Peer, activity_id: str) -> tuple[int, str | None]:
    """Status and code of one signed POST on a connection of its own, so that the kernel picks the process."""
    body = as_bytes(there.activity(id=activity_id))
    headers = cavage.sign_request(
        method="POST",
        target="/inbox",
        headers={"host": origin.removeprefix("http://"), "content-type": ACTIVITY},
        body=body,
        key_id=there.keys.rsa_id,
        key=rsa_key(there.name),
        now=datetime.now(UTC),
    )
    async with ClientSession() as http, http.post(f"{origin}/inbox", data=body, headers=headers) as answer:
        if answer.status == 202:
            return 202, None
        assert answer.headers.get("Retry-After") == "30", (answer.status, await answer.text())
        return answer.status, (await answer.json(content_type="application/problem+json"))["code"]
