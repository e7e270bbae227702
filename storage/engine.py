"""The store of a node: a pool for readers, a pool for writers, and transactions of both kinds.

Opened by the wiring, used by services, the wire floor and workers.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, TypeAlias, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage import dialect
from storage.errors import StoreBusyError
from storage.grouping import Group

Tx: TypeAlias = AsyncConnection
DialectName: TypeAlias = Literal["sqlite", "postgresql"]
T = TypeVar("T")
R = TypeVar("R")
Together: TypeAlias = Callable[[Tx, Sequence[T]], Awaitable[Sequence[R]]]
Listener: TypeAlias = Callable[[Collection[str]], None]
LARGEST_GROUP = 200
DUE = "rochdale.due"


@dataclass(frozen=True, slots=True)
class Store:
    """What a node remembers; belongs to the event loop that opened it.

    `listeners` are told the kinds of jobs that a commit left due; losing such a word only delays.
    """

    dialect: DialectName
    reader: AsyncEngine
    writer: AsyncEngine
    queue: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)
    groups: dict[object, Group[Any, Any]] = field(default_factory=dict, repr=False)
    joined: dict[asyncio.Task[Any] | None, Tx] = field(default_factory=dict, repr=False)
    listeners: list[Listener] = field(default_factory=list, repr=False)
    waiting: set[object] = field(default_factory=set, repr=False)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """A transaction that sees one moment and cannot write; never waits for writers."""
        if (joined := self._joined()) is not None:
            yield joined
            return
        async with self.reader.connect() as connection, connection.begin():
            yield connection

    @asynccontextmanager
    async def write(self, *, alone: bool = True) -> AsyncIterator[Tx]:
        """A transaction that commits at the end and rolls back on any exception.

        Alone means no other writer, here or in another process, comes between what it reads and what it writes.
        `alone=False` lets PostgreSQL run writers side by side: only for claims and for inserts that read nothing first.
        Keep network calls and further `write()` out: everybody else is waiting. StoreBusyError after two minutes' wait.
        """
        if (joined := self._joined()) is not None:
            async with dialect.undoable(joined):
                yield joined
            return
        due: set[str] = set()
        with self._queued() as served:
            async with self._turn() if alone else nullcontext(), self.writer.begin() as connection:
                connection.info[DUE] = due
                if alone:
                    await dialect.hold(connection, dialect.Lock.WRITE)
                served()
                yield connection
        if due:
            for tell in self.listeners:
                tell(due)

    @asynccontextmanager
    async def joining(self) -> AsyncIterator[Tx]:
        """One transaction for all that this task reads and writes until the end, so that many changes share a commit.

        Each `write()` inside is undone alone when it raises; what it left is durable only after the end. Tasks that
        this one starts do not join. For what looks at few rows: SQLite works on the event loop meanwhile.
        """
        task = asyncio.current_task()
        async with self.write() as tx, dialect.at_hand(tx):
            self.joined[task] = tx
            try:
                yield tx
            finally:
                del self.joined[task]

    def _joined(self) -> Tx | None:
        return self.joined.get(asyncio.current_task()) if self.joined else None

    async def read_together(self, look: Together[T, R], item: T) -> R:
        """What `look(tx, items)` answers for this item, in one transaction with others who ask alike."""
        if (joined := self._joined()) is not None:
            return (await look(joined, [item]))[0]
        return await self._group(look, self.read).add(item)

    async def write_together(self, work: Together[T, R], item: T, *, urgent: bool = False) -> R:
        """The same for writing, as `write(alone=False)`: one commit for many, and each waits until it is durable.

        `work` is a function of a module, takes items in the order they came, and answers one for each. When it fails
        for several, it is called again for each alone. Different works share a commit on SQLite, where they would only
        wait for each other; there it queues with those who write alone and so grows, unless it is urgent.
        """
        if self._joined() is not None:
            async with self.write() as tx:
                return (await work(tx, [item]))[0]
        if self.dialect == "sqlite":
            shared, begin = (_work_urgent, self._write_at_hand) if urgent else (_work_all, self.write)
            return cast("R", await self._group(shared, begin).add((work, item)))
        return await self._group(work, partial(self.write, alone=False)).add(item)

    @asynccontextmanager
    async def _write_at_hand(self) -> AsyncIterator[Tx]:
        """As `write(alone=False)`, on the event loop but for begin and commit.

        On a thread every statement would have to ask for the interpreter again, which a busy loop gives it every 5 ms.
        """
        async with self.write(alone=False) as tx, dialect.at_hand(tx):
            yield tx

    def _group(self, work: Together[T, R], begin: Callable[[], AbstractAsyncContextManager[Tx]]) -> Group[T, R]:
        async def work_off(items: Sequence[T]) -> Sequence[R]:
            async with begin() as tx:
                return await work(tx, items)

        if work not in self.groups:
            self.groups[work] = Group(work_off, LARGEST_GROUP)
        return self.groups[work]

    @property
    def is_wanted(self) -> bool:
        """Whether anybody in this process waits to write."""
        return bool(self.waiting)

    @contextmanager
    def _queued(self) -> Iterator[Callable[[], None]]:
        """One more who waits to write, until what is given here is called."""
        place = object()
        self.waiting.add(place)
        try:
            yield partial(self.waiting.discard, place)
        finally:
            self.waiting.discard(place)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Our place in this process's queue: those who wait hold no connection, so readers find one."""
        try:
            async with asyncio.timeout(dialect.WRITER_QUEUE_SECONDS):
                await self.queue.acquire()
        except TimeoutError as late:
            raise StoreBusyError("a write waited too long: look for network calls or a write inside a write") from late
        try:
            yield
        finally:
            self.queue.release()

    async def ping(self) -> None:
        """Nothing, after the database answered; an SQLAlchemy error otherwise."""
        async with self.read() as tx:
            await tx.execute(sa.select(1))

    async def close(self) -> None:
        """Nothing, after all connections are closed."""
        await self.reader.dispose()
        await self.writer.dispose()


def note_due(tx: Tx, kind: str) -> None:
    """Have the listeners told, once this transaction committed, that jobs of that kind are due."""
    tx.info.setdefault(DUE, set()).add(kind)


async def _work_all(tx: Tx, items: Sequence[tuple[Together[Any, Any], Any]]) -> Sequence[Any]:
    """The answers of different works, each of which gets all of its items at once."""
    places: dict[Together[Any, Any], list[int]] = {}
    for place, (work, _) in enumerate(items):
        places.setdefault(work, []).append(place)
    answers: list[Any] = [None] * len(items)
    for work, taken in places.items():
        for place, answer in zip(taken, await work(tx, [items[place][1] for place in taken]), strict=True):
            answers[place] = answer
    return answers


async def _work_urgent(tx: Tx, items: Sequence[tuple[Together[Any, Any], Any]]) -> Sequence[Any]:
    """The same, in a group of its own."""
    return await _work_all(tx, items)


async def open_store(url: str, *, pool_size: int = 5) -> Store:
    """The store at a URL `sqlite:///path` or `postgresql://…`, reachable and migrated by the caller beforehand.

    `pool_size` bounds the readers on SQLite (it always has one writer) and all connections on PostgreSQL.
    Raises StoreUrlError for other engines, an SQLAlchemy error when the database does not answer.
    """
    parsed = dialect.read_url(url)
    reader, writer = dialect.make_engines(parsed, pool_size=pool_size)
    store = Store(cast("DialectName", parsed.get_backend_name()), reader, writer)
    try:
        async with store.write(alone=False):
            pass
    except BaseException:
        await store.close()
        raise
    return store
