"""Everything in which SQLite and PostgreSQL differ, so that no other file asks which of the two it talks to.

Called by the engine, the migrations and the readers and writers of this floor.
"""

import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from enum import IntEnum
from functools import cache, partial
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from storage import prepared, sqlite_driver
from storage.errors import NaiveTimeError, StoreUrlError

DRIVERS: Mapping[str, str] = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}
BUSY = f"busy_timeout={sqlite_driver.BUSY_MS}"
WRITER_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", BUSY)
READER_PRAGMAS = ("query_only=ON", BUSY)
MIGRATION_PRAGMAS = ("busy_timeout=60000",)
WRITER_QUEUE_SECONDS = 120
Changes: TypeAlias = Callable[[Any], Mapping[str, Any]]
MOST_COMPILED = 2000
"""Statements of different form that are kept as SQL; a node has some hundreds."""
UNPINGED_SECONDS = 1.0
"""How long a connection to PostgreSQL may rest and still be taken for open; after that it is asked first."""
_RESTS_SINCE = "rochdale.rests_since"
LOCK_SPACE = 0x726F6368  # "roch": keeps our advisory locks apart from those of other programs


class Lock(IntEnum):
    """Advisory locks on PostgreSQL, held until the transaction ends; SQLite needs none, it has one writer."""

    WRITE = 1
    MIGRATE = 2


class _Compiled(dict[Any, Any]):
    """Statements as SQL, kept once for all engines of this process: a node's reader and writer, and a demo's nodes.

    SQLAlchemy asks with the dialect of the engine first, of which each has its own; those of one name compile alike.
    """

    def get(self, key: Any, default: Any = None) -> Any:
        """What the statement was compiled to."""
        return super().get((key[0].name, *key[1:]), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        if len(self) >= MOST_COMPILED:
            self.clear()
        super().__setitem__((key[0].name, *key[1:]), compiled)


_HOW_TO_EXECUTE = {"compiled_cache": _Compiled()}


def read_url(url: str) -> sa.URL:
    """The URL with the async driver named; StoreUrlError for other engines and for memory databases."""
    parsed = sa.make_url(url)
    if parsed.drivername not in DRIVERS:
        raise StoreUrlError(f"{parsed.drivername}: use sqlite:///path/to/file or postgresql://host/name")
    if parsed.drivername.startswith("sqlite") and (parsed.database or ":memory:").startswith((":memory:", "file:")):
        raise StoreUrlError("a SQLite store needs a file path: readers and the writer hold separate connections")
    return parsed.set(drivername=DRIVERS[parsed.drivername])


def make_engines(url: sa.URL, *, pool_size: int) -> tuple[AsyncEngine, AsyncEngine]:
    """The engines (reader, writer): readers see one moment and cannot write on either database."""
    if url.get_backend_name() == "sqlite":
        reader = _sqlite_engine(url, READER_PRAGMAS, "BEGIN", pool_size=pool_size, max_overflow=0)
        writer = _sqlite_engine(
            url, WRITER_PRAGMAS, "BEGIN IMMEDIATE", pool_size=1, max_overflow=0, pool_timeout=WRITER_QUEUE_SECONDS
        )
        return reader, writer
    # At least one connection beside that of the waiting writer, for the readers.
    writer = _postgresql_engine(url, pool_size=max(pool_size, 2), max_overflow=0, pool_timeout=WRITER_QUEUE_SECONDS)
    return writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True), writer


def make_migration_engine(url: sa.URL) -> AsyncEngine:
    """An engine for schema changes: one connection, no foreign keys on SQLite (tables are rebuilt there)."""
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url, MIGRATION_PRAGMAS, "BEGIN IMMEDIATE", poolclass=NullPool)
    return _postgresql_engine(url, poolclass=NullPool)


def _sqlite_engine(url: sa.URL, pragmas: Sequence[str], begin: str, **pool: Any) -> AsyncEngine:
    connect = partial(sqlite_driver.connect, url.database or "")
    engine = create_async_engine(url, async_creator=connect, execution_options=_HOW_TO_EXECUTE, **pool)

    # The driver's own transactions begin too late and lose updates without an error: we begin ourselves.
    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin_transaction(connection: sa.Connection) -> None:
        driver: Any = connection.connection.driver_connection
        driver.begin_with = begin

    return engine


def _postgresql_engine(url: sa.URL, **pool: Any) -> AsyncEngine:
    server_settings = {
        "application_name": "rochdale",
        "jit": "off",
        # A process that vanished without closing its connection must not hold the write lock for hours.
        "idle_in_transaction_session_timeout": "300s",
    }
    connecting = {"server_settings": server_settings}
    engine = create_async_engine(url, connect_args=connecting, execution_options=_HOW_TO_EXECUTE, **pool)

    @event.listens_for(engine.sync_engine, "checkin")
    def note_rest(_connection: Any, record: Any) -> None:
        record.info[_RESTS_SINCE] = time.monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def ping_after_rest(connection: Any, record: Any, _: object) -> None:
        rests_since = record.info.get(_RESTS_SINCE)
        if rests_since is None or time.monotonic() - rests_since < UNPINGED_SECONDS:
            return
        try:
            engine.sync_engine.dialect.do_ping(connection)
        except Exception as fault:
            raise sa.exc.DisconnectionError("the server closed this connection while it rested") from fault

    return engine


