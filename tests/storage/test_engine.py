import asyncio
import re
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine.interfaces import CacheStats
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from storage import ballots, body, deliveries, dialect, intake, migrate, offers, proposals, rolls, sqlite_driver
from storage.away import is_away
from storage.engine import Store, Tx, open_store
from storage.errors import NaiveTimeError, RowMissingError, StoreBusyError, StoreUrlError
from tests.engines import ask_postgresql, run_apart
from tests.storage.samples import MOTION, NOON, ballot, propose


async def test_a_write_is_there_for_the_next_reader(store: Store) -> None:
    async with store.write() as tx:
        await body.put(tx, "name", "Gràcia")

    async with store.read() as tx:
        assert await body.get(tx, "name") == "Gràcia"


async def test_nothing_is_left_of_a_write_that_fails(store: Store) -> None:
    async def fail_half_way() -> None:
        async with store.write() as tx:
            await body.put(tx, "name", "Gràcia")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_half_way()

    async with store.read() as tx:
        assert await body.all(tx) == {}


async def test_a_cancelled_write_leaves_nothing_and_the_store_goes_on(store: Store) -> None:
    written = asyncio.Event()

    async def never_ending() -> None:
        async with store.write() as tx:
            await body.put(tx, "name", "half")
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(never_ending())
    await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    async with store.write() as tx:
        assert await body.get(tx, "name") is None
        await body.put(tx, "name", "whole")


async def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(DBAPIError):
        async with store.read() as tx:
            await body.put(tx, "name", "Gràcia")


async def test_a_statement_is_compiled_once_for_readers_writers_and_other_stores(
    store: Store, database_url: str, tmp_path: Path
) -> None:
    question = sa.select(sa.literal(1).label(tmp_path.parent.name + tmp_path.name))
    other = await open_store(database_url)
    hits = []
    for turn in (store.read, store.write, other.read, other.write):
        async with turn() as tx:
            hits.append((await tx.execute(question)).context.cache_hit)
    await other.close()

    assert hits == [CacheStats.CACHE_MISS, *[CacheStats.CACHE_HIT] * 3]


async def test_a_reader_sees_one_moment_and_does_not_wait_for_writers(store: Store) -> None:
    async with store.write() as tx:
        await body.put(tx, "name", "before")

    async with store.read() as reader:
        assert await body.get(reader, "name") == "before"
        async with store.write() as tx:
            await body.put(tx, "name", "after")
        assert await body.get(reader, "name") == "before"

    async with store.read() as reader:
        assert await body.get(reader, "name") == "after"


async def test_no_update_is_lost_among_concurrent_writers(database_url: str) -> None:
    stores = [await open_store(database_url, pool_size=3) for _ in range(2)]

    async def add_ones(store: Store) -> None:
        for _ in range(10):
            async with store.write() as tx:
                await body.put(tx, "n", int(await body.get(tx, "n", 0)) + 1)

    await asyncio.gather(*(add_ones(store) for store in stores * 3))

    async with stores[0].read() as tx:
        assert await body.get(tx, "n") == 60
    for store in stores:
        await store.close()


async def test_readers_are_served_while_writers_queue(database_url: str) -> None:
    store = await open_store(database_url, pool_size=2)

    async def write(number: int) -> None:
        async with store.write() as tx:
            await body.put(tx, str(number), number)

    async with store.write() as tx:
        await body.put(tx, "first", True)
        waiting = [asyncio.create_task(write(number)) for number in range(5)]
        async with asyncio.timeout(30), store.read() as reader:
            assert await body.all(reader) == {}
    await asyncio.gather(*waiting)

    async with store.read() as reader:
        assert len(await body.all(reader)) == 6
    await store.close()


