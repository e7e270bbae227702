"""Many changes in one commit: what joins sees the same moment, is undone alone, and is announced once it is durable."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from storage import body
from storage.work import jobs
from tests.storage.samples import NOON

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from storage.engine import Store, Tx


async def put(store: Store, name: str, value: str) -> None:
    async with store.write() as tx:
        await body.put(tx, name, value)


async def seen(store: Store) -> dict[str, str]:
    async with store.read() as tx:
        return dict(await body.all(tx))


async def put_and_fail(store: Store, name: str, value: str) -> None:
    async with store.write() as tx:
        await body.put(tx, name, value)
        raise ZeroDivisionError


async def test_what_joins_sees_each_other_and_nobody_else_does_before_the_end(store: Store) -> None:
    async with store.joining():
        await put(store, "name", "Gràcia")
        inside = await seen(store)
        outside = await asyncio.create_task(seen(store))

    assert (inside, outside) == ({"name": "Gràcia"}, {})
    assert await seen(store) == {"name": "Gràcia"}


async def test_a_change_that_fails_is_undone_alone(store: Store) -> None:
    async with store.joining():
        await put(store, "first", "1")
        with pytest.raises(ZeroDivisionError):
            await put_and_fail(store, "second", "2")
        await put(store, "third", "3")

    assert await seen(store) == {"first": "1", "third": "3"}


async def test_nothing_is_left_when_all_of_it_fails(store: Store) -> None:
    async def fail() -> None:
        async with store.joining():
            await put(store, "name", "Gràcia")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()

    assert await seen(store) == {}
    await put(store, "name", "Sants")
    assert await seen(store) == {"name": "Sants"}


async def test_groups_join_too_instead_of_waiting_for_the_end(store: Store) -> None:
    async def all_put(tx: Tx, names: Sequence[str]) -> Sequence[str]:
        for name in names:
            await body.put(tx, name, "together")
        return names

    async def all_seen(tx: Tx, names: Sequence[str]) -> Sequence[str | None]:
        return [await body.get(tx, name) for name in names]

    async with asyncio.timeout(20), store.joining():
        assert await store.write_together(all_put, "name") == "name"
        assert await store.read_together(all_seen, "name") == "together"

    assert await seen(store) == {"name": "together"}


async def test_another_task_writes_after_the_end(store: Store) -> None:
    async with store.joining():
        other = asyncio.create_task(put(store, "name", "later"))
        await asyncio.sleep(0)
        await put(store, "name", "sooner")

    await other
    assert await seen(store) == {"name": "later"}


async def test_listeners_hear_of_due_jobs_after_the_commit_and_never_of_what_was_undone(store: Store) -> None:
    heard: list[Collection[str]] = []
    store.listeners.append(lambda kinds: heard.append(sorted(kinds)))

    async def enqueue(kind: str, *, fails: bool = False) -> None:
        async with store.write() as tx:
            await jobs.enqueue(tx, kind, "1", NOON)
            if fails:
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await enqueue("close", fails=True)
    assert heard == []
    await put(store, "name", "no job")
    assert heard == []
    async with store.joining():
        await enqueue("deliver")
        await enqueue("dispatch")
        assert heard == []
    assert heard == [["deliver", "dispatch"]]
