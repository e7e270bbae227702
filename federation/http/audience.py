"""Documents that are not for everybody: only for signers among those they are addressed to (P24).

Called by the doors that serve documents and activities by their id. Absent and hidden look the same: the same 404, and
the same work before it, so that neither the answer nor a fetch of the asker's key tells them apart.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from federation.authoring import followers_id, proven_now
from federation.errors import WireError, WireRefusal
from federation.fetch.documents import FetchBudget
from federation.http.access import FEDERATION, wire_request
from federation.http.collections import actors_response
from federation.http.objects import document_response
from federation.http.problems import not_found
from federation.peers.followers import partial_followers_id
from federation.receive.gate import check_rate, claimed_sender, network_of
from federation.receive.origins import host_of
from federation.receive.signatures import signer_of
from federation.vocabulary.reading import addresses, is_public
from identity.errors import IdentityError, SignatureRefusal
from storage.errors import EphemeralError
from storage.neighbours import follows
from storage.work import activities

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web


async def get_activity(request: web.Request) -> web.StreamResponse:
    """An activity of ours exactly as it was signed, to everybody or to those it went to."""
    federation = request.app[FEDERATION]
    async with federation.store.read() as tx:
        row = await activities.find(tx, federation.origin + request.path)
    document = json.loads(row.raw) if row is not None and row.direction == "out" else None
    return await shown_response(request, document)


async def shown_response(request: web.Request, document: Mapping[str, Any] | None) -> web.StreamResponse:
    """The document when it is public or addressed to the actor that signed the request; else the one 404."""
    federation = request.app[FEDERATION]
    if document is not None and is_public(document):
        return document_response(request, proven_now(federation, document))
    names = await _names_of_asker(request)
    if document is None or names.isdisjoint(addresses(document)):
        return not_found()
    response = document_response(request, proven_now(federation, document))
    response.headers["Cache-Control"] = "private, no-store"
    return response


async def get_own_followers(request: web.Request) -> web.StreamResponse:
    """Our followers on the host of the actor that signed the request, and no others (FEP-8fcf).

    Raises SignatureRefusal `signature-missing` for an unsigned request, WireRefusal for a host we do not hear.
    """
    federation, asker = request.app[FEDERATION], await _proven_asker(request)
    if asker is None:
        raise SignatureRefusal("signature-missing", "the followers of a host are for that host")
    there = await federation.store.read_together(follows.follower_ids_at, host_of(asker))
    response = actors_response(request, partial_followers_id(federation), there)
    response.headers["Cache-Control"] = "private, no-store"
    return response


async def _names_of_asker(request: web.Request) -> frozenset[str]:
    """What the actor that signed the request may be addressed by; nothing when nobody did, or not well enough."""
    federation = request.app[FEDERATION]
    try:
        asker = await _proven_asker(request)
    except (WireError, IdentityError, EphemeralError):
        asker = None
    if asker is None:
        return frozenset()
    async with federation.store.read() as tx:  # asked whatever the document says, and even when there is none
        follow = await follows.find(tx, "in", asker)
    is_follower = follow is not None and follow.state == "accepted"
    return frozenset({asker, followers_id(federation)} if is_follower else {asker})


async def _proven_asker(request: web.Request) -> str | None:
    """The actor that signed the request; None for an unsigned one. Raises what is wrong with it or its signature."""
    federation = request.app[FEDERATION]
    wire = wire_request(request)
    await check_rate(federation, claimed_sender(wire.headers, wire.remote))
    try:
        async with asyncio.timeout(federation.limits.fetch_seconds):
            budget = FetchBudget(federation.limits.fetch_budget, network_of(wire.remote), is_counted=True)
            signer = await signer_of(federation, wire, budget)
    except TimeoutError as error:
        raise WireRefusal("key-unavailable", "The asker's key could not be fetched in time.") from error
    if signer is None:
        return None
    await federation.policies.refuse_blocked(signer.actor_id)
    return signer.actor_id
