"""Path, query and body of a request as typed models; called by Operation.

Every rule broken is reported with its place; sizes are checked while reading, before anything is parsed.
"""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from federation.errors import MalformedJson
from federation.vocabulary.strict_json import parse
from node.api.problems import Problem, located
from node.context import NODE

LARGEST_BODY_BYTES = 128 * 1024
RAW_BODY: web.RequestKey[bytes] = web.RequestKey("rochdale_raw_body", bytes)
"""The bytes as sent, by which idempotency tells one request from another."""

Shape = TypeVar("Shape", bound=BaseModel)


def path(request: web.Request, shape: type[Shape]) -> Shape:
    """The path's parameters; a path that cannot name anything is 404, as an unknown name is."""
    try:
        return shape.model_validate(dict(request.match_info))
    except ValidationError as broken:
        raise Problem(404, "not-found", "There is nothing at this address.") from broken


def query(request: web.Request, shape: type[Shape]) -> Shape:
    """The query's parameters; a name given twice becomes a list. Problem: query-invalid."""
    found: dict[str, Any] = {}
    for name in request.query:
        values = request.query.getall(name)
        found[name] = values if len(values) > 1 else values[0]
    return _validated(shape, found, code="query-invalid", place="query")


async def body(request: web.Request, shape: type[Shape]) -> Shape:
    """The JSON body. Problems: unsupported-media-type, too-large, malformed, body-invalid."""
    if request.content_type != "application/json":
        raise Problem(415, "unsupported-media-type", "Send the body as application/json.")
    request[RAW_BODY] = raw = await _bounded(request)
    try:
        found = parse(raw)
    except MalformedJson as broken:
        raise Problem(400, "malformed", "The body is not acceptable JSON.") from broken
    return _validated(shape, found, code="body-invalid", place="body")


async def _bounded(request: web.Request) -> bytes:
    too_large = Problem(413, "too-large", f"The body may have at most {LARGEST_BODY_BYTES} bytes.")
    if (request.content_length or 0) > LARGEST_BODY_BYTES:
        raise too_large
    read = bytearray()
    try:
        async with asyncio.timeout(request.app[NODE].federation.limits.fetch_seconds):
            async for chunk in request.content.iter_any():
                read += chunk
                if len(read) > LARGEST_BODY_BYTES:
                    raise too_large
    except (web.RequestPayloadError, ConnectionError, TimeoutError) as broken:
        raise Problem(400, "malformed", "The body broke off, or came too slowly.") from broken
    return bytes(read)


def _validated(shape: type[Shape], found: object, *, code: str, place: str) -> Shape:
    try:
        return shape.model_validate(found)
    except ValidationError as broken:
        detail = "Some fields are missing or not acceptable."
        raise Problem(422, code, detail, errors=located(broken, place)) from broken
