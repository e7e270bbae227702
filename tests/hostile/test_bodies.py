"""Group 1 of protocol.md §5: bytes that are no activity, and requests that lie about their bytes."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from node import app
from tests.doors.peers import ACTIVITY, as_bytes
from tests.hostile.siege import siege

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hostile.siege import Siege

pytestmark = pytest.mark.asyncio(loop_scope="module")

ANSWER_SECONDS = 20
BOMB_BYTES = 20_000_000  # ten times what is ever read, and made at each start of the tests
PLAIN = b'{"id":"{there}/1","type":"Like","actor":"{actor}","object":"{here}/body"}'

UNREADABLE = {
    "white space": b" \n\t ",
    "null": b"null",
    "true": b"true",
    "a zero byte": b"\x00",
    "UTF-16": '{"type":"Like"}'.encode("utf-16"),
    "UTF-16 without mark": '{"type":"Like"}'.encode("utf-16-le"),
    "UTF-32": '{"type":"Like"}'.encode("utf-32"),
    "Latin-1": '{"name":"Gràcia"}'.encode("latin-1"),
    "a surrogate written in UTF-8": b'{"x":"\xed\xa0\x80"}',
    "an overlong slash": b'{"x":"\xc0\xaf"}',
    "single quotes": b"{'type':'Like'}",
    "a comment": b'{"type":"Like"/* said the fox */}',
    "a comma too many": b'{"type":"Like",}',
    "two documents": b'{"type":"Like"}{"type":"Undo"}',
    "a document and a zero byte": b'{"type":"Like"}\x00',
    "a raw line break in a string": b'{"x":"a\nb"}',
    "an unknown escape": b'{"x":"\\x41"}',
    "half an escape": b'{"x":"\\u00',
    "a leading zero": b'{"x":01}',
    "a plus sign": b'{"x":+1}',
    "hexadecimal": b'{"x":0x10}',
    "a bare exponent": b'{"x":1e}',
    "a huge exponent": b'{"x":1e99999999999999999999}',
    "a huge negative integer": b'{"x":-' + b"9" * 400_000 + b"}",
    "digits without end": b'{"x":' + b"1" * 1_000_000,
    "unclosed objects": b'{"x":' * 100_000,
    "closed more than opened": b"{" + b"]" * 100_000,
    "brackets that alternate": b'{"x":' + b"[{" * 50_000,
    "a name ten thousand times": b"{" + b'"actor":"a",' * 9_000 + b'"actor":"a"}',
    "the same name escaped": b'{"actor":"a","\\u0061ctor":"b"}',
    "a million quotes": b'"' * 1_000_000,
    "a million backslashes": b'{"x":"' + b"\\" * 1_000_000,
    "a surrogate in a name": b'{"\\ud800":1}',
    "surrogates the wrong way round": b'{"x":"\\udc00\\ud800"}',
    "a form": b"type=Like&actor=me",
    "a page": b"<!doctype html><title>x</title>",
    "XML with entities": b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;&a;</x>',
}


@pytest.mark.parametrize("name", UNREADABLE)
async def test_bytes_that_are_no_strict_json_are_refused(
    besieged: Siege, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    async with besieged.nothing_happens(caplog):
        answer = await besieged.signed(UNREADABLE[name])

    assert (answer.status, answer.code) == (400, "json-malformed")


COSTLY = {
    "a fraction of a million digits": b'{"x":0.' + b"1" * 1_000_000 + b"}",
    "one string of a megabyte": b'{"x":"' + b"a" * 1_000_000 + b'"}',
    "a megabyte of escapes": b'{"x":"' + b"\\u0041" * 170_000 + b'"}',
    "a megabyte of white space": b"{" + b" " * 1_000_000 + b"}",
    "brackets inside strings": b'{"x":"' + b"[" * 1_000_000 + b'"}',
    "nine thousand names": json.dumps({f"n{number}": number for number in range(9_000)}).encode(),
    "names that differ in case only": json.dumps({"Actor": "a", "ACTOR": "b", "actor ": "c"}).encode(),
}


@pytest.mark.parametrize("name", COSTLY)
async def test_json_made_to_cost_much_is_read_in_one_pass_and_found_to_be_no_activity(
    besieged: Siege, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    async with besieged.nothing_happens(caplog):
        answer = await besieged.signed(COSTLY[name])

    assert (answer.status, answer.code) == (400, "activity-malformed")


BOMB = gzip.compress(b"[" * BOMB_BYTES)
ENCODED = {
    "a gzip bomb": ("gzip", BOMB),
    "a gzip bomb, in capitals": ("GZIP", BOMB),
    "a deflate bomb": ("deflate", zlib.compress(b"[" * BOMB_BYTES)),
    "gzip twice": ("gzip, gzip", gzip.compress(BOMB)),
    "identity and gzip": ("identity, gzip", BOMB),
    "gzip that is none": ("gzip", b"not gzip"),
    "an encoding nobody knows": ("zstd", b"{}"),
}


@pytest.mark.parametrize("name", ENCODED)
async def test_no_compressed_body_is_unpacked(besieged: Siege, caplog: pytest.LogCaptureFixture, name: str) -> None:
    encoding, body = ENCODED[name]

    async with besieged.nothing_happens(caplog):
        answer = await besieged.post(body, {"Content-Type": ACTIVITY, "Content-Encoding": encoding})

    assert answer.status in {400, 415}


async def raw(besieged: Siege, sent: bytes, *, once_asked: bytes | None = None) -> int:
    """The status of the answer to these bytes on a bare connection, 0 when it was closed without one.

    What is to be sent `once_asked` goes out when the door reads the body.
    """
    host, _, port = besieged.wire.authority.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    async with asyncio.timeout(ANSWER_SECONDS):
        writer.write(sent.replace(b"{host}", besieged.wire.authority.encode()))
        if once_asked is not None:
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100 ")
            writer.write(once_asked)
        writer.write_eof()
        answers = [line for line in (await reader.read()).splitlines() if line.startswith(b"HTTP/")]
        writer.close()
    assert len(answers) <= 1, "one request was taken for two"
    return int(answers[0].split(b" ")[1]) if answers else 0


def head(*lines: str, target: str = "/inbox", method: str = "POST") -> bytes:
    first = (f"{method} {target} HTTP/1.1", "Host: {host}", f"Content-Type: {ACTIVITY}")
    return "\r\n".join([*first, *lines, "", ""]).encode("latin-1")


FRAMED = {
    "a length beyond the body": head("Content-Length: 500") + b"{}",
    "no length and no body": head(),
    "a negative length": head("Content-Length: -1") + b"{}",
    "a length that is no number": head("Content-Length: two") + b"{}",
    "a length with a sign": head("Content-Length: +2") + b"{}",
    "two lengths": head("Content-Length: 2", "Content-Length: 3") + b"{}}",
    "a length and chunks": head("Content-Length: 2", "Transfer-Encoding: chunked")
    + b"0\r\n\r\nPOST /inbox HTTP/1.1\r\n\r\n",
    "chunks by another name": head("Transfer-Encoding: xchunked") + b"2\r\n{}\r\n0\r\n\r\n",
    "a chunk size that is no number": head("Transfer-Encoding: chunked") + b"zz\r\n{}\r\n0\r\n\r\n",
    "a chunk that is too short": head("Transfer-Encoding: chunked") + b"5\r\n{}",
    "chunks without an end": head("Transfer-Encoding: chunked") + b"2\r\n{}\r\n" * 10,
    "an endless chunk size": head("Transfer-Encoding: chunked") + b"1" * 5000,
    "a huge header": head("X-Filler: " + "a" * 100_000),
    "a thousand headers": head(*(f"X-{number}: {'a' * 100}" for number in range(1000))),
    "a zero byte in a header": head("X-Zero: a\x00b"),
    "a folded header": head("Signature: a", " b"),
    "a header without a name": head(": nothing"),
    "no Host": b"POST /inbox HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
    "two Hosts": head("Host: elsewhere.example", "Content-Length: 2") + b"{}",
    "a target that is no path": head("Content-Length: 2", target="inbox") + b"{}",
    "a target on another host": head("Content-Length: 2", target="https://elsewhere.example/inbox") + b"{}",
    "a target of 100 kB": head(target="/inbox?" + "a" * 100_000),
    "another method": head(method="BREW"),
    "a method of symbols": head(method="{}"),
    "TLS on a plain port": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/0.9": b"GET /inbox\r\n\r\n",
    "nothing at all": b"",
}


@pytest.mark.parametrize("name", FRAMED)
async def test_requests_that_lie_about_their_own_length_are_refused_or_hung_up_on(
    besieged: Siege, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    async with besieged.nothing_happens(caplog):
        status = await raw(besieged, FRAMED[name])

    assert status == 0 or 400 <= status < 500


BROKEN_OFF = {
    "a length beyond the body": ("Content-Length: 500", b'{"id":'),
    "a length and nothing": ("Content-Length: 500", b""),
    "a chunk size that is no number": ("Transfer-Encoding: chunked", b"2\r\n{}\r\nzz\r\n{}\r\n0\r\n\r\n"),
    "a chunk that is too short": ("Transfer-Encoding: chunked", b"5\r\n{}"),
    "a chunk without an end": ("Transfer-Encoding: chunked", b"2\r\n{}\r\n"),
    "an endless chunk extension": ("Transfer-Encoding: chunked", b"2;" + b"a" * 100_000),
    "an endless trailer": ("Transfer-Encoding: chunked", b"0\r\nX-End: " + b"a" * 100_000),
}


@pytest.mark.parametrize("path", ["/inbox", "/api/v1/session", "/sign-in"])
@pytest.mark.parametrize("name", BROKEN_OFF)
async def test_a_body_that_breaks_off_while_it_is_read_is_no_fault_of_ours(
    besieged: Siege, caplog: pytest.LogCaptureFixture, name: str, path: str
) -> None:
    framing, body = BROKEN_OFF[name]
    kind = {"/inbox": ACTIVITY, "/api/v1/session": "application/json"}.get(path, "application/x-www-form-urlencoded")
    opening = head(framing, "Expect: 100-continue", target=path).replace(ACTIVITY.encode(), kind.encode())

    async with besieged.nothing_happens(caplog):
        status = await raw(besieged, opening, once_asked=body)

    assert status == 0 or 400 <= status < 500


@pytest.mark.parametrize("path", ["/inbox", "/api/v1/session", "/sign-in"])
async def test_a_body_that_never_comes_is_not_waited_for_for_ever(
    besieged: Siege, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    kind = {"/inbox": ACTIVITY, "/api/v1/session": "application/json"}.get(path, "application/x-www-form-urlencoded")
    federation = besieged.node.federation
    monkeypatch.setattr(federation, "limits", replace(federation.limits, fetch_seconds=0.1))

    async with besieged.nothing_happens(caplog):
        answered = await first_line(
            besieged, head("Content-Length: 500", target=path).replace(ACTIVITY.encode(), kind.encode())
        )

    assert 400 <= int(answered.split(b" ")[1]) < 500


@pytest.mark.parametrize("sent", [b"", b"GET /body HTTP/1.1\r\nHost: ", b"\r\n\r\n"])
async def test_a_connection_without_a_whole_request_is_closed(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(app, "IDLE_SECONDS", 2.0)

    async with siege(tmp_path / "data", sqlite_url) as besieged:
        answered = await first_line(besieged, sent)

    assert answered == b""


async def first_line(besieged: Siege, sent: bytes) -> bytes:
    """The first line of the answer to bytes that more should follow; b"" when the connection is closed without one."""
    host, _, port = besieged.wire.authority.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    async with asyncio.timeout(ANSWER_SECONDS):
        writer.write(sent.replace(b"{host}", besieged.wire.authority.encode()))
        answered = await reader.readline()
    writer.close()
    return answered


async def test_an_activity_of_exactly_the_limit_is_taken_and_one_byte_more_is_not(besieged: Siege) -> None:
    limit = besieged.node.federation.limits.inbox_bytes
    document = besieged.there.activity(id=f"{besieged.there.origin}/activities/full", type="Like", summary="")
    room = limit - len(as_bytes(document))

    full = await besieged.send(document | {"summary": "a" * room})
    over = await besieged.send(document | {"summary": "a" * (room + 1)})

    assert (full.status, over.status, over.code) == (202, 413, "too-large")
