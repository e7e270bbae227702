"""PostgreSQL databases for tests: copied from a migrated template, emptied and used again if their schema is as made.

Called by conftest.py.
"""

import secrets
import time
from typing import Any

from sqlalchemy import make_url, text

from storage import dialect, migrate
from storage.tables import metadata
from tests.engines import ask_postgresql, run_apart

ENGINES = ("sqlite", "postgresql")
STALE_SECONDS = 6 * 3600
SHAPE = text("""
    SELECT md5(string_agg(line, chr(10) ORDER BY line)) FROM (
        SELECT concat_ws(
            ' ', relname, attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid)
        ) AS line
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped
        UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL SELECT conname FROM pg_constraint
        UNION ALL SELECT version_num FROM alembic_version
    ) AS lines
""")
HANG_UP = text(
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
DELETES = "; ".join(f'DELETE FROM "{table.name}"' for table in reversed(metadata.sorted_tables))
EMPTY = text(f"""
    DO $$ BEGIN
        {DELETES};
        PERFORM setval(format('%I', sequencename)::regclass, 1, false) FROM pg_sequences;
    END $$
""")


def at(url: str, database: str) -> str:
    """The URL of another database of the same server."""
    return make_url(url).set(database=database).render_as_string(hide_password=False)


class PostgresqlDatabases:
    """The databases of one test session on one server."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._template = f"rochdale_tests_{int(time.time())}_{secrets.token_hex(4)}"
        self._clean: list[str] = []
        self._drop_stale()
        self._command(f'CREATE DATABASE "{self._template}"')
        run_apart(migrate.upgrade(at(url, self._template)))
        self._shape = run_apart(_in_transaction(at(url, self._template), empty=False))

    def take(self) -> str:
        """The URL of an empty, migrated database."""
        if self._clean:
            return at(self._url, self._clean.pop())
        name = f"{self._template}_{secrets.token_hex(4)}"
        # No test pulls the server's plug, so nothing waits for the disk.
        forgetful = f'ALTER DATABASE "{name}" SET synchronous_commit = off'
        self._command(f'CREATE DATABASE "{name}" TEMPLATE "{self._template}"', forgetful)
        return at(self._url, name)

    def give_back(self, url: str) -> None:
        """Empty the database for the next test, or drop it if its schema was changed."""
        name = str(make_url(url).database)
        try:
            is_as_before = run_apart(_in_transaction(url, empty=True)) == self._shape
        except Exception:  # noqa: BLE001 (tables are missing or locked: this one is not worth keeping)
            is_as_before = False
        if is_as_before:
            self._clean.append(name)
        else:
            self._command(f'DROP DATABASE "{name}" WITH (FORCE)')

    def close(self) -> None:
        """Drop everything this session made."""
        for name in [*self._clean, self._template]:
            self._command(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _command(self, *statements: str) -> list[tuple[Any, ...]]:
        return run_apart(ask_postgresql(self._url, *statements))

    def _drop_stale(self) -> None:
        """Remove what killed sessions left behind; the names tell the time."""
        names = [str(name) for (name,) in self._command("SELECT datname FROM pg_database")]
        ours = [name for name in names if name.startswith("rochdale_tests_")]
        stale = [name for name in ours if int(name.split("_")[2]) < time.time() - STALE_SECONDS]
        self._command(*(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)' for name in stale))


async def _in_transaction(url: str, *, empty: bool) -> str:
    """The shape of the schema, after removing all rows if asked."""
    engine = dialect.make_migration_engine(dialect.read_url(url))
    try:
        async with engine.begin() as connection:
            if empty:
                await connection.execute(HANG_UP)
                await connection.execute(EMPTY)
            return str(await connection.scalar(SHAPE))
    finally:
        await engine.dispose()
