"""Every operation of the API, as docs/reference/openapi.json describes it, called with what does not fit.

Each answer is a problem with a stable code, and never a fault. FUZZ_EXAMPLES=20000 looks for longer.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yarl import URL

from tests.hostile.siege import siege

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.hostile.siege import Siege

DESCRIPTION: dict[str, Any] = json.loads(Path("docs/reference/openapi.json").read_text(encoding="utf-8"))
SCHEMAS: dict[str, Any] = DESCRIPTION["components"]["schemas"]
CODE = re.compile(r"[a-z]+(-[a-z]+)*")
LONG = int(os.environ.get("FUZZ_EXAMPLES", "0"))
FEW = 12
KEYS = st.sampled_from(("00000000-0000-4000-8000-000000000000", "~aHR0cHM6Ly94LmV4YW1wbGUvMQ", "1" * 64, "x"))
profile = settings(
    max_examples=LONG or FEW,
    derandomize=not LONG,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@dataclass(frozen=True)
class Described:
    """One operation of the description; `body` is the schema of its body, None without one."""

    method: str
    path: str
    parameters: list[dict[str, Any]]
    body: dict[str, Any] | None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def names(self, place: str) -> list[str]:
        return [one["name"] for one in self.parameters if one["in"] == place]


def described() -> Iterator[Described]:
    for path, methods in DESCRIPTION["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema")
            yield Described(method.upper(), path, operation.get("parameters", []), schema)


OPERATIONS = list(described())
WITH_BODY = [one for one in OPERATIONS if one.body is not None]
ENDS_SESSION, SIGN_IN = "DELETE /api/v1/session", "POST /api/v1/session"  # the latter is slow on purpose


@dataclass(frozen=True)
class Door:
    """A besieged node behind a loop of its own, so that ordinary tests may knock."""

    runner: asyncio.Runner
    besieged: Siege
    http: ClientSession

    def ask(self, method: str, path: str, **how: Any) -> tuple[int, str, Any]:
        return self.runner.run(self._ask(method, path, how))

    async def _ask(self, method: str, path: str, how: dict[str, Any]) -> tuple[int, str, Any]:
        headers = {**self.besieged.people["ada"].headers, **how.pop("headers", {})}
        url = URL(self.besieged.node.origin + path, encoded=True)
        async with self.http.request(method, url, headers=headers, **how) as answer:
            raw = await answer.read()
            return answer.status, answer.content_type, json.loads(raw) if raw else None


@pytest.fixture(scope="module")
def door(_migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("door")
    shutil.copyfile(_migrated_sqlite, folder / "node.db")
    opened = siege(folder / "data", f"sqlite:///{folder / 'node.db'}")
    with asyncio.Runner() as runner:
        besieged = runner.run(opened.__aenter__())
        http = runner.run(_session())
        yield Door(runner, besieged, http)
        runner.run(http.close())
        runner.run(opened.__aexit__(None, None, None))


async def _session() -> ClientSession:
    return ClientSession()


def check(answer: tuple[int, str, Any], *, refused: bool) -> None:
    """A problem with a stable code; unless it must be `refused`, success will do."""
    status, media_type, document = answer
    if status < 300 and not refused:
        return
    assert 400 <= status < 500, (status, document)
    assert media_type == "application/problem+json"
    assert document.keys() - {"errors"} == {"type", "title", "status", "code", "detail", "request_id"}
    assert CODE.fullmatch(document["code"])
    assert document["status"] == status


# --- values that fit a schema, and values that do not

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
STRANGE = (
    "", " ", "\u0000", "\u202eoperator", "\u200b", "a\u0301", "\U000e0041", "\ufdfa" * 50, "\u017f", "\u0130",
    "\U0001d51e\U0001d521\U0001d51e", "../../etc", "'; DROP TABLE members;--", "{{7*7}}", "%s%n", "<b>",
    "\r\nSet-Cookie: a=b", "A" * 70_000,
)  # fmt: skip


def fitting(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values the schema allows, as far as types, choices and required members say."""
    if "$ref" in schema:
        return fitting(SCHEMAS[schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return st.one_of([fitting(one) for one in schema["anyOf"]])
    if "enum" in schema or "const" in schema:
        return st.sampled_from(schema.get("enum", [schema.get("const")]))
    return BY_TYPE.get(schema.get("type", ""), _anything)(schema)


def _anything(_: dict[str, Any]) -> st.SearchStrategy[Any]:
    return anything


def _object(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    members = {name: fitting(one) for name, one in schema.get("properties", {}).items()}
    required = schema.get("required", ())
    others = {name: one for name, one in members.items() if name not in required}
    return st.fixed_dictionaries({name: members[name] for name in required}, optional=others)


BY_TYPE: dict[str, Callable[[dict[str, Any]], st.SearchStrategy[Any]]] = {
    "object": _object,
    "array": lambda schema: st.lists(fitting(schema.get("items", {})), max_size=3),
    "string": lambda schema: st.sampled_from(STRANGE) | st.text(min_size=schema.get("minLength", 0), max_size=20),
    "integer": lambda schema: st.integers(schema.get("minimum", -(2**70)), schema.get("maximum", 2**70)),
    "boolean": lambda _: st.booleans(),
    "null": lambda _: st.none(),
}


def spoilt(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Bodies that break the schema: another type, a required member missing or of another type, one too many."""
    shape = SCHEMAS[schema["$ref"].rpartition("/")[2]]
    required = sorted(shape.get("required", ()))
    another_type = st.one_of(
        st.none(), st.booleans(), st.integers(), st.text(max_size=9), st.lists(anything, max_size=2)
    )
    too_many = fitting(schema).map(lambda body: {**body, "is_admin": True})
    kinds = [another_type, too_many]
    if required:
        without = st.tuples(fitting(schema), st.sampled_from(required))
        kinds.append(without.map(lambda pair: {name: one for name, one in pair[0].items() if name != pair[1]}))
        kinds.append(without.map(lambda pair: {**pair[0], pair[1]: [{"not": ["what", "fits"]}]}))
    return st.one_of(kinds)


def path_of(operation: Described, key: str) -> str:
    return re.sub(r"\{\w+\}", key, operation.path)


@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
@profile
@given(data=st.data(), key=KEYS)
def test_bodies_that_do_not_fit_are_refused(door: Door, operation: Described, data: st.DataObject, key: str) -> None:
    assert operation.body is not None
    body = data.draw(spoilt(operation.body))

    check(door.ask(operation.method, path_of(operation, key), json=body), refused=True)


@pytest.mark.parametrize("operation", [one for one in WITH_BODY if str(one) != SIGN_IN], ids=str)
@profile
@given(data=st.data(), key=KEYS)
def test_bodies_that_fit_are_answered_and_never_a_fault(
    door: Door, operation: Described, data: st.DataObject, key: str
) -> None:
    assert operation.body is not None
    body = data.draw(fitting(operation.body))

    status, media_type, document = door.ask(operation.method, path_of(operation, key), json=body)

    # An address that leads nowhere is the peer's silence, not a fault.
    assert status != 502 or document["code"].startswith(("fetch-", "url-", "address-", "peer-"))
    if status != 502:
        check((status, media_type, document), refused=False)


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if str(one) != ENDS_SESSION], ids=str)
@profile
@given(data=st.data())
def test_paths_and_queries_that_do_not_fit_are_no_faults(door: Door, operation: Described, data: st.DataObject) -> None:
    strange = st.sampled_from(("..%2F..%2Fetc", "%00", "~", "~AA", "%E2%80%AE", "-1", "%2e%2e", "a" * 3000)) | KEYS
    path = path_of(operation, data.draw(strange))
    names = st.sampled_from([*operation.names("query"), "unknown"])
    values = st.sampled_from(
        (
            "",
            "0",
            "-1",
            "101",
            "1e9",
            "9" * 400,
            "true",
            "[]",
            "%00",
            "%FF",
            "MQ",
            "LTE",
            "OTk5OTk5OTk5OTk5OTk5OTk5",
            "a" * 900,
        )
    )
    query = data.draw(st.lists(st.tuples(names, values), max_size=3))
    asked = path + ("?" + "&".join(f"{name}={value}" for name, value in query) if query else "")

    check(door.ask(operation.method, asked, **({"json": {}} if operation.body else {})), refused=False)


@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
@profile
@given(raw=st.binary(max_size=60), media=st.sampled_from(("application/json", "text/plain", "", "multipart/form-data")))
def test_bytes_for_a_body_are_refused(door: Door, operation: Described, raw: bytes, media: str) -> None:
    path = path_of(operation, "x")

    check(door.ask(operation.method, path, data=raw, headers={"Content-Type": media}), refused=True)


def test_all_that_was_asked_as_somebody_who_may(door: Door) -> None:
    assert (len(OPERATIONS) > 30, len(WITH_BODY) > 8) == (True, True)
    assert door.ask("GET", "/api/v1/members/me")[0] == 200
