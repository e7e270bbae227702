"""Signed-in sessions by the hash of their token.

Called by member services at every door.
"""

from datetime import datetime

import sqlalchemy as sa

from storage import rows
from storage.engine import Tx
from storage.records import SessionRecord
from storage.tables import sessions


async def add(tx: Tx, record: SessionRecord) -> None:
    """Store a new session."""
    await tx.execute(sa.insert(sessions).values(rows.values(record)))


async def find(tx: Tx, token_hash: str) -> SessionRecord | None:
    """The session of that token hash, expired or not: the caller compares `expires_at`."""
    return await rows.one(
        tx, rows.pick(sessions, SessionRecord).where(sessions.c.token_hash == token_hash), SessionRecord
    )


async def touch(tx: Tx, token_hash: str, now: datetime) -> None:
    """Note that the session was just used; nothing if it is gone."""
    await tx.execute(sa.update(sessions).where(sessions.c.token_hash == token_hash).values(last_seen_at=now))


async def remove(tx: Tx, token_hash: str) -> None:
    """End a session; nothing if it is gone."""
    await tx.execute(sa.delete(sessions).where(sessions.c.token_hash == token_hash))


async def remove_expired(tx: Tx, now: datetime) -> int:
    """The number of sessions removed because they expired at or before now."""
    return (await tx.execute(sa.delete(sessions).where(sessions.c.expires_at <= now))).rowcount


async def for_member(tx: Tx, member_id: str) -> tuple[SessionRecord, ...]:
    """The member's sessions, last used first."""
    statement = rows.pick(sessions, SessionRecord).where(sessions.c.member_id == member_id)
    return await rows.many(tx, statement.order_by(sessions.c.last_seen_at.desc(), sessions.c.token_hash), SessionRecord)
