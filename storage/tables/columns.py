"""Column types that mean the same on both engines, and the metadata with its naming convention.

Used by the table files beside it and by the initial migration.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from storage.errors import NaiveTimeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.engine.interfaces import Dialect

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(sa.TypeDecorator[datetime]):
    """Stores UTC and gives back aware datetimes; refuses naive ones.

    Without it SQLite returns naive datetimes for the very column that PostgreSQL returns aware ones for.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: "Dialect") -> datetime | None:
        """The value in UTC, naive on SQLite, whose text form has no zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise NaiveTimeError(f"{value!r} has no time zone; pass datetime.now(UTC) or an aware datetime")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: "Dialect") -> datetime | None:  # noqa: ARG002 (the base class names it)
        """The stored value as an aware UTC datetime."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class TextTuple(sa.TypeDecorator["tuple[str, ...]"]):
    """A short list of words, stored as a JSON array, read as a tuple."""

    impl = sa.JSON().with_variant(JSONB(), "postgresql")
    cache_ok = True

    def process_bind_param(self, value: "Iterable[str] | None", dialect: "Dialect") -> "list[str]":  # noqa: ARG002 (the base class names it)
        """The words as a JSON array."""
        return list(value or ())

    def process_result_value(self, value: "Sequence[str] | None", dialect: "Dialect") -> tuple[str, ...]:  # noqa: ARG002 (the base class names it)
        """The words as a tuple."""
        return tuple(value or ())


# None in a document column is SQL NULL; JSONB on PostgreSQL so that documents can be asked later.
DOCUMENT = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
# Kept word for word on both engines, because hashes are computed over it again.
VERBATIM_JSON = sa.JSON(none_as_null=True)
# SQLite counts up only INTEGER primary keys.
COUNTED_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
