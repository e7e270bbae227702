"""The append-only log of everything that changed here, chained by hashes.

Appended to by services in the transaction of each change, walked by the audit. Every change ends here, so that SQLite
gets the look at the last link and the new one in one trip, without what puts statements together above the driver.
"""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import sqlalchemy as sa

from storage import dialect, rows, sqlite_driver
from storage.engine import Tx
from storage.records import EventRecord
from storage.tables import events

ALL = rows.pick(events, EventRecord)
LAST = ALL.order_by(events.c.seq.desc()).limit(1)
INSERT = sa.insert(events)
LINK = sa.select(events.c.seq, events.c.hash).order_by(events.c.seq.desc()).limit(1)
_LINK = "SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1"
_COLUMNS = tuple(column.name for column in events.columns)
_INSERT = f"INSERT INTO events ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608  # constants
FIRST_PREVIOUS = "sha256:" + "0" * 64


_text: Callable[[object], str] = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
).encode


def _digest(value: object) -> str:
    return _digest_of(_text(value))


def _digest_of(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _link(record: EventRecord) -> str:
    sealed = {
        "seq": record.seq,
        "at": record.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": record.actor,
        "type": record.type,
        "subject": record.subject,
        "content_hash": record.content_hash,
        "previous_hash": record.previous_hash,
    }
    return _digest(sealed)


def check_chain(records: Iterable[EventRecord], *, after: EventRecord | None = None) -> int | None:
    """The seq of the first record that breaks the chain, or None if all hold; `after` is the record before the first.

    Finds changed, removed, inserted and reordered records; records cut off at the end leave no trace in the rest.
    """
    seq, previous_hash = (0, FIRST_PREVIOUS) if after is None else (after.seq, after.hash)
    for record in records:
        is_next = record.seq == seq + 1 and record.previous_hash == previous_hash
        if not is_next or record.content_hash != _digest(record.content) or record.hash != _link(record):
            return record.seq
        seq, previous_hash = record.seq, record.hash
    return None


async def append(
    tx: Tx,
    *,
    at: datetime,
    actor: str,
    type: str,  # noqa: A002 (the column's name)
    subject: str,
    content: Mapping[str, Any],
) -> EventRecord:
    """The new last link of the log; `content` must be JSON without NaN. Holds back other writers until the commit."""
    await dialect.hold(tx, dialect.Lock.WRITE)
    plain = json.loads(json.dumps(content, allow_nan=False))  # numbers as names are words from here on, and sorted so
    text = _text(plain)
    unsealed = EventRecord(
        seq=1,
        at=at,
        actor=actor,
        type=type,
        subject=subject,
        content=plain,
        content_hash=_digest_of(text),
        previous_hash=FIRST_PREVIOUS,
        hash="",
    )
    driver = sqlite_driver.below(tx)
    if driver is not None:
        return await driver.together(partial(_appended, unsealed, text))
    record = _sealed(unsealed, (await tx.execute(LINK)).first())
    await tx.execute(INSERT, rows.values(record))
    return record


def _sealed(unsealed: EventRecord, last: Sequence[Any] | None) -> EventRecord:
    """The record after the last link (seq, hash), or the first of all."""
    if last is not None:
        unsealed = replace(unsealed, seq=last[0] + 1, previous_hash=last[1])
    return replace(unsealed, hash=_link(unsealed))


def _appended(unsealed: EventRecord, content: str, connection: sqlite3.Connection) -> EventRecord:
    record = _sealed(unsealed, connection.execute(_LINK).fetchone())
    given = rows.values(record) | {"at": dialect.sqlite_time(record.at), "content": content}
    connection.execute(_INSERT, [given[name] for name in _COLUMNS])
    return record


async def head(tx: Tx) -> EventRecord | None:
    """The last link, or None for an empty log."""
    return await rows.one(tx, LAST, EventRecord)


async def walk(tx: Tx, *, after: int = 0, limit: int = 1000) -> tuple[EventRecord, ...]:
    """The next links above that seq, in order."""
    return await rows.many(tx, ALL.where(events.c.seq > after).order_by(events.c.seq).limit(limit), EventRecord)


async def recent(tx: Tx, *, limit: int = 50) -> tuple[EventRecord, ...]:
    """The last links, newest first."""
    return await rows.many(tx, ALL.order_by(events.c.seq.desc()).limit(limit), EventRecord)


async def about(tx: Tx, subject: str) -> tuple[EventRecord, ...]:
    """All links about one subject, in order."""
    return await rows.many(tx, ALL.where(events.c.subject == subject).order_by(events.c.seq), EventRecord)
