"""Every URL of the node on one page: peers' doors, members' doors, and who answers where both ask; used by app."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from aiohttp import web

from federation.http.objects import wants_activity
from federation.http.problems import answered
from federation.http.routes import peer_routes
from node import documents, health
from node.api import API_MIDDLEWARES, API_ROUTES
from node.arrivals import from_afar, named_in_text
from node.web import WEB_MIDDLEWARES, WEB_ROUTES

if TYPE_CHECKING:
    from aiohttp.typedefs import Middleware

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

BOTH = ("/proposals/{id}", "/offers/{id}", "/reliefs/{id}", "/replies/{id}")
"""Where a peer gets the document and a member the page."""


def all_routes() -> list[web.RouteDef]:
    """The routes of the application."""
    return [
        *peer_routes(),
        web.get("/healthz", health.healthz),
        web.get("/readyz", health.readyz),
        web.get("/metrics", health.metrics),
        web.get("/proposals/{id}/evidence", documents.get_evidence),
        web.get("/proposals/{id}/outcome", documents.get_outcome),
        web.get("/proposals/{id}/first-outcome", documents.get_first_outcome),
        web.get("/proposals/{id}/recount", documents.get_recount),
        web.get("/proposals/{id}/thread", answered(documents.get_thread)),
        web.get("/proposals/{id}/replies", answered(documents.get_thread)),
        web.get("/proposals/{id}/history", answered(documents.get_history)),
        web.get("/proposals/{id}/frozen", documents.get_frozen),
        web.get("/proposals/{id}/reports", documents.get_reports),
        web.get(r"/statutes/{version:\d{1,9}}", documents.get_statute),
        web.get("/ballots/{id}", documents.get_document),
        web.get("/positions/{id}", documents.get_document),
        web.get("/reliefs/{id}/log", documents.get_relief_log),
        web.get("/relief-entries/{id}", documents.get_document),
        web.get("/reminders/{id}", documents.get_document),
        web.get("/vetoes/{id}", documents.get_document),
        web.get("/equivocations/{id}", documents.get_document),
        *(web.route(method, path, handler) for method, path, handler in API_ROUTES),
        *(web.route(method, path, _shared(method, path, handler)) for method, path, handler in WEB_ROUTES),
    ]


def middlewares() -> list[Middleware]:
    """Outermost first."""
    return [from_afar, *API_MIDDLEWARES, *WEB_MIDDLEWARES, named_in_text]


def _shared(method: str, path: str, page: Handler) -> Handler:
    if method != "GET" or path not in BOTH:
        return page

    async def either(request: web.Request) -> web.StreamResponse:
        return await (documents.get_document(request) if wants_activity(request) else page(request))

    return either
