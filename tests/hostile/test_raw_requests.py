"""Requests that are signed well and then bent on the line: what two readers could read differently is refused."""

from __future__ import annotations

import asyncio
import itertools
import select
import socket
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession, web

from node import app
from node.routes import all_routes
from tests.doors.peers import ACTIVITY, as_bytes
from tests.hostile.siege import siege

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.hostile.siege import Siege

pytestmark = pytest.mark.asyncio(loop_scope="module")

ANSWER_SECONDS = 30
NUMBERS = itertools.count()
SCHEMES = ("cavage", "rfc9421")


def request(
    headers: Mapping[str, str], body: bytes, *more: str, target: str = "/inbox", is_chunked: bool = False
) -> bytes:
    length = "Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {len(body)}"
    lines = [
        f"POST {target} HTTP/1.1",
        *(f"{name}: {value}" for name, value in headers.items()),
        *more,
        length,
        "Connection: close",
    ]
    parts = [body[start : start + 100] for start in range(0, len(body), 100)] if is_chunked else []
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in [*parts, b""])
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (chunks if is_chunked else body)


async def raw(besieged: Siege, sent: bytes) -> int:
    """The status of the one answer to these bytes, 0 when there is none."""
    host, _, port = besieged.wire.authority.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    async with asyncio.timeout(ANSWER_SECONDS):
        writer.write(sent.replace(b"{host}", besieged.wire.authority.encode()))
        answers = [line for line in (await reader.read()).splitlines() if line.startswith(b"HTTP/")]
        writer.close()
    assert len(answers) <= 1, "one request was taken for two"
    return int(answers[0].split(b" ")[1]) if answers else 0


def said(besieged: Siege) -> bytes:
    number, origin = next(NUMBERS), besieged.there.origin
    return as_bytes(
        besieged.there.activity(id=f"{origin}/raw/{number}", type="Listen", object=f"{origin}/raw/{number}/song")
    )


def signed(besieged: Siege, body: bytes, scheme: str, *, path: str = "/inbox") -> dict[str, str]:
    sign = besieged.there.signed_headers if scheme == "cavage" else besieged.there.message_headers
    return sign(besieged.wire, body, path=path)


DOUBLED = ("host", "date", "digest", "content-digest", "signature", "signature-input", "content-type")


@pytest.mark.parametrize("value", [None, "x"], ids=["the same", "another"])
@pytest.mark.parametrize("name", DOUBLED)
@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_header_that_stands_twice_is_refused(
    besieged: Siege, caplog: pytest.LogCaptureFixture, scheme: str, name: str, value: str | None
) -> None:
    body = said(besieged)
    headers = signed(besieged, body, scheme)
    if name not in headers:
        headers[name] = "y"

    async with besieged.nothing_happens(caplog):
        after = await raw(besieged, request(headers, body, f"{name.title()}: {value or headers[name]}"))
        before = await raw(besieged, request({name.upper(): value or headers[name], **headers}, body))

    assert {after, before} <= {400, 401}


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_headers_in_any_case_and_bodies_in_chunks_are_read(besieged: Siege, scheme: str) -> None:
    bodies = [said(besieged) for _ in range(3)]
    upper, chunked, spaced = (signed(besieged, body, scheme) for body in bodies)

    assert await raw(besieged, request({name.upper(): value for name, value in upper.items()}, bodies[0])) == 202
    assert await raw(besieged, request(chunked, bodies[1], is_chunked=True)) == 202
    assert await raw(besieged, request({name: f"  {value} \t" for name, value in spaced.items()}, bodies[2])) == 202


BENT = {
    "a path with dots": "/./inbox",
    "a doubled slash": "//inbox",
    "a path through another": "/body/../inbox",
    "a slash at the end": "/inbox/",
    "a parameter": "/inbox;a=1",
    "a whole address": "http://{host}/inbox",
    "the address of another": "http://elsewhere.example/inbox",
    "another protocol": "gopher://{host}/inbox",
}


