"""SQLite on a thread with as few trips there and back as there are statements.

Used by dialect in place of aiosqlite's own connection, which makes a trip each for a cursor, a statement, its rows, the
end of the cursor, and for rollbacks of nothing; the trips cost several times what the statements do.
"""

import sqlite3
from collections.abc import Callable, Generator, Iterable, Sequence
from functools import partial
from typing import Any, TypeVar, cast

import aiosqlite
from sqlalchemy.ext.asyncio import AsyncConnection

BUSY_MS = 5000
"""How long a statement waits for another process."""
Row = tuple[Any, ...]
R = TypeVar("R")


class Connection(aiosqlite.Connection):
    """An aiosqlite connection as SQLAlchemy's dialect uses it; `begin_with` is sent along with the next statement.

    While it `is_at_hand` statements run at once where they are asked for, which costs a tenth and holds up the loop.
    """

    begin_with: str | None = None
    is_at_hand: bool = False
    _is_away: bool = False  # a statement is under way, or its caller gave up on it

    def __await__(self) -> Generator[Any, None, "Connection"]:
        """The open connection."""
        self._thread.daemon = True
        yield from super().__await__()
        return self

    def cursor(self) -> "Cursor":  # type: ignore[override]  # what SQLAlchemy enters at once
        """A cursor; nothing happens on the thread yet."""
        return Cursor(self)

    async def commit(self) -> None:
        """End the transaction, if one began."""
        await self._end(self._conn.commit)

    async def rollback(self) -> None:
        """Undo the transaction, if one began."""
        await self._end(self._conn.rollback)

    async def _end(self, how: Any) -> None:
        self.begin_with = None
        if self._is_away or self._conn.in_transaction:
            await self._on_thread(how)
            self._is_away = False

    async def trip(self, statement: str, parameters: Any, *, many: bool) -> tuple[sqlite3.Cursor, list[Row]]:
        """The statement's cursor and all its rows."""
        return await self.together(partial(_run, statement, parameters, many=many))

    async def together(self, work: Callable[[sqlite3.Connection], R]) -> R:
        """What `work` answers, which runs on the thread, inside the transaction, and may execute many statements."""
        begin, self.begin_with = self.begin_with, None
        self._is_away = True
        found: R = await self._on_thread(partial(_begun, self._conn, begin, work))
        self._is_away = False
        return found

    def begin_at_once(self) -> bool:
        """Whether the transaction has begun here and now; False when that means to wait for a thread or a process."""
        if self.begin_with is None or self._is_away:
            return False
        self._conn.execute("PRAGMA busy_timeout=0")
        try:
            self._conn.execute(self.begin_with)
        except sqlite3.OperationalError:  # another process writes
            return False
        finally:
            self._conn.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        self.begin_with = None
        return True

    async def _on_thread(self, work: Callable[[], Any]) -> Any:
        return work() if self.is_at_hand else await self._execute(work)  # type: ignore[no-untyped-call]  # the library's own door to its thread


class Cursor:
    """One statement and its rows, which arrive together."""

    __slots__ = ("_connection", "_done", "_rows", "arraysize")

    def __init__(self, connection: Connection) -> None:
        """Nothing has been executed yet."""
        self._connection = connection
        self._done: sqlite3.Cursor | None = None
        self._rows: list[Row] = []
        self.arraysize = 1

    async def __aenter__(self) -> "Cursor":
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> "Cursor":
        """Run one statement."""
        self._done, self._rows = await self._connection.trip(statement, parameters, many=False)
        return self

    async def executemany(self, statement: str, parameters: Iterable[Sequence[Any]]) -> "Cursor":
        """Run one statement for each of many parameters."""
        self._done, self._rows = await self._connection.trip(statement, parameters, many=True)
        return self

    async def fetchall(self) -> list[Row]:
        """The rows; a second call finds none."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Forget the rows."""
        self._rows = []

    @property
    def description(self) -> Any:
        """Names of the columns (PEP 249)."""
        return self._done.description if self._done is not None else None

    @property
    def rowcount(self) -> int:
        """Rows changed (PEP 249)."""
        return self._done.rowcount if self._done is not None else -1

    @property
    def lastrowid(self) -> int | None:
        """The id of the last row inserted (PEP 249)."""
        return self._done.lastrowid if self._done is not None else None


def connect(database: str, **options: Any) -> Connection:
    """A connection that opens when it is awaited, with the options of sqlite3.connect."""
    opening = partial(sqlite3.connect, database, isolation_level=None, check_same_thread=False, **options)
    return Connection(opening, iter_chunk_size=64)


def below(tx: AsyncConnection) -> Connection | None:
    """The connection below a transaction on SQLite, for what makes one trip of many statements; None elsewhere."""
    if tx.dialect.name != "sqlite" or tx.sync_connection is None:
        return None
    return cast("Connection", tx.sync_connection.connection.driver_connection)


def _begun(connection: sqlite3.Connection, begin: str | None, work: Callable[[sqlite3.Connection], R]) -> R:
    if begin is not None:
        connection.execute(begin)
    return work(connection)


def _run(
    statement: str, parameters: Any, connection: sqlite3.Connection, *, many: bool
) -> tuple[sqlite3.Cursor, list[Row]]:
    cursor = connection.cursor()
    if many:
        cursor.executemany(statement, parameters)
    else:
        cursor.execute(statement, parameters)
    return cursor, cursor.fetchall() if cursor.description else []