def sqlite_time(moment: datetime) -> str:
    """The moment as SQLite's columns hold it. NaiveTimeError without a time zone, as the columns themselves say."""
    if moment.tzinfo is None:
        raise NaiveTimeError(f"{moment!r} has no time zone; pass datetime.now(UTC) or an aware datetime")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


async def hold(tx: AsyncConnection, lock: Lock) -> None:
    """Wait for the lock and hold it to the end of the transaction; taking it twice is harmless."""
    if tx.dialect.name == "postgresql":
        await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK_SPACE, int(lock))))


def _insert(engine: str, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(table) if engine == "postgresql" else sqlite.insert(table)


@asynccontextmanager
async def at_hand(tx: AsyncConnection) -> AsyncIterator[None]:
    """SQLite answers inside without a trip to its thread: for many short statements, none of which takes long."""
    driver = sqlite_driver.below(tx)
    if driver is None:
        yield
        return
    if not driver.begin_at_once():
        await driver.together(_nothing)  # waits for other processes on the thread
    driver.is_at_hand = True
    try:
        yield
    finally:
        driver.is_at_hand = False


def _nothing(_: sqlite3.Connection) -> None:
    return None


@asynccontextmanager
async def undoable(tx: AsyncConnection) -> AsyncIterator[None]:
    """What is written inside is undone when it raises, and the transaction goes on."""
    driver = sqlite_driver.below(tx)
    if driver is None:
        async with tx.begin_nested():
            yield
        return
    # A fifth of what the same costs through the layers above.
    await driver.together(_savepoint)
    try:
        yield
    except BaseException:
        await driver.together(_undone)
        raise
    await driver.together(_released)


def _savepoint(connection: sqlite3.Connection) -> None:
    connection.execute("SAVEPOINT undoable")


def _undone(connection: sqlite3.Connection) -> None:
    connection.execute("ROLLBACK TO undoable")
    connection.execute("RELEASE undoable")


def _released(connection: sqlite3.Connection) -> None:
    connection.execute("RELEASE undoable")


async def insert_new(
    tx: AsyncConnection, table: sa.Table, rows: Sequence[Mapping[str, Any]], *, key: Iterable[str]
) -> frozenset[tuple[Any, ...]]:
    """The keys of those rows that were not there before; the others stay as they were."""
    if not rows:
        return frozenset()
    return frozenset(tuple(row) for row in await tx.execute(_adding(tx.dialect.name, table, tuple(key)), list(rows)))


@cache
def _adding(engine: str, table: sa.Table, key: tuple[str, ...]) -> Any:
    columns = [table.c[name] for name in key]
    return _insert(engine, table).on_conflict_do_nothing(index_elements=columns).returning(*columns)


async def upsert(
    tx: AsyncConnection,
    table: sa.Table,
    row: Mapping[str, Any],
    *,
    key: Sequence[str],
    update: Changes | None = None,
) -> None:
    """Insert the row, or change the row of that key: by `update(new row)`, else to all the new values."""
    await upsert_all(tx, table, [row], key=key, update=update)


async def upsert_all(
    tx: AsyncConnection,
    table: sa.Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    key: Sequence[str],
    update: Changes | None = None,
) -> None:
    """The same for many rows with the same columns."""
    if not rows:
        return
    upserting = _upserting(tx.dialect.name, table, (tuple(rows[0]), tuple(key)), update)
    await prepared.change(tx, upserting, rows)


@cache
def _upserting(
    engine: str, table: sa.Table, names: tuple[tuple[str, ...], tuple[str, ...]], update: Changes | None
) -> postgresql.Insert | sqlite.Insert:
    given, key = names
    statement = _insert(engine, table)
    new = statement.excluded
    changes = update(new) if update else {name: new[name] for name in given if name not in key}
    return statement.on_conflict_do_update(index_elements=[table.c[name] for name in key], set_=changes)


def claiming(table: sa.Table, free: sa.Select[Any], *, changes: Mapping[str, Any]) -> sa.UpdateBase:
    """The statement that makes changes to the rows of `free`, a select of ids, that no other worker is just claiming.

    PostgreSQL steps over rows that others hold; SQLite is safe because a writer is alone.
    """
    picked = free.with_for_update(skip_locked=True, of=table).cte("picked")
    return sa.update(table).where(table.c.id.in_(sa.select(picked.c.id))).values(changes).returning(table)


async def claim(tx: AsyncConnection, statement: sa.UpdateBase, parameters: Mapping[str, Any]) -> Sequence[sa.Row[Any]]:
    """The rows, by id, that a statement made by `claiming` got hold of, after its changes."""
    return sorted((await tx.execute(statement, parameters)).all(), key=lambda row: int(row.id))