@pytest.mark.parametrize("name", BENT)
@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_request_is_good_for_the_very_target_it_was_signed_for(
    besieged: Siege, caplog: pytest.LogCaptureFixture, scheme: str, name: str
) -> None:
    body = said(besieged)

    async with besieged.nothing_happens(caplog):
        status = await raw(besieged, request(signed(besieged, body, scheme), body, target=BENT[name]))

    assert 400 <= status < 500


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_another_spelling_of_the_path_is_another_target(besieged: Siege, scheme: str) -> None:
    body, again = said(besieged), said(besieged)

    spelt = signed(besieged, again, scheme, path="/%69nbox")

    assert await raw(besieged, request(signed(besieged, body, scheme), body, target="/%69nbox")) == 401
    assert await raw(besieged, request(spelt, again, target="/%69nbox")) == 202


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_target_on_another_host_is_no_target_of_ours_however_it_is_signed(
    besieged: Siege, caplog: pytest.LogCaptureFixture, scheme: str
) -> None:
    body, target = said(besieged), "http://elsewhere.example/inbox"

    async with besieged.nothing_happens(caplog):
        status = await raw(besieged, request(signed(besieged, body, scheme, path=target), body, target=target))

    assert status == 401


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("tail", [b"{}", b"\x00", b"]", b"\xef\xbb\xbf", b"\x0c", b"//", b","])
async def test_nothing_stands_after_a_document(
    besieged: Siege, caplog: pytest.LogCaptureFixture, scheme: str, tail: bytes
) -> None:
    body = said(besieged) + tail

    async with besieged.nothing_happens(caplog):
        assert await raw(besieged, request(signed(besieged, body, scheme), body)) == 400


LONG_KEYS = {
    "two thousand characters": "{there}/" + "a" * 2000,
    "ten thousand characters": "{there}/" + "a" * 10_000,
    "port 0": "http://127.0.0.1:0/body#main-key",
    "dots for a host": "https://../body#main-key",
    "a host of labels without end": "https://" + "a." * 900 + "example/body",
}


@pytest.mark.parametrize("name", LONG_KEYS)
@pytest.mark.parametrize("scheme", SCHEMES)
async def test_no_name_of_a_key_is_a_fault(
    besieged: Siege, caplog: pytest.LogCaptureFixture, scheme: str, name: str
) -> None:
    body, key_id = said(besieged), LONG_KEYS[name].replace("{there}", besieged.there.origin)
    sign = besieged.there.signed_headers if scheme == "cavage" else besieged.there.message_headers
    caplog.clear()

    status = await raw(besieged, request(sign(besieged.wire, body, key_id=key_id), body))

    assert status in {400, 401}
    assert [record for record in caplog.records if record.levelname in {"ERROR", "CRITICAL"}] == []


# --- answers that nobody reads


def reading_nothing(origin: str, path: str, times: int) -> socket.socket:
    """A connection that asked for a document so many times, has little room for answers, and reads none."""
    host, _, port = origin.removeprefix("http://").partition(":")
    asking = socket.socket()
    asking.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    asking.connect((host, int(port)))
    asking.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: {ACTIVITY}\r\n\r\n".encode() * times)
    return asking


def is_cut(connection: socket.socket) -> bool:
    """Whether the other side cuts the connection while nothing is read from it."""
    waiting = select.poll()
    waiting.register(connection, 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in waiting.poll(ANSWER_SECONDS * 1000))


@pytest.mark.parametrize(("path", "times"), [("/large", 1), ("/refused", 1), ("/some", 300)])
async def test_who_does_not_read_an_answer_is_cut_off(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, times: int
) -> None:
    monkeypatch.setattr(app, "TAKE_SECONDS", 0.5)
    monkeypatch.setattr(app, "SLOWEST_READER", 2**30)
    monkeypatch.setattr(app, "all_routes", lambda: [*all_routes(), *ODD])
    async with siege(tmp_path / "data", sqlite_url) as besieged:
        with reading_nothing(besieged.node.origin, path, times) as asking:
            assert await asyncio.to_thread(is_cut, asking)

        said = besieged.node.metrics.text().decode()
        assert 'rochdale_wire_total{event="answer",label="not-taken"} 1.0' in said


async def large(_: web.Request) -> web.Response:
    return web.Response(body=b"x" * 32 * 1024 * 1024)


async def no(_: web.Request) -> web.Response:
    raise web.HTTPForbidden(text="x" * 32 * 1024 * 1024)


async def some(_: web.Request) -> web.Response:
    return web.Response(body=b"x" * 60_000)


ODD = (web.get("/large", large), web.get("/refused", no), web.get("/some", some))


async def test_a_large_answer_arrives_whole_and_the_connection_goes_on(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "all_routes", lambda: [*all_routes(), *ODD])
    async with siege(tmp_path / "data", sqlite_url) as besieged, ClientSession(besieged.node.origin) as http:
        found = []
        for path in ("/large", "/refused", "/large", "/static/site.css", "/nothing"):
            async with http.get(path) as answer:
                found.append((answer.status, len(await answer.read()) >= 32 * 1024 * 1024))

    assert found == [(200, True), (403, True), (200, True), (200, False), (404, False)]
