"""What is settled about a request before any door sees it: whose address it has, and that its own is text.

Mounted by node.routes: `from_afar` outermost, `named_in_text` innermost.
"""

from __future__ import annotations

import ipaddress
import json
from typing import TYPE_CHECKING

from aiohttp import web

from node.context import NODE

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

FORWARDED = "X-Forwarded-For"


@web.middleware
async def from_afar(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The answer to a request whose `remote` is the client's address, not that of a trusted proxy before us."""
    address = client_address(request.headers.getall(FORWARDED, []), request.app[NODE].settings.trusted_proxies)
    return await handler(request if address is None else request.clone(remote=address))


def client_address(forwarded: list[str], trusted: int) -> str | None:
    """The address the outermost of our `trusted` proxies saw: the entry that far from the right; None for none.

    Each proxy appends whom it heard, so entries further left are whatever the client wrote. Fewer entries than proxies,
    or an entry that is no address, are believed as little.
    """
    hops = [hop.strip() for hop in ",".join(forwarded).split(",")]
    if not 0 < trusted <= len(hops):
        return None
    try:
        return str(ipaddress.ip_address(hops[-trusted]))
    except ValueError:
        return None


@web.middleware
async def named_in_text(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The answer, or 400 `malformed` for an address with the character NUL, which PostgreSQL cannot be asked for."""
    if "\0" in request.path or "\0" in request.query_string:
        problem = {"type": "about:blank", "title": "Bad Request", "status": 400, "code": "malformed"}
        raise web.HTTPBadRequest(text=json.dumps(problem), content_type="application/problem+json")
    return await handler(request)
