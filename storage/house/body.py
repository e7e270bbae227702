"""Facts about this node's body by name: kind, name, handle, bylaws and what else the node must know of itself.

Called by first-run set-up, services and the actor door.
"""

from typing import Any

import sqlalchemy as sa

from storage import dialect
from storage.engine import Tx
from storage.tables import body_settings


async def get(tx: Tx, name: str, default: Any = None) -> Any:
    """The JSON value of that name, or the default."""
    row = (await tx.execute(sa.select(body_settings.c.value).where(body_settings.c.name == name))).first()
    return default if row is None else row.value


async def put(tx: Tx, name: str, value: Any) -> None:
    """Set the value of that name, new or not; any JSON value."""
    await dialect.upsert(tx, body_settings, {"name": name, "value": value}, key=("name",))


async def all(tx: Tx) -> dict[str, Any]:  # noqa: A001 (read as body.all)
    """All facts by name."""
    return {row.name: row.value for row in await tx.execute(sa.select(body_settings).order_by(body_settings.c.name))}
