"""Requests that are signed well and then bent on the line: what two readers could read differently is refused."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING

import pytest

from tests.doors.peers import as_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

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
