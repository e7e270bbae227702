"""Every URL of the peer doors on one page.

Called by the node's application, which also sets `app[FEDERATION]`.
"""

from __future__ import annotations

from aiohttp import web

from federation.http import actors, audience, collections, contexts, did, inbox, nodeinfo, webfinger
from federation.http.access import FEDERATION
from federation.http.problems import answered

__all__ = ["FEDERATION", "peer_routes"]


def peer_routes() -> list[web.RouteDef]:
    """The routes a node adds to its application."""
    door = inbox.challenged(answered(inbox.post_inbox))
    return [
        web.post("/inbox", door),
        web.post("/body/inbox", door),
        web.post("/actor/inbox", door),
        web.get("/body", answered(actors.get_body)),
        web.get("/body/outbox", answered(collections.get_outbox)),
        web.get("/body/followers", answered(collections.get_followers)),
        web.get("/body/followers_synchronization", answered(audience.get_own_followers)),
        web.get("/body/following", answered(collections.get_following)),
        web.get("/actor", answered(actors.get_server_actor)),
        web.get("/actor/outbox", answered(collections.get_empty)),
        web.get("/actor/followers", answered(collections.get_empty)),
        web.get("/actor/following", answered(collections.get_empty)),
        web.get("/activities/{activity}", answered(audience.get_activity)),
        web.get("/.well-known/webfinger", answered(webfinger.get_webfinger)),
        web.get("/.well-known/nodeinfo", answered(nodeinfo.get_nodeinfo_links)),
        web.get("/.well-known/did.json", answered(did.get_did)),
        web.get("/nodeinfo/{version}", answered(nodeinfo.get_nodeinfo)),
        web.get("/ns/v1", answered(contexts.get_context)),
    ]
