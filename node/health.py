"""Doors for operators' tools: alive, ready, metrics; mounted by routes."""

from __future__ import annotations

from aiohttp import web

from node.context import NODE
from storage.work import deliveries

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


async def healthz(_: web.Request) -> web.Response:
    """200 as long as the process answers."""
    return web.json_response({"status": "alive"})


async def readyz(request: web.Request) -> web.Response:
    """200 when the database answers, else 503; its schema was brought up to date before the node started."""
    node = request.app[NODE]
    try:
        await node.store.ping()
    except Exception:  # noqa: BLE001  # whatever the database says, the answer is: not ready
        return web.json_response({"status": "the database does not answer"}, status=503)
    return web.json_response({"status": "ready", "body": node.body.name})


async def metrics(request: web.Request) -> web.Response:
    """Prometheus text."""
    node = request.app[NODE]
    async with node.store.read() as tx:
        node.metrics.due.set((await deliveries.summary(tx)).due)
    node.metrics.stranger_bytes.set(node.federation.strangers.today())
    return web.Response(body=node.metrics.text(), headers={"Content-Type": METRICS_TYPE})
