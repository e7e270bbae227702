"""The few moves between rows and records that every noun repeats: pick, read one, read many, change, leave out.

Called by the readers and writers of this floor only.
"""

from collections.abc import Collection, Mapping
from dataclasses import fields
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
    return sa.select(*(table.c[field.name] for field in fields(record_class)))


def values(record: "DataclassInstance", *, without: Collection[str] = ()) -> dict[str, Any]:
    """The record's fields by column name; documents are not copied."""
    return {field.name: getattr(record, field.name) for field in fields(record) if field.name not in without}


async def one(tx: Tx, statement: sa.Executable, record_class: type[R]) -> R | None:
    """The first row as a record, or None where there is none."""
    row = (await tx.execute(statement)).mappings().first()
    return None if row is None else record_class(**row)


async def many(tx: Tx, statement: sa.Executable, record_class: type[R]) -> tuple[R, ...]:
    """All rows as records, in the order of the statement."""
    return tuple(record_class(**row) for row in (await tx.execute(statement)).mappings())


async def change(tx: Tx, table: sa.Table, where: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    """Change the rows whose columns equal `where`; RowMissingError when there is none."""
    conditions = [table.c[name] == value for name, value in where.items()]
    outcome = await tx.execute(sa.update(table).where(*conditions).values(dict(changes)))
    if outcome.rowcount == 0:
        raise RowMissingError(f"{table.name} has no row with {dict(where)}")


def is_heard(url: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether no operator limited or blocked the host of the column's URL, or a name above it."""
    host = peer_policies.c.host
    at = [url.like(scheme + host + "/%") for scheme in ("https://", "http://")]
    under = sa.and_(url.like("https://%." + host + "/%"), url.not_like("https://%/%." + host + "/%"))
    return ~sa.exists().where(sa.or_(*at, under))


async def number(tx: Tx, statement: sa.Select[Any]) -> int:
    """The single number that the statement counts or sums, 0 where it is NULL."""
    return int((await tx.execute(statement)).scalar_one() or 0)
