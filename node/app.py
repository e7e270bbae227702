"""The aiohttp application of one node, and serving it; called by `rochdale serve`, the demo and tests."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import socket
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from federation.http.routes import FEDERATION
from node.context import NODE, Node
from node.routes import all_routes, middlewares
from node.services.follows import catch_up_all
from node.services.house import retention
from node.wiring import Running, close_node

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp.typedefs import Handler

log = structlog.get_logger("rochdale.app")

LARGEST_BODY = 1024 * 1024 + 1024
DRAIN_SECONDS = 10.0
IDLE_SECONDS = 150.0
"""How long a connection may be here without a whole request: longer than a proxy keeps one it does not use."""
TAKE_SECONDS = 60.0
SLOWEST_READER = 16 * 1024
"""How long an answer may take to be taken, and how many bytes of it give a second more."""
AT_ONCE = struct.pack("ii", 1, 0)  # struct linger of socket(7): a close that waits for nothing and throws away the rest


def _is_ours(record: logging.LogRecord) -> bool:
    """Whether a fault of the HTTP library is one of ours: with bytes that are no HTTP anybody could fill the log."""
    raised = record.exc_info[1] if record.exc_info else None
    return not isinstance(raised, HttpProcessingError | web.RequestPayloadError)


def server_options() -> dict[str, Any]:
    """How the HTTP library serves, here and in tests: it unpacks nothing, and waits for nobody who only connects."""
    server_log = logging.getLogger("rochdale.server")
    server_log.addFilter(_is_ours)
    return {
        "access_log": None,
        "logger": server_log,
        "auto_decompress": False,
        "keepalive_timeout": IDLE_SECONDS,
    }


def build_app(running: Running) -> web.Application:
    """The application with every door open; its worker starts and stops with it."""
    node = running.node
    app = web.Application(middlewares=[_taken_in_time, _counted, *middlewares()], client_max_size=LARGEST_BODY)
    app[NODE] = node
    app[FEDERATION] = node.federation
    app.add_routes(all_routes())

    async def worker(_: web.Application) -> AsyncIterator[None]:
        if running.worker is not None:
            running.worker.start(node)
        await catch_up_all(node)
        await retention.begin(node)
        yield
        if running.worker is not None:
            await running.worker.stop()
        await close_node(node)

    async def keys(_: web.Application) -> AsyncIterator[None]:
        refreshing = asyncio.create_task(_refresh_keys(node), name="keys")
        yield
        refreshing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await refreshing

    app.cleanup_ctx.extend((worker, keys))
    return app


@dataclass(slots=True)
class Serving:
    """A node that listens; `stop` finishes requests and running rows first."""

    node: Node
    runner: web.AppRunner

    async def stop(self) -> None:
        """Stop listening, drain, close."""
        await self.runner.cleanup()


async def start(running: Running) -> Serving:
    """Listen on the node's host and port; returns once it accepts connections. OSError when the port is taken."""
    settings = running.node.settings
    runner = web.AppRunner(
        build_app(running), shutdown_timeout=DRAIN_SECONDS, handler_cancellation=False, **server_options()
    )
    await runner.setup()
    try:
        site = web.TCPSite(
            runner, settings.listen_host, settings.listen_port, reuse_port=settings.allow_shared_port, backlog=1024
        )
        await site.start()
    except BaseException:
        await runner.cleanup()
        raise
    log.info("serving", name=running.node.body.name, origin=running.node.origin)
    return Serving(running.node, runner)


async def serve_until_stopped(running: Running) -> None:
    """Serve until SIGTERM or SIGINT, then shut down gracefully."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopped.set)
    serving = await start(running)
    gc.collect()
    gc.freeze()  # what is there now stays: no collection needs to walk through it again
    await stopped.wait()
    log.info("stopping")
    await serving.stop()


async def _refresh_keys(node: Node) -> None:
    """Take up keys that another process made, long before the old ones are no longer shown."""
    while True:
        await asyncio.sleep(node.settings.sweep_seconds)
        try:
            await node.keyring.refresh()
        except Exception as fault:  # noqa: BLE001  # a database that is away now is asked again in a while
            log.warning("keys could not be looked at", error=f"{type(fault).__name__}: {fault}"[:500])


@web.middleware
async def _counted(request: web.Request, handler: Handler) -> web.StreamResponse:
    status = 500
    try:
        response = await handler(request)
        status = response.status
    except web.HTTPException as refusal:
        status = refusal.status
        raise
    else:
        return response
    finally:
        request.app[NODE].metrics.requests.labels(request.method, status).inc()


@web.middleware
async def _taken_in_time(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The answer, sent here and not by the HTTP library, which would wait for ever for whoever does not read it."""
    try:
        response = await handler(request)
    except web.HTTPException as refusal:
        await _send(request, refusal)
        raise
    await _send(request, response)
    return response


async def _send(request: web.Request, response: web.StreamResponse) -> None:
    """Nothing, once the system has every byte of the answer; beyond its time the connection is cut.

    The library sends nothing twice, and finds out by itself when a connection is gone.
    """
    transport = request.transport
    if transport is None:
        return
    transport.set_write_buffer_limits(high=0)  # nothing of it may stay behind in this process when it counts as sent
    patience = patience_seconds(response.content_length or 0)
    late = asyncio.get_running_loop().call_later(patience, _cut_off, request, transport)
    try:
        with contextlib.suppress(ConnectionError):
            await response.prepare(request)
            await response.write_eof()
    finally:
        late.cancel()


def _cut_off(request: web.Request, transport: asyncio.Transport) -> None:
    """Cut, not closed: the system would keep for the connection what it has not taken."""
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
    transport.abort()
    request.app[NODE].metrics.count_wire("answer", "not-taken")


def patience_seconds(size_bytes: int) -> float:
    """How long an answer of that size may take to be taken."""
    return TAKE_SECONDS + size_bytes / SLOWEST_READER
