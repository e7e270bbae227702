"""Whether a fault says that the database takes nothing now, on either engine, rather than that something is wrong.

Called by the doors and the command line, which then ask to come again or say what to start.
"""

import sqlite3

import sqlalchemy as sa

AWAY_STATES = ("08", "53", "57P")
"""How the states begin in which PostgreSQL takes nothing now: no connection, no room, an operator at work."""
AWAY_CODES = frozenset(
    {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
)
"""The same of SQLite: a lock that is not let go, a disk that fails, is full or cannot be written to."""


def is_away(fault: BaseException) -> bool:
    """Whether the database takes nothing at the moment, rather than that something it was asked is wrong."""
    if isinstance(fault, sa.exc.DBAPIError) and fault.connection_invalidated:
        return True
    raised = getattr(fault, "orig", None) or fault
    if isinstance(raised, sqlite3.Error):
        return getattr(raised, "sqlite_errorcode", 0) & 0xFF in AWAY_CODES
    # A server that cannot be connected to, or none of whose connections is free, gives no state.
    is_unconnected = isinstance(raised, ConnectionError | TimeoutError | sa.exc.TimeoutError)
    return is_unconnected or str(getattr(raised, "sqlstate", None) or "").startswith(AWAY_STATES)
