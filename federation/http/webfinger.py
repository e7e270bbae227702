"""WebFinger (RFC 7033): from acct: and https: names of this node to its actors.

Called by peers. The instance actor answers to the host's own name and to the base URL (FEP-d556).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from federation.errors import WireRefusal
from federation.http.access import FEDERATION, json_response
from federation.http.problems import not_found
from federation.vocabulary.terms import ACTIVITY_JSON, AS2, JRD_JSON, LD_JSON

if TYPE_CHECKING:
    from aiohttp import web

    from federation.ports import Federation

_SERVICE_REL = f"{AS2}#Service"
_PROFILE_REL = "http://webfinger.net/rel/profile-page"
_MAX_AGE_SECONDS = 3600


async def get_webfinger(request: web.Request) -> web.Response:
    """The descriptor of `?resource=`; 400 without it, 404 for names that are not ours."""
    resource = request.query.get("resource")
    if not resource:
        raise WireRefusal("request-malformed", "WebFinger needs a resource.")
    descriptor = _descriptor(request.app[FEDERATION], resource)
    if descriptor is None:
        return not_found()
    return json_response(request, descriptor, JRD_JSON, max_age_seconds=_MAX_AGE_SECONDS)


def _descriptor(federation: Federation, resource: str) -> dict[str, Any] | None:
    host, origin = urlsplit(federation.origin).netloc, federation.origin
    body, server = federation.actor_id, federation.instance_actor_id
    body_name, server_name = f"acct:{federation.profile.handle}@{host}", f"acct:{host}@{host}"
    if resource.lower() == body_name.lower() or resource in {body, federation.profile.did}:
        return _jrd(body_name, body, origin)
    if resource in {origin, f"{origin}/"}:
        return _jrd(f"{origin}/", server, origin, extra_rel=_SERVICE_REL)
    if resource.lower() == server_name.lower() or resource == server:
        return _jrd(server_name, server, origin, extra_rel=_SERVICE_REL)
    return None


def _jrd(subject: str, actor_id: str, origin: str, *, extra_rel: str | None = None) -> dict[str, Any]:
    links = [
        {"rel": "self", "type": ACTIVITY_JSON, "href": actor_id},
        {"rel": "self", "type": LD_JSON, "href": actor_id},
        {"rel": _PROFILE_REL, "type": "text/html", "href": f"{origin}/"},
    ]
    if extra_rel is not None:
        links.append({"rel": extra_rel, "type": ACTIVITY_JSON, "href": actor_id})
    return {"subject": subject, "aliases": [actor_id], "links": links}
