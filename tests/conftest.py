"""Fixtures every room may use: fresh databases on both engines, an open store, a Redis of one's own.

Called by pytest.
"""

import gc
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path

import pytest
import redis as redis_client

from identity.keys.pairs import RsaPair, generate_rsa
from node import keyring
from storage import migrate
from storage.engine import Store, open_store
from tests import engines
from tests.databases import ENGINES, PostgresqlDatabases, at

pytest_plugins = ["tests.measuring", "tests.told_once"]

MEMORY = Path("/dev/shm")
MEMORY_BYTES = 4 * 1024**3
"""Free where files live in memory, or the tests go to the disk; what passed is removed at once."""
REDIS_LOCK_SECONDS = 3600
KEYS_AT_ONCE = 64
"""RSA keys on the shelf of one test process: more than the nodes of any one test have."""
REDIS_MARK = "rochdale:tests"


def pytest_configure(config: pytest.Config) -> None:
    """Where tests run in several processes, all of them use the engines that the first process found or started.

    No test pulls the machine's plug, so no file waits for the disk where there is memory enough.
    """
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > MEMORY_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
    if getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput"):
        for variable, found in (
            ("ROCHDALE_TEST_POSTGRES", engines.postgresql()),
            ("ROCHDALE_TEST_REDIS", engines.redis()),
        ):
            if isinstance(found, engines.Engine):
                os.environ[variable] = found.url


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with a time limit of their own are long: one process begins with them, so nobody waits for them at last."""
    items.sort(key=lambda item: item.get_closest_marker("timeout") is None)


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was imported stays until the end: no collection of garbage needs to walk through it again."""
    gc.collect()
    gc.freeze()


def pytest_report_header() -> list[str]:
    return [_describe("PostgreSQL", engines.postgresql()), _describe("Redis", engines.redis())]


def _describe(name: str, found: engines.Engine | engines.Missing) -> str:
    if isinstance(found, engines.Engine):
        return f"{name}: {found.version}, {found.source}"
    return f"{name}: MISSING, its tests will be {'failed' if in_ci() else 'skipped'}: {found.reason}"


def in_ci() -> bool:
    """Whether this runs where what is missing counts as broken."""
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def _demand(name: str, found: engines.Engine | engines.Missing) -> engines.Engine:
    if isinstance(found, engines.Engine):
        return found
    reason = f"no {name}: {found.reason}"
    if in_ci():
        pytest.fail(reason)
    pytest.skip(reason)


# --- keys


@pytest.fixture(scope="session", autouse=True)
def _rsa_keys_come_round() -> Iterator[None]:
    """A node founded in this process gets a key that no other node of its test has, but one of an earlier test had.

    Making one takes as long as many a test; that fresh ones differ is tested where they are made.
    """
    turns = count()

    @cache
    def key(_place: int) -> RsaPair:
        return generate_rsa()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(keyring, "generate_rsa", lambda: key(next(turns) % KEYS_AT_ONCE))
        yield


# --- SQLite


@pytest.fixture(scope="session")
def _migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    engines.run_apart(migrate.upgrade(f"sqlite:///{path}"))
    return path


@pytest.fixture
def fresh_sqlite_url(_migrated_sqlite: Path, tmp_path: Path) -> Callable[[], str]:
    """Makes one more migrated SQLite file at each call."""
    numbers = count(1)

    def make() -> str:
        path = tmp_path / f"node-{next(numbers)}.db"
        shutil.copyfile(_migrated_sqlite, path)
        return f"sqlite:///{path}"

    return make


@pytest.fixture
def sqlite_url(fresh_sqlite_url: Callable[[], str]) -> str:
    """A fresh, migrated SQLite file."""
    return fresh_sqlite_url()


# --- PostgreSQL


@pytest.fixture(scope="session")
def _postgresql_databases() -> Iterator[PostgresqlDatabases]:
    databases = PostgresqlDatabases(_demand("PostgreSQL", engines.postgresql()).url)
    yield databases
    databases.close()


@pytest.fixture
def fresh_postgresql_url(_postgresql_databases: PostgresqlDatabases) -> Iterator[Callable[[], str]]:
    """Makes one more migrated PostgreSQL database at each call."""
    made: list[str] = []

    def make() -> str:
        made.append(_postgresql_databases.take())
        return made[-1]

    yield make
    for url in made:
        _postgresql_databases.give_back(url)


@pytest.fixture
def postgresql_url(fresh_postgresql_url: Callable[[], str]) -> str:
    """A fresh, migrated PostgreSQL database."""
    return fresh_postgresql_url()


# --- both


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh, migrated database; the test runs once on each engine."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """An open store on a fresh database; the test runs once on each engine."""
    opened = await open_store(database_url)
    yield opened
    await opened.close()


# --- Redis


@contextmanager
def _redis_at(url: str, number: int) -> Iterator["redis_client.Redis"]:
    with redis_client.Redis.from_url(at(url, str(number))) as database:
        yield database


@pytest.fixture(scope="session")
def _own_redis() -> Iterator[tuple[str, int]]:
    """The server's URL and a database number that no other session uses and that holds nobody's data."""
    url = _demand("Redis", engines.redis()).url
    number = next((candidate for candidate in range(1, 16) if _take_redis(url, candidate)), None)
    if number is None:
        pytest.fail(f"all database numbers of {url} hold data or are in use")
    yield url, number
    with _redis_at(url, number) as database:
        database.flushdb()
    with _redis_at(url, 0) as directory:
        directory.delete(f"rochdale:tests:{number}")


def _take_redis(url: str, number: int) -> bool:
    lock = f"rochdale:tests:{number}"
    with _redis_at(url, 0) as directory, _redis_at(url, number) as database:
        if not directory.set(lock, os.getpid(), nx=True, ex=REDIS_LOCK_SECONDS):
            return False
        if database.dbsize() == 0 or database.exists(REDIS_MARK):
            return True
        directory.delete(lock)
        return False


@pytest.fixture
def redis_url(_own_redis: tuple[str, int]) -> str:
    """The URL of an empty Redis database; the node under test may fill it as it likes."""
    url, number = _own_redis
    with _redis_at(url, number) as database:
        database.flushdb()
        database.set(REDIS_MARK, "left behind by a test session; may be flushed")
    return at(url, str(number))
