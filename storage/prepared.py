"""Statements that never change, put together for SQLite once; what is left of each execution is SQLite's own work.

Called by dialect, rows and the hot readers. SQLAlchemy takes several times as long over a short statement as SQLite
does, however often it has seen it. PostgreSQL, which is a trip away, gets the same statements through SQLAlchemy.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import aiosqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import sqlite_driver

Given: TypeAlias = Mapping[str, Any]
Turn: TypeAlias = Callable[[Any], Any]
MOST_PREPARED = 1000
"""Statements that are kept; a node has some hundreds."""
_DIALECT = aiosqlite.dialect()


@dataclass(frozen=True, slots=True)
class _Prepared:
    """SQL, the names of its places, what it says itself about them, and what turns values there and back, by place."""

    text: str
    names: tuple[str, ...]
    own: Given
    writers: tuple[tuple[int, Turn], ...]
    readers: tuple[tuple[int, Turn], ...]

    def parameters(self, given: Given) -> list[Any]:
        values = {**self.own, **given} if self.own else given
        return _turned([values[name] for name in self.names], self.writers)

    def read(self, rows: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
        return [_turned([*row], self.readers) for row in rows] if self.readers else rows


async def select(tx: AsyncConnection, statement: sa.Select[Any], given: Given) -> Sequence[Sequence[Any]]:
    """All rows. A statement that a function makes anew each time is better left to SQLAlchemy, which knows its form."""
    driver = sqlite_driver.below(tx)
    if driver is None:
        rows: Sequence[Sequence[Any]] = (await tx.execute(statement, given)).all()
        return rows
    prepared = _prepared(statement)
    _, found = await _run(driver, prepared.text, prepared.parameters(given), many=False)
    return prepared.read(found)


async def change(tx: AsyncConnection, statement: sa.UpdateBase, given: Sequence[Given]) -> int:
    """How many rows the statement changed, run once for each of these."""
    driver = sqlite_driver.below(tx)
    if driver is None:
        changed: int = (await tx.execute(statement, [dict(one) for one in given])).rowcount
        return changed
    prepared = _prepared(statement, tuple(given[0]))
    done, _ = await _run(driver, prepared.text, [prepared.parameters(one) for one in given], many=True)
    return done.rowcount


async def _run(
    driver: sqlite_driver.Connection, text: str, parameters: Sequence[Any], *, many: bool
) -> tuple[sqlite3.Cursor, list[sqlite_driver.Row]]:
    try:
        return await driver.trip(text, parameters, many=many)
    except sqlite3.Error as fault:  # as whoever asks through SQLAlchemy hears of it
        raise sa.exc.DBAPIError.instance(text, None, fault, sqlite3.Error) from fault


@lru_cache(MOST_PREPARED)
def _prepared(statement: sa.Select[Any] | sa.UpdateBase, names: tuple[str, ...] = ()) -> _Prepared:
    compiled = statement.compile(dialect=_DIALECT, column_keys=names or None)
    columns = statement.selected_columns if isinstance(statement, sa.Select) else ()
    binds = [compiled.binds[name] for name in compiled.positiontup or ()]
    return _Prepared(
        text=str(compiled),
        names=tuple(bind.key for bind in binds),
        own={bind.key: bind.value for bind in binds if not bind.required},
        writers=_turns(bind.type.dialect_impl(_DIALECT).bind_processor(_DIALECT) for bind in binds),
        readers=_turns(column.type.dialect_impl(_DIALECT).result_processor(_DIALECT, None) for column in columns),
    )


def _turns(found: Iterable[Turn | None]) -> tuple[tuple[int, Turn], ...]:
    return tuple((place, turn) for place, turn in enumerate(found) if turn is not None)


def _turned(values: list[Any], turns: Sequence[tuple[int, Turn]]) -> list[Any]:
    for place, turn in turns:
        values[place] = turn(values[place])
    return values
