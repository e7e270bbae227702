"""The member door's threshold over real HTTP: who is let in, and how everything malformed is refused."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession
from structlog.testing import capture_logs

from node.api import OPERATIONS
from node.api.door.access import cookie_name
from node.api.door.call import Access
from node.api.door.reading import LARGEST_BODY_BYTES
from node.documents import READERS
from tests.doors.api import PASSPHRASE, Served, quick_settings, served_node
from tests.ports import unused_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

DRAFT = {"title": "A new oven", "text": "We buy it."}


@pytest.fixture
async def coop(database_url: str, tmp_path: Path) -> AsyncIterator[Served]:
    async with served_node(quick_settings(tmp_path, database_url=database_url)) as served:
        yield served


async def test_no_operation_but_the_public_ones_lets_a_stranger_in(coop: Served) -> None:
    guarded = [one for one in OPERATIONS if one.allows is not Access.PUBLIC]

    for one in guarded:
        path = one.route.strip("/").format(key="0" * 8 + "-0000-0000-0000-" + "0" * 12, id="1" * 64)
        answer = await coop.anybody.ask(one.method, path, json={})
        assert (answer.status, answer.code) == (401, "not-signed-in"), path
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.headers["Content-Type"].startswith("application/problem+json")


async def test_no_operation_of_operators_lets_a_member_in(coop: Served) -> None:
    guarded = [one for one in OPERATIONS if one.allows is Access.OPERATOR]
    assert guarded

    for one in guarded:
        answer = await coop.blai.ask(one.method, one.route.strip("/").format(id="1", key="1"), json={})
        assert (answer.status, answer.code) == (403, "forbidden"), one.route


async def test_a_made_up_or_ended_token_is_refused(coop: Served) -> None:
    made_up = await coop.anybody.get("members/me", headers={"Authorization": "Bearer made-up"})
    await coop.blai.delete("session")
    ended = await coop.blai.get("members/me")

    assert (made_up.status, ended.status) == (401, 401)


async def test_a_session_ends_at_its_time(coop: Served) -> None:
    coop.clock.move(days=coop.node.settings.session_days, seconds=-1)
    before = await coop.blai.get("members/me")
    coop.clock.move(seconds=1)
    after = await coop.blai.get("members/me")

    assert (before.status, after.status) == (200, 401)


async def test_the_page_cookie_writes_only_with_the_right_csrf_token(coop: Served) -> None:
    cookie = {"Cookie": f"{cookie_name(coop.node)}={coop.blai.token}"}

    reading = await coop.anybody.get("members/me", headers=cookie)
    without = await coop.anybody.post("proposals", DRAFT, headers=cookie)
    wrong = await coop.anybody.post("proposals", DRAFT, headers={**cookie, "X-CSRF-Token": coop.ada.csrf})
    right = await coop.anybody.post("proposals", DRAFT, headers={**cookie, "X-CSRF-Token": coop.blai.csrf})

    assert reading.body["name"] == "blai"
    assert (without.status, without.code) == (403, "csrf")
    assert (wrong.status, wrong.code) == (403, "csrf")
    assert right.status == 201


async def test_a_bearer_token_needs_no_csrf_token(coop: Served) -> None:
    assert (await coop.blai.post("proposals", DRAFT)).status == 201


NOT_STRICT_JSON = {
    "empty": b"",
    "cut": b"{",
    "deep": b"[" * 60_000,
    "nan": b'{"title": NaN, "text": "x"}',
    "a name twice": b'{"title": "one", "title": "two", "text": "x"}',
    "not utf-8": b"\xff\xfe",
    "a NUL": b'{"title": "one\\u0000", "text": "x"}',
    "half a surrogate pair": b'{"title": "one\\ud800", "text": "x"}',
    "not an object": b"[]",
    "utf-16": '{"title": "one", "text": "x"}'.encode("utf-16"),
    "a number of 5001 digits": b'{"title": 1' + b"0" * 5000 + b"}",
}


async def test_a_body_that_is_not_strict_json_is_refused(coop: Served) -> None:
    for what, raw in NOT_STRICT_JSON.items():
        answer = await coop.blai.ask("POST", "proposals", data=raw, headers={"Content-Type": "application/json"})

        assert (answer.status, answer.code) == (400, "malformed"), what


async def test_fields_are_refused_with_their_places_and_without_their_values(coop: Served) -> None:
    secret = "hunter2 is not to be repeated"

    answer = await coop.ada.post(
        "members", {"name": "carla", "weight": 0, "passphrase": {"a": secret}, "extra": secret}
    )

    assert (answer.status, answer.code) == (422, "body-invalid")
    places = {(error["in"], error["pointer"]) for error in answer.body["errors"]}
    assert places == {("body", f"/{name}") for name in ("display_name", "weight", "passphrase", "extra")}
    assert secret not in json.dumps(answer.body)


async def test_a_query_out_of_bounds_is_refused(coop: Served) -> None:
    for query in ("limit=0", "limit=101", "limit=x", "limit=1&limit=2", "nonsense=1", "after=%ff"):
        answer = await coop.blai.get(f"proposals?{query}")

        assert answer.status == 422, query


async def test_an_oversized_body_is_refused_by_its_announced_and_by_its_real_size(coop: Served) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(LARGEST_BODY_BYTES // 1024 + 2):
            yield b" " * 1024

    headers = {"Content-Type": "application/json"}
    announced = await coop.blai.ask("POST", "proposals", data=b" " * (LARGEST_BODY_BYTES + 1), headers=headers)
    chunked = await coop.blai.ask("POST", "proposals", data=endless(), headers=headers)

    assert (announced.status, announced.code) == (413, "too-large")
    assert (chunked.status, chunked.code) == (413, "too-large")


async def test_another_media_type_is_refused(coop: Served) -> None:
    answer = await coop.blai.ask("POST", "proposals", data={"title": "a", "text": "b"})

    assert (answer.status, answer.code) == (415, "unsupported-media-type")


async def test_what_is_not_there_is_a_problem_too(coop: Served) -> None:
    for path in ("nowhere", "proposals/not-a-key", "proposals/~!!!!", "proposals/~aaaa"):
        answer = await coop.blai.get(path)
        assert (answer.status, answer.code) == (404, "not-found"), path
        assert answer.body["request_id"] == answer.headers["X-Request-Id"]


async def test_another_method_is_refused_with_the_allowed_ones(coop: Served) -> None:
    answer = await coop.blai.ask("PUT", "proposals")

    assert (answer.status, answer.code) == (405, "method-not-allowed")
    assert set(answer.headers["Allow"].split(",")) >= {"GET", "POST"}


async def test_sign_in_is_refused_alike_for_a_wrong_name_and_a_wrong_passphrase(coop: Served) -> None:
    wrong_name = await coop.anybody.post("session", {"name": "nobody", "passphrase": PASSPHRASE})
    wrong_words = await coop.anybody.post("session", {"name": "blai", "passphrase": "something else"})

    assert (wrong_name.status, wrong_name.code) == (401, "passphrase-wrong")
    assert wrong_name.body["detail"] == wrong_words.body["detail"]


async def test_any_page_may_read_the_door_and_no_cookie_comes_along(coop: Served) -> None:
    preflight = await coop.anybody.ask("OPTIONS", "proposals", headers={"Origin": "https://elsewhere.example"})
    public = await coop.anybody.get("body", headers={"Origin": "https://elsewhere.example"})

    assert preflight.status == 204
    assert "Authorization" in preflight.headers["Access-Control-Allow-Headers"]
    assert public.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in public.headers
    assert "ETag" in public.headers["Access-Control-Expose-Headers"]


async def test_a_read_that_changed_nothing_is_answered_304(coop: Served) -> None:
    first = await coop.blai.get("proposals")
    again = await coop.blai.get("proposals", headers={"If-None-Match": first.headers["ETag"]})
    await coop.blai.post("proposals", DRAFT)
    changed = await coop.blai.get("proposals", headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status, again.body) == (304, None)
    assert (changed.status, len(changed.body["items"])) == (200, 1)


async def test_a_fault_is_logged_under_its_request_id_and_says_nothing_of_our_insides(coop: Served) -> None:
    object.__setattr__(coop.node, "clock", None)

    with capture_logs() as logs:
        answer = await coop.anybody.post("session", {"name": "blai", "passphrase": PASSPHRASE})

    assert (answer.status, answer.code) == (500, "fault")
    assert set(answer.body) == {"type", "title", "status", "code", "detail", "request_id"}
    assert "NoneType" not in json.dumps(answer.body)
    assert [line["request_id"] for line in logs] == [answer.body["request_id"]]


NOT_HERE = (
    *(f"{kind}/{'0' * 8}-0000-0000-0000-{'0' * 12}" for kind in READERS),
    *(
        f"proposals/x/{part}"
        for part in ("evidence", "outcome", "first-outcome", "recount", "frozen", "thread", "history")
    ),
    *("statutes/7", "reliefs/x/log", "reliefs/elsewhere/log"),
)


async def test_what_is_not_here_is_answered_alike_whatever_it_would_be(coop: Served) -> None:
    async with ClientSession(coop.node.origin, headers={"Accept": "application/activity+json"}) as http:
        for path in NOT_HERE:
            async with http.get(f"/{path}") as answer:
                assert answer.status == 404, path


async def test_tools_of_operators_see_that_the_node_is_alive_and_ready_and_what_it_counts(coop: Served) -> None:
    found = {}
    async with ClientSession(coop.node.origin) as http:
        for path in ("healthz", "readyz", "metrics"):
            async with http.get(f"/{path}") as answer:
                assert answer.status == 200
                found[path] = await answer.text()

    assert json.loads(found["healthz"]) == {"status": "alive"}
    assert json.loads(found["readyz"]) == {"status": "ready", "body": coop.node.body.name}
    assert 'rochdale_requests_total{method="GET",status="200"} 2.0' in found["metrics"]
    assert "rochdale_deliveries_due 0.0" in found["metrics"]


@dataclass
class Line:
    """A line to a server of this machine that can be cut and mended."""

    to: tuple[str, int]
    port: int
    ends: list[asyncio.StreamWriter] = field(default_factory=list)
    server: asyncio.Server | None = None

    async def mend(self) -> None:
        self.server = await asyncio.start_server(self._joined, "127.0.0.1", self.port)

    def cut(self) -> None:
        assert self.server is not None
        self.server.close()
        for end in self.ends:
            end.transport.abort()

    async def _joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reader_there, writer_there = await asyncio.open_connection(*self.to)
        self.ends += [writer, writer_there]
        await asyncio.gather(_carried(reader, writer_there), _carried(reader_there, writer))


async def _carried(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
    writer.close()


async def test_while_the_database_is_away_everybody_is_asked_to_come_again(tmp_path: Path, postgresql_url: str) -> None:
    url = urlsplit(postgresql_url)
    line = Line((url.hostname or "", url.port or 5432), unused_port())
    await line.mend()
    through = url._replace(netloc=f"{url.netloc.rpartition('@')[0]}@127.0.0.1:{line.port}").geturl()
    async with served_node(quick_settings(tmp_path, database_url=through)) as coop:

        async def ask(path: str) -> tuple[int, str | None]:
            async with coop.ada.http.get(f"{coop.node.origin}/{path}", headers=coop.ada.headers) as answer:
                return answer.status, answer.headers.get("Retry-After")

        async def page(method: str) -> str:
            told = {"Accept": "text/html", "Cookie": f"rochdale-{urlsplit(coop.node.origin).port}=somebody"}
            async with coop.ada.http.request(method, f"{coop.node.origin}/sign-in", headers=told) as answer:
                assert (answer.status, answer.headers.get("Retry-After")) == (503, "30")
                return await answer.text()

        paths = ("readyz", "body/outbox", "api/v1/proposals", "healthz", "metrics", "proposals")
        line.cut()
        found = [await ask(path) for path in paths]
        pages = [await page("GET"), await page("POST")]
        await line.mend()
        found_again = [await ask(path) for path in paths]
    line.cut()

    assert found == [(503, None), (503, "30"), (503, "10"), (200, None), (503, "30"), (503, "30")]
    assert found_again == [(200, None)] * 6
    assert ["Nothing was changed." in text for text in pages] == [True, False]
    assert ["look whether what you sent was taken" in text for text in pages] == [False, True]
