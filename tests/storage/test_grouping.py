"""Work done in groups: one transaction for many, and nobody pays for another's mistake."""

import asyncio
from collections.abc import Sequence

import pytest

from storage.engine import Store, Tx, open_store
from storage.errors import NaiveTimeError
from storage.work import activities
from tests.storage.samples import activity

GROUPS: list[list[str]] = []


async def take(tx: Tx, names: Sequence[str]) -> Sequence[bool]:
    GROUPS.append(list(names))
    if "bad" in names:
        raise NaiveTimeError("one of them cannot be stored")
    new = await activities.add_all(tx, [activity(name) for name in names])
    return [name in new for name in names]


@pytest.fixture(autouse=True)
def _no_groups_yet() -> None:
    GROUPS.clear()


async def test_what_comes_while_a_group_is_written_is_the_next_group(store: Store) -> None:
    answers = await asyncio.gather(*(store.write_together(take, str(number)) for number in range(50)))

    assert all(answers)
    assert sum(len(group) for group in GROUPS) == 50
    assert len(GROUPS) < 5
    async with store.read() as tx:
        assert await activities.known(tx, [str(number) for number in range(50)]) == {str(n) for n in range(50)}


async def test_each_gets_the_answer_for_its_own_item(store: Store) -> None:
    assert await store.write_together(take, "1")

    assert await asyncio.gather(*(store.write_together(take, name) for name in ("2", "1", "3"))) == [True, False, True]


async def test_one_that_fails_does_not_cost_the_others_their_answer(store: Store) -> None:
    waiting = [store.write_together(take, name) for name in ("1", "bad", "2", "3")]

    answers = await asyncio.gather(*waiting, return_exceptions=True)

    assert [answers[index] for index in (0, 2, 3)] == [True, True, True]
    assert isinstance(answers[1], NaiveTimeError)


async def test_one_that_gave_up_waiting_does_not_hold_up_the_others(store: Store) -> None:
    async with store.write():
        first = asyncio.create_task(store.write_together(take, "1"))
        await asyncio.sleep(0)
        first.cancel()
        second = asyncio.create_task(store.write_together(take, "2"))

    assert await second


async def test_readers_are_answered_together_each_in_its_place(store: Store) -> None:
    await store.write_together(take, "1")

    found = await asyncio.gather(*(store.read_together(activities.find_all, name) for name in ("1", "none", "1")))

    assert [record.id if record else None for record in found] == ["1", None, "1"]


async def test_a_cancelled_statement_leaves_no_transaction_behind(sqlite_url: str) -> None:
    store = await open_store(sqlite_url)

    async def write() -> None:
        async with store.write() as tx:
            await activities.add(tx, activity("lost"))
            await asyncio.Event().wait()

    for _ in range(20):
        writing = asyncio.create_task(write())
        for _ in range(7):
            await asyncio.sleep(0)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
    async with asyncio.timeout(5), store.write() as tx:
        await activities.add(tx, activity("kept"))

    async with store.read() as tx:
        assert await activities.known(tx, ["lost", "kept"]) == {"kept"}
    await store.close()
