"""Work done in groups: one transaction for many, nobody pays for another's mistake, the hot write is a plain one.

What joins a transaction sees the same moment, is undone alone, and is announced once it is durable.
"""

import asyncio
import sqlite3
from collections.abc import Collection, Sequence
from contextlib import closing

import pytest
import sqlalchemy as sa

from storage import body, jobs, unreachable_hosts
from storage.engine import Store, Tx, open_store
from storage.errors import NaiveTimeError
from storage.records import Conclusion, UnreachableHostRecord
from storage.work import activities
from storage.work.intake import TakenIn, arrived, take_in
from tests.storage.samples import MINUTE, NOON, activity

GROUPS: list[list[str]] = []
SILENT = UnreachableHostRecord(host="b.example", failures=3, since=NOON, try_at=NOON + MINUTE, error="timeout")


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


async def rows_of(tx: Tx) -> list[object]:
    written = await tx.execute(sa.text("SELECT * FROM activities ORDER BY id"))
    return [{**row, "position": 0} for row in written.mappings()]


async def test_what_is_taken_in_is_what_the_plain_functions_write(store: Store) -> None:
    records = [
        activity("1", object_id="https://b.example/notes/1", raw='{"content":"ñ 🌻"}'),
        activity("2", is_public=False, source_actor="https://c.example/body", received_at=NOON + MINUTE),
    ]
    async with store.write() as tx:
        assert await activities.add_all(tx, records) == {"1", "2"}
        expected = await rows_of(tx)
        await tx.execute(sa.text("DELETE FROM activities"))

        taken = await take_in(tx, records, hosts=[])

        assert taken == TakenIn(frozenset({"1", "2"}), frozenset())
        assert await rows_of(tx) == expected


async def test_what_was_known_does_not_arrive_again_and_stays_as_it_was(store: Store) -> None:
    async with store.write() as tx:
        await activities.add(tx, activity("1", raw="{}", state="dispatched"))

        taken = await take_in(tx, [activity("1"), activity("2"), activity("2")], hosts=["b.example"])

        assert taken == TakenIn(frozenset({"2"}), frozenset())
        assert [one.id for one in await arrived(tx, limit=9)] == ["2"]
        (known,) = await activities.find_all(tx, ["1"])
        assert known is not None
        assert known.raw == "{}"


async def test_hosts_that_take_no_deliveries_are_named(store: Store) -> None:
    async with store.write() as tx:
        await unreachable_hosts.save(tx, SILENT)

        taken = await take_in(tx, [activity("1")], hosts=["a.example", "b.example"])

    assert taken.unreachable == {"b.example"}


async def test_different_works_are_answered_each_in_its_place(store: Store) -> None:
    async def kept(tx: Tx, names: Sequence[str]) -> list[str]:
        await take_in(tx, [activity(name) for name in names], hosts=[])
        return [f"kept {name}" for name in names]

    async def concluded(tx: Tx, names: Sequence[str]) -> list[str]:
        await activities.conclude_all(tx, [Conclusion(name, "dispatched") for name in names])
        return [f"concluded {name}" for name in names]

    answers = await asyncio.gather(
        *(store.write_together(work, name) for name in ("1", "2") for work in (kept, concluded))
    )

    assert answers == ["kept 1", "concluded 1", "kept 2", "concluded 2"]


# --- what joins one transaction


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


async def test_an_urgent_write_waits_for_another_process_and_the_loop_goes_on(sqlite_url: str) -> None:
    store = await open_store(sqlite_url)
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as another:
        another.execute("BEGIN IMMEDIATE")
        writing = asyncio.create_task(store.write_together(take, "1", urgent=True))
        for _ in range(5):
            await store.ping()
        is_waiting = not writing.done()
        another.execute("COMMIT")
        is_new = await writing

    assert (is_waiting, is_new, await store.write_together(take, "1", urgent=True)) == (True, True, False)
    await store.close()


async def test_a_store_knows_whether_somebody_waits_to_write(store: Store) -> None:
    async def write() -> None:
        async with store.write() as tx:
            await activities.add(tx, activity("second"))

    async with store.write() as tx:
        await activities.add(tx, activity("first"))
        alone = not store.is_wanted
        other = asyncio.create_task(write())
        await asyncio.sleep(0)
        assert (alone, store.is_wanted) == (True, True)
    await other

    assert not store.is_wanted


async def test_a_request_that_must_be_written_at_once_is_seen_to_wait(sqlite_url: str) -> None:
    store = await open_store(sqlite_url)

    async def kept(tx: Tx, names: Sequence[str]) -> list[frozenset[str]]:
        return [await activities.add_all(tx, [activity(name)]) for name in names]

    async with store.write() as tx:
        await activities.add(tx, activity("first"))
        request = asyncio.create_task(store.write_together(kept, "second", urgent=True))
        async with asyncio.timeout(5):
            while not store.is_wanted:  # noqa: ASYNC110  # the group gives no event
                await asyncio.sleep(0)

    assert await request == {"second"}
    await store.close()
