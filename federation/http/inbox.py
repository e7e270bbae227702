"""The inbox door: bytes in, 202 after the activity is durable, a problem document otherwise.

Called by peers at the body's inbox and at the shared inbox (ActivityPub §7).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from federation.errors import WireRefusal
from federation.http.access import FEDERATION, single_headers, wire_request
from federation.receive.challenge import challenge
from federation.receive.gate import check_headers, check_rate, claimed_sender
from federation.receive.pipeline import receive

if TYPE_CHECKING:
    from federation.http.problems import Door
    from federation.ports import Federation, Limits
    from federation.receive.turnstile import Visit

_CHUNK_BYTES = 64 * 1024
_UNPROVEN = 401


async def post_inbox(request: web.Request) -> web.Response:
    """202 when the activity is recorded, known already, or nothing to us."""
    federation = request.app[FEDERATION]
    headers = single_headers(request)
    check_headers(headers)
    sender = claimed_sender(headers, request.remote or "")
    await check_rate(federation, sender)
    if (request.content_length or 0) > federation.limits.inbox_bytes:
        raise _too_large(federation.limits)
    with federation.turnstile.admitted(sender) as visit:
        body = await _body(request, federation, visit)
        await federation.turnstile.turn(visit)
        receipt = await receive(federation, wire_request(request, body, headers=headers))
    federation.count("inbox", receipt)
    return web.Response(status=202)


def challenged(door: Door) -> Door:
    """The door, whose answers 401 say which signature would do, with a fresh nonce, where the node is set to ask."""

    async def wrapped(request: web.Request) -> web.StreamResponse:
        response = await door(request)
        if response.status == _UNPROVEN:
            asked = await challenge(request.app[FEDERATION])
            if asked is not None:
                response.headers["Accept-Signature"] = asked
        return response

    return wrapped


async def _body(request: web.Request, federation: Federation, visit: Visit) -> bytes:
    content = request.content
    try:
        if content.is_eof():  # it came with its head, as most do: there is nothing to wait for
            return _taken(federation, visit, content.read_nowait())
        received = bytearray()
        async with visit.time_for(federation.limits.fetch_seconds):
            async for chunk in content.iter_chunked(_CHUNK_BYTES):
                received += _taken(federation, visit, chunk)
        return bytes(received)
    except TimeoutError as error:
        if not visit.is_inside:
            await visit.call
        raise WireRefusal("too-slow", "The body did not arrive in time.") from error
    except (web.RequestPayloadError, ConnectionError) as error:
        raise WireRefusal("request-malformed", "The body broke off.") from error


def _taken(federation: Federation, visit: Visit, chunk: bytes) -> bytes:
    """The chunk, counted among what the visit brought."""
    if visit.size_bytes + len(chunk) > federation.limits.inbox_bytes:
        raise _too_large(federation.limits)
    federation.turnstile.take(visit, len(chunk))
    return chunk


def _too_large(limits: Limits) -> WireRefusal:
    return WireRefusal("too-large", f"An activity has at most {limits.inbox_bytes} bytes.")
