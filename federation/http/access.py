"""Where the doors find their Federation, and what they share in answering.

Called by every door beside it.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from aiohttp import web

from federation.errors import WireRefusal
from federation.ports import Federation
from federation.receive.gate import SINGLE_HEADERS, WireRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

FEDERATION: web.AppKey[Federation] = web.AppKey("federation", Federation)
_CORS = {"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff"}


def single_headers(request: web.Request) -> dict[str, str]:
    """Header values by lower-case name, repeated ones joined; those that must be single may not repeat.

    Raises WireRefusal `request-malformed`.
    """
    values: dict[str, str] = {}
    for spelled, value in request.headers.items():
        name = spelled.lower()
        if name not in values:
            values[name] = value
        elif name in SINGLE_HEADERS:
            raise WireRefusal("request-malformed", "A header that must be single is repeated.")
        else:
            values[name] += f", {value}"
    return values


def wire_request(request: web.Request, body: bytes = b"", *, headers: Mapping[str, str] | None = None) -> WireRequest:
    """The request as the verifier of signatures needs it; raises WireRefusal `request-malformed`.

    `headers` are its `single_headers` where somebody asked for them before.
    """
    return WireRequest(
        method=request.method,
        target=request.raw_path,
        headers=single_headers(request) if headers is None else headers,
        body=body,
        remote=request.remote or "",
        received_at=request.app[FEDERATION].clock(),
    )


def json_response(
    request: web.Request, document: Mapping[str, Any], media_type: str, *, max_age_seconds: int = 0
) -> web.Response:
    """The document as UTF-8 JSON with an ETag; 304 without body when the asker has that very version."""
    text = json.dumps(document, ensure_ascii=False)
    tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    cache = f"public, max-age={max_age_seconds}" if max_age_seconds else "no-cache"
    headers = {**_CORS, "ETag": tag, "Cache-Control": cache, "Vary": "Accept"}
    if tag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    return web.Response(body=text.encode(), headers={**headers, "Content-Type": media_type})
