"""The few moves between rows and records that every noun repeats: pick, find, read one, read many, change, leave out.

Called by the readers and writers of this floor only.
"""

from collections.abc import Collection, Mapping
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from storage import prepared
from storage.engine import Tx
from storage.errors import RowMissingError
from storage.tables import peer_policies, peers

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
    found = await prepared.select(tx, _whose(table, record_class, tuple(where)), where)
    return record_class(**dict(zip(_names(record_class), found[0], strict=True))) if found else None


@cache
def _whose(table: sa.Table, record_class: type[R], names: tuple[str, ...]) -> sa.Select[Any]:
    # Put together once: that costs as much as the look itself.
    return pick(table, record_class).where(*(table.c[name] == sa.bindparam(name) for name in names))


@cache
def _names(record_class: type[R]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(record_class))


async def one(
    tx: Tx, statement: sa.Select[Any], record_class: type[R], given: Mapping[str, Any] | None = None
) -> R | None:
    """The first row as a record, or None where there is none; `given` fills a constant statement's places."""
    found = await many(tx, statement, record_class, given)
    return found[0] if found else None


async def many(
    tx: Tx, statement: sa.Select[Any], record_class: type[R], given: Mapping[str, Any] | None = None
) -> tuple[R, ...]:
    """All rows as records, in the order of the statement; `given` fills a constant statement's places."""
    names = statement.selected_columns.keys()
    found = (await tx.execute(statement)) if given is None else await prepared.select(tx, statement, given)
    return tuple(record_class(**dict(zip(names, row, strict=True))) for row in found)


async def change(tx: Tx, table: sa.Table, where: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    """Change the rows whose columns equal `where`; RowMissingError when there is none."""
    given = {f"is_{name}": value for name, value in where.items()}
    given |= {f"to_{name}": value for name, value in changes.items()}
    if not await prepared.change(tx, _changing(table, tuple(where), tuple(changes)), [given]):
        raise RowMissingError(f"{table.name} has no row with {dict(where)}")


@cache
def _changing(table: sa.Table, where: tuple[str, ...], changes: tuple[str, ...]) -> sa.Update:
    conditions = [table.c[name] == sa.bindparam(f"is_{name}") for name in where]
    new = {name: sa.bindparam(f"to_{name}", type_=table.c[name].type) for name in changes}
    return sa.update(table).where(*conditions).values(new)


def is_heard(actor: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether no operator limited or blocked the host of the actor; ours are in no row of peers, and heard.

    The host is the one written down with the peer: an address can spell it in many ways.
    """
    them = peers.alias()
    return ~sa.exists().where(them.c.actor_id == actor, ~is_host_heard(them.c.host)).correlate_except(them)


def is_host_heard(host: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether no operator limited or blocked the host or a name above it; of several names the longest decides."""
    deaf, again = peer_policies.alias(), peer_policies.alias()
    is_longer = sa.func.length(again.c.host) > sa.func.length(deaf.c.host)
    allowed = sa.exists().where(again.c.policy == "allow", is_longer, _is_named(host, again.c.host))
    is_deaf = (deaf.c.policy != "allow", _is_named(host, deaf.c.host), ~allowed.correlate_except(again))
    return ~sa.exists().where(*is_deaf).correlate_except(deaf)


def _is_named(host: sa.ColumnElement[str], name: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    end = sa.func.substr(host, sa.func.length(host) - sa.func.length(name))
    return sa.or_(host == name, end == "." + name)


async def number(tx: Tx, statement: sa.Select[Any]) -> int:
    """The single number that the statement counts or sums, 0 where it is NULL."""
    return int((await tx.execute(statement)).scalar_one() or 0)
