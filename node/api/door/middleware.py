"""What surrounds every answer under /api/: a request id, problems instead of pages, and CORS; mounted by node.app."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from node.api.problems import REQUEST_ID, problem_response
from node.context import NODE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from node.api.door.operation import Handler

ANYWHERE = "/api/"
CORS: Mapping[str, str] = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Location, Retry-After, X-Request-Id, Idempotency-Replayed",
}
"""Any page may call with a bearer token; credentials are not allowed, so a member's cookie never comes along."""
PREFLIGHT: Mapping[str, str] = {
    "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-None-Match, Idempotency-Key",
    "Access-Control-Max-Age": "86400",
}


@web.middleware
async def api_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The answer of the member door; other paths pass untouched."""
    if not request.path.startswith(ANYWHERE):
        return await handler(request)
    request_id = request.setdefault(REQUEST_ID, request.app[NODE].new_id())
    answer = await _answer(request, handler)
    answer.headers.update(CORS)
    answer.headers["X-Request-Id"] = request_id
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.method == "OPTIONS":
        return web.Response(status=204, headers=PREFLIGHT)
    try:
        return await handler(request)
    except asyncio.CancelledError:
        raise
    except Exception as raised:  # noqa: BLE001  # unknown paths and methods, and faults of other middlewares
        return problem_response(request, raised)


API_MIDDLEWARES = (api_middleware,)
