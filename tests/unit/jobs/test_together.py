"""Dispatches that share a commit: one that fails costs the others nothing, and a commit that fails loses nobody."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from node.jobs import IN_ONE_LOOK, look_at_arrivals, run_batch
from node.outbound import post
from node.wiring import build_node, close_node
from storage.commons import offers
from storage.records import ActivityRecord
from storage.work import activities, events, jobs
from storage.work.jobs import DISPATCH
from tests.doors.api import found, quick_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from federation.receive.verify import VerifiedActivity
    from node.context import Node
    from storage.engine import Tx

PEER = "https://peer.example/body"


@pytest.fixture
async def node(tmp_path: Path, database_url: str) -> AsyncIterator[Node]:
    settings = quick_settings(tmp_path / "node", database_url=database_url)
    await found(settings)
    built = (await build_node(settings)).node
    yield built
    await close_node(built)


async def arrive(node: Node, *titles: str) -> None:
    """Offers of a peer, recorded."""
    async with node.store.write() as tx:
        for title in titles:
            offer = {"id": f"{PEER}/{title}", "type": "Proposal", "attributedTo": PEER, "purpose": "offer"}
            offer["name"] = title
            says = f"{PEER}/says/{title}"
            document = {"id": says, "type": "Create", "actor": PEER, "object": offer}
            row = ActivityRecord(
                id=says, direction="in", type="Create", actor_id=PEER, raw=json.dumps(document),
                received_at=node.clock(), is_public=True, object_id=offer["id"],
            )  # fmt: skip
            await activities.add(tx, row)


async def listed(node: Node) -> list[str]:
    async with node.store.read() as tx:
        return sorted(offer.title for offer in await offers.search(tx))


async def became_of(node: Node, title: str) -> tuple[str, str | None, str | None]:
    """State and reason of what brought that offer, and what its job says."""
    async with node.store.read() as tx:
        row = await activities.find(tx, f"{PEER}/says/{title}")
        job = await jobs.find(tx, DISPATCH, f"{PEER}/says/{title}")
    assert row is not None
    return row.state, row.reason, job.last_error if job else None


async def noted(node: Node) -> int:
    async with node.store.read() as tx:
        return sum(event.type == "offer-received" for event in await events.recent(tx, limit=100))


async def test_many_are_applied_and_one_that_is_refused_says_why(node: Node) -> None:
    await arrive(node, "Flour", "", "Sugar")

    assert await run_batch(node, 10, "test") == 3

    assert await listed(node) == ["Flour", "Sugar"]
    assert await became_of(node, "") == ("refused", "offer-invalid", None)
    assert await became_of(node, "Flour") == await became_of(node, "Sugar") == ("dispatched", None, None)


async def test_one_that_breaks_leaves_nothing_and_is_kept_for_another_try(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay = post.relay

    async def breaking(tx: Tx, node: Node, activity: VerifiedActivity, *, ordering_key: str) -> None:
        if activity.id.endswith("Salt"):
            raise ZeroDivisionError
        await relay(tx, node, activity, ordering_key=ordering_key)

    monkeypatch.setattr(post, "relay", breaking)
    await arrive(node, "Flour", "Salt", "Sugar")

    assert await run_batch(node, 10, "test") == 4  # three looked at, one of them tried again alone

    assert await listed(node) == ["Flour", "Sugar"]
    state, _, error = await became_of(node, "Salt")
    assert (state, error) == ("queued", "ZeroDivisionError: ")
    assert await noted(node) == 2


async def test_a_commit_that_fails_leaves_each_to_be_dispatched_alone(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    async def failing(*_: object) -> None:
        tried.append("together")
        raise ZeroDivisionError

    monkeypatch.setattr(activities, "conclude_all", failing)
    await arrive(node, "Flour", "Sugar")

    assert await look_at_arrivals(node) == (2, False)

    assert (await listed(node), await noted(node), set(tried)) == ([], 0, {"together"})
    assert await became_of(node, "Flour") == await became_of(node, "Sugar") == ("queued", None, None)
    monkeypatch.undo()
    assert await run_batch(node, 10, "test") == 2
    assert await listed(node) == ["Flour", "Sugar"]


async def test_what_does_not_fit_into_one_look_is_left_to_the_next(node: Node) -> None:
    await arrive(node, *(f"Offer {number:02}" for number in range(IN_ONE_LOOK + 3)))

    assert [await look_at_arrivals(node) for _ in range(3)] == [(IN_ONE_LOOK, True), (3, False), (0, False)]

    assert await noted(node) == IN_ONE_LOOK + 3


async def test_two_that_look_at_once_apply_each_offer_once(node: Node) -> None:
    await arrive(node, *(f"Offer {number:02}" for number in range(20)))

    await asyncio.gather(*(look_at_arrivals(node) for _ in range(3)))

    assert await noted(node) == 20
    assert b'rochdale_jobs_total{kind="dispatch",outcome="done"} 20.0' in node.metrics.text()


async def test_what_is_dispatched_already_is_not_dispatched_again(node: Node) -> None:
    await arrive(node, "Flour")
    assert await run_batch(node, 10, "test") == 1
    async with node.store.write() as tx:
        await jobs.enqueue(tx, DISPATCH, f"{PEER}/says/Flour", node.clock())
        await jobs.enqueue(tx, DISPATCH, f"{PEER}/says/nothing", node.clock())

    assert await run_batch(node, 10, "test") == 2

    assert (await listed(node), await noted(node)) == (["Flour"], 1)
    async with node.store.read() as tx:
        assert await jobs.summary(tx) == ()
