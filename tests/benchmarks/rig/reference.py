"""The least that can honestly be called accepting a signed activity, in three steps: the ceilings of an inbox.

Run by the inbox benchmark as `python -m tests.benchmarks.rig.reference STEP PORT KEYS DATABASE`, with STEP one of
  read    the body is read and nothing else
  check   also its digest, its date and the draft-cavage signature, with keys that are known already, and whether the
          activity is that key owner's
  group   also stored by SQLite with synchronous=FULL, one commit for all that wait, each answered after it
  asyncpg instead stored by PostgreSQL at the URL DATABASE, a commit each
It leaves out what a node cannot: fetching keys, limits, replays, origins, other schemes, dispatch.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg  # type: ignore[import-untyped]  # it ships no types
from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

Answer = Callable[[web.Request], Coroutine[Any, Any, web.Response]]
Row = tuple[str, str, str, float]
"""The id of an activity, its actor, its text, and when it came."""

PARAMETER = re.compile(r'(\w+)="([^"]*)"')
PADDING, HASH = PKCS1v15(), SHA256()
COVERED = {"(request-target)", "host", "date", "digest"}
WINDOW_SECONDS = 3600
TABLE = "CREATE TABLE activity (id TEXT PRIMARY KEY, actor TEXT, body TEXT, at DOUBLE PRECISION)"
CONNECTIONS = 8


async def read(request: web.Request) -> web.Response:
    """202 for anything."""
    await request.read()
    return web.Response(status=202)


def checked(request: web.Request, body: bytes, keys: dict[str, RSAPublicKey]) -> Row:
    """The row of the activity; KeyError, ValueError or InvalidSignature for what was not signed so, now, by its actor.

    TypeError for a date that is none.
    """
    headers, now = request.headers, time.time()
    claim = dict(PARAMETER.findall(headers["signature"]))
    if headers["digest"] != "SHA-256=" + base64.b64encode(hashlib.sha256(body).digest()).decode():
        raise ValueError("digest")
    names = claim["headers"].split()
    if not set(names) >= COVERED or abs(now - parsedate_to_datetime(headers["date"]).timestamp()) > WINDOW_SECONDS:
        raise ValueError("covered")
    target = {"(request-target)": f"post {request.path_qs}"}
    text = "\n".join(f"{name}: {target.get(name) or headers[name]}" for name in names)
    keys[claim["keyId"]].verify(base64.b64decode(claim["signature"]), text.encode(), PADDING, HASH)
    activity = json.loads(body)
    if claim["keyId"].partition("#")[0] != activity["actor"]:
        raise ValueError("actor")
    return activity["id"], activity["actor"], body.decode(), now


def checking(keys: dict[str, RSAPublicKey], keep: Callable[[Row], Awaitable[None]]) -> Answer:
    """A handler that gives 401 to what does not check."""

    async def check(request: web.Request) -> web.Response:
        body = await request.read()
        try:
            row = checked(request, body, keys)
        except (KeyError, TypeError, ValueError, InvalidSignature):
            return web.Response(status=401)
        await keep(row)
        return web.Response(status=202)

    return check


async def keep_nothing(_row: Row) -> None:
    """Nothing is stored."""


class Writer:
    """Commits all that waits at once."""

    def __init__(self, path: str) -> None:
        self.database = sqlite3.connect(path, isolation_level=None)
        self.database.execute("PRAGMA journal_mode=WAL")
        self.database.execute("PRAGMA synchronous=FULL")
        self.database.execute(TABLE)
        self.waiting: list[tuple[Row, asyncio.Future[None]]] = []
        self.some = asyncio.Event()

    async def keep(self, row: Row) -> None:
        """Returns after the commit."""
        committed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append((row, committed))
        self.some.set()
        await committed

    async def run(self, _app: web.Application) -> AsyncIterator[None]:
        """Runs beside the application."""
        task = asyncio.create_task(self._commit_for_ever())
        yield
        task.cancel()

    async def _commit_for_ever(self) -> None:
        while True:
            await self.some.wait()
            self.some.clear()
            batch, self.waiting = self.waiting, []
            self.database.execute("BEGIN IMMEDIATE")
            self.database.executemany("INSERT OR IGNORE INTO activity VALUES (?, ?, ?, ?)", [row for row, _ in batch])
            self.database.execute("COMMIT")
            for _, committed in batch:
                committed.set_result(None)


class Pool:
    """Commits each on its own, on one of a few connections."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def keep(self, row: Row) -> None:
        """Returns after the commit."""
        await self.pool.execute("INSERT INTO activity VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING", *row)

    async def run(self, _app: web.Application) -> AsyncIterator[None]:
        """Connected as long as the application runs."""
        async with asyncpg.create_pool(self.url, min_size=CONNECTIONS, max_size=CONNECTIONS) as self.pool:
            await self.pool.execute(
                "CREATE TABLE activity (id TEXT PRIMARY KEY, actor TEXT, body TEXT, at DOUBLE PRECISION)"
            )
            yield


KEEPERS: Mapping[str, type[Writer | Pool]] = {"group": Writer, "asyncpg": Pool}


def application(step: str, keys_path: str, database: str) -> web.Application:
    """The application of one step."""
    keys: dict[str, RSAPublicKey] = {
        key_id: load_pem_public_key(pem.encode())  # type: ignore[misc]  # the senders' keys are RSA
        for key_id, pem in json.loads(Path(keys_path).read_text(encoding="utf-8")).items()
    }
    app = web.Application()
    handler: Answer = read
    if step == "check":
        handler = checking(keys, keep_nothing)
    if step in KEEPERS:
        keeper = KEEPERS[step](database)
        handler = checking(keys, keeper.keep)
        app.cleanup_ctx.append(keeper.run)
    app.router.add_post("/body/inbox", handler)
    return app


def main() -> None:
    """Serve until SIGTERM."""
    import uvloop

    step, port, keys_path, database = sys.argv[1:]
    loop = uvloop.new_event_loop()
    app = application(step, keys_path, database)
    web.run_app(app, host="127.0.0.1", port=int(port), loop=loop, access_log=None, print=None)


if __name__ == "__main__":
    main()
