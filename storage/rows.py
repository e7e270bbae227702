"""The few moves between rows and records that every noun repeats: pick, find, read one, read many, change, leave out.

Called by the readers and writers of this floor only.
"""

from collections.abc import Collection, Mapping
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from storage.engine import Tx
from storage.errors import RowMissingError
from storage.tables import peer_policies

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

R = TypeVar("R", bound="DataclassInstance")


def pick(table: sa.Table, record_class: type[R]) -> sa.Select[Any]:
    """A select of the columns that the record has fields for."""
    return sa.select(*(table.c[name] for name in _names(record_class)))


def values(record: "DataclassInstance", *, without: Collection[str] = ()) -> dict[str, Any]:
    """The record's fields by column name; documents are not copied."""
    return {name: getattr(record, name) for name in _names(type(record)) if name not in without}


async def find(tx: Tx, table: sa.Table, record_class: type[R], **where: Any) -> R | None:
    """The row whose columns have these values as a record, or None; of several any one."""
    row = (await tx.execute(_whose(table, record_class, tuple(where)), where)).first()
    return None if row is None else record_class(**dict(zip(_names(record_class), row, strict=True)))


@cache
def _whose(table: sa.Table, record_class: type[R], names: tuple[str, ...]) -> sa.Select[Any]:
    # Put together once: that costs as much as the look itself.
    return pick(table, record_class).where(*(table.c[name] == sa.bindparam(name) for name in names))


@cache
def _names(record_class: type[R]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(record_class))


async def one(
    tx: Tx, statement: sa.Executable, record_class: type[R], given: Mapping[str, Any] | None = None
) -> R | None:
    """The first row as a record, or None where there is none; `given` fills the statement's places."""
    row = (await tx.execute(statement, given)).mappings().first()
    return None if row is None else record_class(**row)


async def many(
    tx: Tx, statement: sa.Executable, record_class: type[R], given: Mapping[str, Any] | None = None
) -> tuple[R, ...]:
    """All rows as records, in the order of the statement; `given` fills its places."""
    found = await tx.execute(statement, given)
    names = tuple(found.keys())
    return tuple(record_class(**dict(zip(names, row, strict=True))) for row in found)


async def change(tx: Tx, table: sa.Table, where: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    """Change the rows whose columns equal `where`; RowMissingError when there is none."""
    given = {f"is_{name}": value for name, value in where.items()}
    given |= {f"to_{name}": value for name, value in changes.items()}
    outcome = await tx.execute(_changing(table, tuple(where), tuple(changes)), given)
    if outcome.rowcount == 0:
        raise RowMissingError(f"{table.name} has no row with {dict(where)}")


@cache
def _changing(table: sa.Table, where: tuple[str, ...], changes: tuple[str, ...]) -> sa.Update:
    conditions = [table.c[name] == sa.bindparam(f"is_{name}") for name in where]
    new = {name: sa.bindparam(f"to_{name}", type_=table.c[name].type) for name in changes}
    return sa.update(table).where(*conditions).values(new)


def is_heard(url: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether no operator limited or blocked the host of the column's URL, or a name above it."""
    host = peer_policies.c.host
    at = [url.like(scheme + host + "/%") for scheme in ("https://", "http://")]
    under = sa.and_(url.like("https://%." + host + "/%"), url.not_like("https://%/%." + host + "/%"))
    return ~sa.exists().where(sa.or_(*at, under))


async def number(tx: Tx, statement: sa.Select[Any]) -> int:
    """The single number that the statement counts or sums, 0 where it is NULL."""
    return int((await tx.execute(statement)).scalar_one() or 0)