async def test_a_write_inside_a_write_is_told_instead_of_hanging(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.dialect.WRITER_QUEUE_SECONDS", 0.01)

    async with store.write():
        with pytest.raises(StoreBusyError):
            await store.write().__aenter__()


async def test_foreign_keys_are_enforced(store: Store) -> None:
    with pytest.raises(IntegrityError):
        async with store.write() as tx:
            await ballots.add(tx, ballot())


async def test_times_keep_their_instant_and_come_back_in_utc(store: Store) -> None:
    madrid = timezone(timedelta(hours=2))
    async with store.write() as tx:
        await propose(tx, closes_at=NOON.astimezone(madrid))

    async with store.read() as tx:
        found = await proposals.find(tx, MOTION)

    assert found is not None
    assert found.closes_at == NOON
    assert found.closes_at.tzinfo is UTC or found.closes_at.utcoffset() == timedelta(0)


async def test_a_time_without_zone_is_refused(store: Store) -> None:
    with pytest.raises(StatementError) as refused:
        async with store.write() as tx:
            await propose(tx, closes_at=datetime(2026, 5, 1, 12, 0))  # noqa: DTZ001 (the naive time under test)

    assert isinstance(refused.value.orig, NaiveTimeError)


async def test_documents_come_back_as_they_were(store: Store) -> None:
    document = {"z": [1, {"é": None}], "a": 2**53 - 1, "half": "1/2", "": True}
    async with store.write() as tx:
        await propose(tx, document=document, tally=None)

    async with store.read() as tx:
        found = await proposals.find(tx, MOTION)
        is_null = await tx.scalar(sa.text("SELECT tally IS NULL FROM proposals"))

    assert found is not None
    assert (found.document, found.tally) == (document, None)
    assert is_null


async def test_changing_a_row_that_is_not_there_is_an_error(store: Store) -> None:
    with pytest.raises(RowMissingError):
        async with store.write() as tx:
            await proposals.update(tx, "https://nowhere.example/1", state="passed")


async def test_sqlite_commits_survive_power_loss_and_check_references(sqlite_url: str) -> None:
    store = await open_store(sqlite_url)

    async with store.write() as tx:
        values = [
            await tx.scalar(sa.text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")
        ]

    assert values == ["wal", 2, 1]
    await store.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory", "mysql://h/d"])
async def test_other_engines_and_memory_databases_are_refused(url: str) -> None:
    with pytest.raises(StoreUrlError):
        await open_store(url)


async def test_a_database_that_does_not_answer_is_told_at_once() -> None:
    with pytest.raises(ConnectionRefusedError):
        await open_store("postgresql://postgres@127.0.0.1:1/nothing")


async def test_what_the_database_takes_no_part_in_is_told_from_what_is_wrong(database_url: str, tmp_path: Path) -> None:
    nowhere = {"sqlite": f"sqlite:///{tmp_path}/absent/node.db", "postgresql": "postgresql://nobody@127.0.0.1:9/none"}
    store = await open_store(database_url)

    with pytest.raises(Exception) as unconnected:  # noqa: PT011  # of either driver
        await open_store(nowhere[store.dialect])
    with pytest.raises(DBAPIError) as malformed:
        async with store.read() as tx:
            await tx.execute(sa.text("SELECT * FROM nothing"))
    with pytest.raises(IntegrityError) as doubled:
        async with store.write() as tx:
            await tx.execute(sa.text("INSERT INTO body_settings (name) VALUES (NULL)"))
    await store.close()

    assert is_away(unconnected.value)
    assert is_away(StoreBusyError("a write waited too long"))
    assert not is_away(malformed.value)
    assert not is_away(doubled.value)


async def test_a_lock_that_is_not_let_go_and_a_full_disk_are_no_fault_of_what_was_asked(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.dialect.WRITER_PRAGMAS", ("journal_mode=WAL", "busy_timeout=1", "max_page_count=1"))
    store = await open_store(sqlite_url)
    holder = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)

    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(DBAPIError) as locked:
        async with store.write() as tx:
            await tx.execute(sa.text("DELETE FROM body_settings"))
    holder.close()
    with pytest.raises(DBAPIError) as full:
        async with store.write() as tx:
            await tx.execute(sa.text("CREATE TABLE big AS SELECT zeroblob(10000000)"))
    await store.close()

    assert is_away(locked.value)
    assert is_away(full.value)


async def test_urls_may_name_the_driver_or_leave_it_out(sqlite_url: str) -> None:
    store = await open_store(sqlite_url.replace("sqlite:", "sqlite+aiosqlite:"))

    await store.ping()

    assert store.dialect == "sqlite"
    assert await migrate.current(sqlite_url) == migrate.head()
    await store.close()


NO_LOOK = re.compile("SCAN (?!CONSTANT ROW|anon_)")
LOOKS: dict[str, tuple[Callable[[Tx], Awaitable[Any]], str]] = {
    "latest ballot": (
        lambda tx: ballots.latest_sent(tx, "proposal", "voter"),
        "ix_ballots_proposal_id_voter_seq (proposal_id=? AND voter=?)",
    ),
    "counted ballot": (
        lambda tx: ballots.current(tx, "proposal", "voter"),
        "uq_ballots_one_counted (proposal_id=? AND voter=?)",
    ),
    "voter without a ballot": (
        lambda tx: rolls.has_all_voted(tx, "proposal"),
        "uq_ballots_one_counted (proposal_id=? AND voter=?)",
    ),
    "activities that wait": (lambda tx: intake.arrived(tx, limit=9), "ix_activities_waiting (direction=?)"),
    "deliveries next in order": (
        lambda tx: deliveries.next_due_all(tx, ["host"]),
        "ix_deliveries_due_order (inbox=? AND ordering_key=?)",
    ),
    "an offer that arrives": (
        lambda tx: offers.arrival(tx, "offer", "owner"),
        "ix_activities_object_id (object_id=?)",
    ),
}


@pytest.mark.parametrize("look", LOOKS)
async def test_a_hot_look_uses_the_index_made_for_it(sqlite_url: str, look: str) -> None:
    ask, index = LOOKS[look]
    store = await open_store(sqlite_url)
    async with store.write() as tx:
        driver = sqlite_driver.below(tx)
        assert driver is not None
        said: list[str] = []
        await driver.together(lambda connection: connection.set_trace_callback(said.append))
        await ask(tx)
        await driver.together(lambda connection: connection.set_trace_callback(None))
        plan = await driver.together(lambda connection: _plan(connection, said[-1]))
    await store.close()

    assert any(step.endswith(index) for step in plan), plan
    assert not any(NO_LOOK.match(step) for step in plan), plan


def _plan(connection: sqlite3.Connection, statement: str) -> list[str]:
    return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]


async def test_a_connection_that_the_server_closed_while_it_rested_is_replaced(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialect, "UNPINGED_SECONDS", 0)
    store = await open_store(postgresql_url, pool_size=2)
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname"
    closed = await asyncio.to_thread(run_apart, ask_postgresql(postgresql_url, f"{others} = current_database()"))

    await store.ping()

    await store.close()
    assert closed == [(True,)]
