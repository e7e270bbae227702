"""Answers as JSON with their headers: ETag and 304 on reads, Link on pages; called by Operation."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from aiohttp import web

from node.api.door.paging import Page

if TYPE_CHECKING:
    from pydantic import BaseModel

    from node.api.door.call import Call

COMPRESS_FROM_BYTES = 4096
STATELESS = {"Cache-Control": "no-store"}
REVALIDATED = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}


def response(call: Call, outcome: BaseModel | None, *, status: int) -> web.Response:
    """The outcome as JSON, 204 when there is none, 304 when the caller has exactly this already (RFC 9110 §13.1.2)."""
    if outcome is None:
        return web.Response(status=204, headers={**call.headers, **STATELESS})
    if isinstance(outcome, Page) and outcome.next is not None:
        call.headers["Link"] = f'<{call.request.rel_url.update_query(after=outcome.next)}>; rel="next"'
    raw = outcome.model_dump_json(by_alias=True).encode()
    if call.request.method != "GET":
        return _json(raw, status, {**call.headers, **STATELESS})
    tag = f'W/"{hashlib.sha256(raw).hexdigest()[:32]}"'
    headers = {**REVALIDATED, **call.headers, "ETag": tag}
    if _has(call.request, tag):
        return web.Response(status=304, headers=headers)
    answer = _json(raw, status, headers)
    if len(raw) >= COMPRESS_FROM_BYTES:
        answer.enable_compression()
    return answer


def _json(raw: bytes, status: int, headers: dict[str, str]) -> web.Response:
    return web.Response(body=raw, status=status, headers=headers, content_type="application/json", charset="utf-8")


def _has(request: web.Request, tag: str) -> bool:
    known = [entry.strip() for entry in request.headers.get("If-None-Match", "").split(",")]
    return "*" in known or tag in known or tag.removeprefix("W/") in known
