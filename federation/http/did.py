"""The node's did:web document, from the same keys as its actor (I4).

Called by peers and by verifiers of evidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.http.access import FEDERATION, json_response
from federation.vocabulary.terms import DID_JSON
from identity.dids.did_web import did_document

if TYPE_CHECKING:
    from aiohttp import web


async def get_did(request: web.Request) -> web.Response:
    """The DID document of the body."""
    federation = request.app[FEDERATION]
    keys = await federation.keyring.published(federation.actor_id, federation.clock())
    document = did_document(
        federation.profile.did,
        actor_id=federation.actor_id,
        keys={_fragment(key_id): key for key_id, key in ((keys.ed25519_id, keys.ed25519), *keys.earlier)},
        retired={_fragment(key_id): (key, at) for key_id, key, at in keys.retired},
    )
    return json_response(request, document, DID_JSON)


def _fragment(key_id: str) -> str:
    return key_id.partition("#")[2]
