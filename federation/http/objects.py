"""Documents of ours as ActivityStreams JSON, and whether a request asks for that rather than for a page.

Called by the doors of actors and collections, by `audience` for everything that has readers, and by the node's routes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.http.access import json_response
from federation.http.problems import not_found
from federation.vocabulary.terms import ACTIVITY_JSON, LD_JSON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

_JSON_TYPES = ("application/activity+json", "application/ld+json", "application/json")


def wants_activity(request: web.Request) -> bool:
    """Whether the Accept header asks for ActivityStreams JSON rather than a page: JSON is named before HTML."""
    accept = request.headers.get("Accept", "").lower()
    named = [accept.find(media) for media in _JSON_TYPES if media in accept]
    html = accept.find("text/html")
    return bool(named) and (html < 0 or min(named) < html)


def wants_page(request: web.Request) -> bool:
    """Whether a browser asks: HTML is named, and not after JSON."""
    return "text/html" in request.headers.get("Accept", "").lower() and not wants_activity(request)


def document_response(request: web.Request, document: Mapping[str, Any] | None) -> web.Response:
    """The document as ActivityStreams JSON, 304 when unchanged, or the one 404 for absent and hidden alike (P24)."""
    if document is None:
        return not_found()
    media_type = LD_JSON if "application/ld+json" in request.headers.get("Accept", "") else ACTIVITY_JSON
    return json_response(request, document, media_type)
