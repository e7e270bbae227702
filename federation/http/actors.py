"""The actor documents: the body (Group) and the instance actor, both readable without a signature.

Called by peers.
"""

from __future__ import annotations

from aiohttp import web

from federation.authoring import own_actor
from federation.http.access import FEDERATION
from federation.http.objects import document_response, wants_page
from federation.vocabulary.actors import instance_document


async def get_body(request: web.Request) -> web.Response:
    """The body's actor document; a browser that follows an actor's id is led to the node's first page."""
    if wants_page(request):
        return web.Response(status=302, headers={"Location": "/", "Vary": "Accept"})
    return document_response(request, await own_actor(request.app[FEDERATION]))


async def get_server_actor(request: web.Request) -> web.Response:
    """The instance actor's document."""
    federation, actor_id = request.app[FEDERATION], request.app[FEDERATION].instance_actor_id
    keys = await federation.keyring.published(actor_id, federation.clock())
    return document_response(request, instance_document(federation.origin, actor_id, keys))
