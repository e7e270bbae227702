"""NodeInfo 2.0 and 2.1: what software this is, truthfully and without counting people.

Called by peers and crawlers (FEP-f1d5, FEP-0151; FEP-2677 links the instance actor).
"""

from __future__ import annotations

from importlib.metadata import version as installed
from typing import TYPE_CHECKING, Any

from federation.http.access import FEDERATION, json_response
from federation.http.problems import not_found
from federation.vocabulary.terms import AS2

if TYPE_CHECKING:
    from aiohttp import web

    from federation.ports import Federation

VERSIONS = ("2.0", "2.1")
SOFTWARE = {"name": "rochdale", "version": installed("rochdale")}
_SCHEMA = "http://nodeinfo.diaspora.software/ns/schema/"
_MAX_AGE_SECONDS = 3600


async def get_nodeinfo_links(request: web.Request) -> web.Response:
    """Where the documents of each version are."""
    federation = request.app[FEDERATION]
    links = [{"rel": _SCHEMA + version, "href": f"{federation.origin}/nodeinfo/{version}"} for version in VERSIONS]
    links.append({"rel": f"{AS2}#Application", "href": federation.instance_actor_id})
    return json_response(request, {"links": links}, "application/json", max_age_seconds=_MAX_AGE_SECONDS)


async def get_nodeinfo(request: web.Request) -> web.Response:
    """The document of one version."""
    version = request.match_info["version"]
    if version not in VERSIONS:
        return not_found()
    media_type = f'application/json; profile="{_SCHEMA}{version}#"'
    document = _nodeinfo(request.app[FEDERATION], version)
    return json_response(request, document, media_type, max_age_seconds=_MAX_AGE_SECONDS)


def _nodeinfo(federation: Federation, version: str) -> dict[str, Any]:
    return {
        "version": version,
        "software": dict(SOFTWARE),
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": []},
        "openRegistrations": False,
        "usage": {"users": {}},
        "metadata": {"nodeName": federation.profile.name, "body_kind": federation.profile.kind},
    }
