"""How Alembic reaches the database: the connection that storage/migrate.py hands over, or one of its own.

Run by Alembic only.
"""

import asyncio

from alembic import context
from sqlalchemy import Connection

from storage import dialect
from storage.tables import metadata


def migrate_on(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        compare_type=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def migrate_at(url: str) -> None:
    engine = dialect.make_migration_engine(dialect.read_url(url))
    async with engine.begin() as connection:
        await connection.run_sync(migrate_on)
    await engine.dispose()


given = context.config.attributes.get("connection")
if given is not None:
    migrate_on(given)
else:
    asyncio.run(migrate_at(context.get_x_argument(as_dictionary=True)["url"]))
