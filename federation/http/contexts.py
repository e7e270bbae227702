"""Our own JSON-LD context document, for whoever wants to expand our terms.

Called by peers.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from federation.http.access import json_response
from federation.vocabulary.loader import own_context

if TYPE_CHECKING:
    from aiohttp import web

_MAX_AGE_SECONDS = 86_400


async def get_context(request: web.Request) -> web.Response:
    """The context of the `rochdale:` terms."""
    document = json.loads(own_context())
    return json_response(request, document, "application/ld+json", max_age_seconds=_MAX_AGE_SECONDS)
