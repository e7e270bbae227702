"""Statements that never change, put together for SQLite once; what is left of each execution is SQLite's own work.

Called by dialect, rows and the hot readers. SQLAlchemy takes several times as long over a short statement as SQLite
does, however often it has seen it. PostgreSQL, which is a trip away, gets the same statements through SQLAlchemy.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
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
class _Place:
    """A question mark: the name its value is given by, and the value that the statement itself has for it."""

    name: str
    own: Any
    is_required: bool
    turn: Turn | None

    def value(self, given: Given) -> Any:
        value = given[self.name] if self.is_required else given.get(self.name, self.own)
        return value if self.turn is None else self.turn(value)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """SQL, its places in order, and how the columns of what it finds are read."""

    text: str
    places: tuple[_Place, ...]
    readers: tuple[Turn | None, ...]

    def parameters(self, given: Given) -> list[Any]:
        return [place.value(given) for place in self.places]

    def read(self, found: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(value if turn is None else turn(value) for turn, value in zip(self.readers, found, strict=True))


async def select(tx: AsyncConnection, statement: sa.Select[Any], given: Given) -> Sequence[Sequence[Any]]:
    """All rows. A statement that a function makes anew each time is better left to SQLAlchemy, which knows its form."""
    driver = sqlite_driver.below(tx)
    if driver is None:
        rows: Sequence[Sequence[Any]] = (await tx.execute(statement, given)).all()
        return rows
    prepared = _prepared(statement)
    _, found = await _run(driver, prepared.text, prepared.parameters(given), many=False)
    return [prepared.read(row) for row in found]


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
    return _Prepared(
        text=str(compiled),
        places=tuple(_place(compiled.binds[name]) for name in compiled.positiontup or ()),
        readers=tuple(column.type.dialect_impl(_DIALECT).result_processor(_DIALECT, None) for column in columns),
    )


def _place(bind: sa.BindParameter[Any]) -> _Place:
    turn = bind.type.dialect_impl(_DIALECT).bind_processor(_DIALECT)
    return _Place(name=bind.key, own=bind.value, is_required=bind.required, turn=turn)
