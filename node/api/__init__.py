"""The member door /api/v1: JSON for members and operators; mounted by node.routes.

`API_ROUTES` are (method, path, handler); `API_MIDDLEWARES` belong around the whole application and touch only /api/.
`openapi_document()` describes exactly these routes.
"""

from __future__ import annotations

import functools
import json
from typing import Any

from aiohttp import web

from node.api import (
    activities,
    assemblies,
    ballots,
    body,
    community,
    federation,
    members,
    offers,
    operator,
    positions,
    proposals,
    reliefs,
    sessions,
    vetoes,
)
from node.api.door.middleware import API_MIDDLEWARES
from node.api.door.openapi import describe
from node.api.door.operation import PREFIX, Handler, Operation, handler_of

OPERATIONS: tuple[Operation, ...] = (
    *sessions.OPERATIONS,
    *members.OPERATIONS,
    *body.OPERATIONS,
    *proposals.OPERATIONS,
    *ballots.OPERATIONS,
    *community.OPERATIONS,
    *positions.OPERATIONS,
    *vetoes.OPERATIONS,
    *reliefs.OPERATIONS,
    *federation.OPERATIONS,
    *assemblies.OPERATIONS,
    *offers.OPERATIONS,
    *activities.OPERATIONS,
    *operator.OPERATIONS,
)


@functools.cache
def openapi_text() -> str:
    """The OpenAPI 3.1 document as JSON, the same bytes every time; docs/reference/openapi.json is this."""
    return json.dumps(openapi_document(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def openapi_document() -> dict[str, Any]:
    """The OpenAPI 3.1 document of the member door."""
    return describe(OPERATIONS)


async def show_openapi(_: web.Request) -> web.Response:
    """GET /api/v1/openapi.json: anybody may read how to talk to this door."""
    headers = {"Cache-Control": "public, max-age=300"}
    return web.Response(text=openapi_text(), content_type="application/json", headers=headers)


API_ROUTES: tuple[tuple[str, str, Handler], ...] = (
    *((str(one.method), PREFIX + one.route, handler_of(one)) for one in OPERATIONS),
    ("GET", f"{PREFIX}/openapi.json", show_openapi),
)

__all__ = ["API_MIDDLEWARES", "API_ROUTES", "OPERATIONS", "openapi_document", "openapi_text"]
