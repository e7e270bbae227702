"""Own signed documents and evidence bundles by their id, for peers and for anyone who checks; mounted by routes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from federation.http.audience import shown_response
from federation.http.collections import cursor_of, thread_page
from federation.http.objects import document_response
from federation.http.problems import not_found
from federation.vocabulary.activities import tombstone
from node.community.replies import PER_PAGE
from node.context import NODE
from node.services.positions import reports_document
from node.services.reliefs import publishing
from storage.commons import offers
from storage.community import replies
from storage.governance import (
    ballots,
    equivocations,
    evidence,
    positions,
    proposals,
    reliefs,
    reminders,
    statutes,
    vetoes,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from storage.engine import Tx

BUNDLE_TYPE = "application/jsonl"
NOT_READY_SECONDS = "2"
GONE = 410


async def get_document(request: web.Request) -> web.StreamResponse:
    """The signed document whose id is this node's origin and the request's path; 404 for absent and hidden (P24)."""
    node = request.app[NODE]
    async with node.store.read() as tx:
        document = await READERS[request.path.split("/")[1]](tx, node.origin + request.path)
    if document is not None and document["type"] == "Tombstone":
        answer = document_response(request, document)
        answer.set_status(GONE)
        return answer
    return await shown_response(request, document)


async def get_thread(request: web.Request) -> web.StreamResponse:
    """The discussion of a proposal of ours: `thread` is all of it in order (FEP-7888), `replies` its first level.

    With `?after=` a page of it; what operators hid and what was deleted is left out.
    """
    node, path = request.app[NODE], request.path
    proposal_id, part = node.origin + path.rsplit("/", 1)[0], path.rsplit("/", 1)[1]
    answers = proposal_id if part == "replies" else None
    async with node.store.read() as tx:
        record = await proposals.find(tx, proposal_id)
        if record is None or record.document is None or record.origin != "own":
            return document_response(request, None)
        total = await replies.count(tx, proposal_id, answers=answers)
        after = cursor_of(request)
        found = await replies.thread(tx, proposal_id, answers=answers, limit=PER_PAGE, offset=after or 0)
    shown = [one.id for one in found if one.state == "shown"]
    document = thread_page(node.origin + path, shown, total=total, after=after, step=PER_PAGE)
    return document_response(request, {**document, "attributedTo": node.body.actor_id})


async def get_history(request: web.Request) -> web.StreamResponse:
    """The container of a proposal's discussion: our Adds of what was said, oldest first (FEP-171b)."""
    node, address = request.app[NODE], request.app[NODE].origin + request.path
    proposal_id, after = address.removesuffix("/history"), cursor_of(request)
    async with node.store.read() as tx:
        record = await proposals.find(tx, proposal_id)
        if record is None or record.document is None or record.origin != "own":
            return document_response(request, None)
        total = await replies.history_count(tx, proposal_id)
        ids = await replies.history(tx, proposal_id, limit=PER_PAGE, offset=after or 0)
    document = thread_page(address, ids, total=total, after=after, step=PER_PAGE)
    return document_response(request, {**document, "attributedTo": node.body.actor_id, "collectionOf": "Activity"})


async def get_evidence(request: web.Request) -> web.StreamResponse:
    """The evidence bundle of a decided proposal (JSON Lines); 503 with Retry-After while it is being gathered."""
    node = request.app[NODE]
    proposal_id = node.url("proposals", request.match_info["id"])
    async with node.store.read() as tx:
        record = await proposals.find(tx, proposal_id)
        bundle = await evidence.find(tx, proposal_id)
    if record is None or record.origin != "own" or record.outcome_document is None:
        return not_found()
    if bundle is None or not bundle.complete:
        return web.Response(
            status=503, headers={"Retry-After": NOT_READY_SECONDS}, text="The evidence is being gathered.\n"
        )
    tag = f'"{bundle.digest.removeprefix("sha256:")[:32]}"'
    headers = {
        "ETag": tag,
        "Content-Disposition": 'attachment; filename="evidence.jsonl"',
        "X-Content-Type-Options": "nosniff",
    }
    if tag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    return web.Response(body=bundle.bundle, content_type=BUNDLE_TYPE, headers=headers)


async def get_outcome(request: web.Request) -> web.StreamResponse:
    """The signed outcome of a proposal of ours, once it is decided; that of the close, where it was recounted."""
    node = request.app[NODE]
    async with node.store.read() as tx:
        record = await proposals.find(tx, node.url("proposals", request.match_info["id"]))
    ours = record if record and record.origin == "own" else None
    return await shown_response(request, (ours.replaced_outcome or ours.outcome_document) if ours else None)


async def get_recount(request: web.Request) -> web.StreamResponse:
    """The signed outcome of a recount of a proposal of ours, which took the place of that of the close."""
    node = request.app[NODE]
    async with node.store.read() as tx:
        record = await proposals.find(tx, node.url("proposals", request.match_info["id"]))
    is_recounted = record is not None and record.origin == "own" and record.replaced_outcome is not None
    return await shown_response(request, record.outcome_document if record and is_recounted else None)


async def get_first_outcome(request: web.Request) -> web.StreamResponse:
    """The signed outcome of the first call of a proposal of ours that missed its quorum, once it is called again."""
    node = request.app[NODE]
    async with node.store.read() as tx:
        record = await proposals.find(tx, node.url("proposals", request.match_info["id"]))
    return await shown_response(request, record.first_outcome if record and record.origin == "own" else None)


async def get_frozen(request: web.Request) -> web.StreamResponse:
    """The Question of a proposal of ours as it was frozen when it opened: what ballots and outcomes name by digest."""
    node = request.app[NODE]
    async with node.store.read() as tx:
        record = await proposals.find(tx, node.url("proposals", request.match_info["id"]))
    return document_response(request, record.document if record and record.origin == "own" else None)


async def get_reports(request: web.Request) -> web.StreamResponse:
    """The positions this body reported upward on a proposal of its own, with the activities that carried them (P20)."""
    node = request.app[NODE]
    async with node.store.read() as tx:
        document = await reports_document(tx, node.url("proposals", request.match_info["id"]))
    return document_response(request, document)


async def get_statute(request: web.Request) -> web.StreamResponse:
    """A version of this assembly's statute."""
    node = request.app[NODE]
    version = request.match_info["version"]
    async with node.store.read() as tx:
        record = await statutes.of_version(tx, node.body.did, int(version[:9]))
    return await shown_response(request, record.document if record else None)


async def get_relief_log(request: web.Request) -> web.StreamResponse:
    """The log of a relief (JSON Lines), of ours by its id, of others as /reliefs/elsewhere/log?id=…; for everybody."""
    node, named = request.app[NODE], request.match_info["id"]
    relief_id = request.query.get("id", "") if named == "elsewhere" else node.url("reliefs", named)
    async with node.store.read() as tx:
        body = await publishing.written(tx, relief_id)
    if body is None:
        return not_found()
    headers = {"Content-Disposition": 'attachment; filename="relief.jsonl"', "X-Content-Type-Options": "nosniff"}
    return web.Response(body=body, content_type=BUNDLE_TYPE, headers=headers)


async def _proposal(tx: Tx, document_id: str) -> Mapping[str, Any] | None:
    found = await proposals.find(tx, document_id)
    return (found.poll_document or found.document) if found is not None and found.origin == "own" else None


async def _offer(tx: Tx, document_id: str) -> Mapping[str, Any] | None:
    found = await offers.find(tx, document_id)
    if found is None or found.origin != "own":
        return None
    return found.document if found.state == "open" else tombstone(document_id, found.updated_at)


async def _reply(tx: Tx, document_id: str) -> Mapping[str, Any] | None:
    found = await replies.find(tx, document_id)
    if found is None or found.origin != "own" or found.state == "hidden":
        return None
    return found.document or tombstone(document_id, found.version_at)


async def _ballot(tx: Tx, document_id: str) -> Mapping[str, Any] | None:
    found = await ballots.find(tx, document_id)
    return found.document if found is not None else None


async def _position(tx: Tx, document_id: str) -> Mapping[str, Any] | None:
    found = await positions.find(tx, document_id)
    return found.document if found is not None else None


async def _equivocation(tx: Tx, document_id: str) -> Mapping[str, Any] | None:
    found = await equivocations.by_id(tx, document_id)
    return found.document if found is not None else None


async def _reminder(tx: Tx, document_id: str) -> Mapping[str, Any] | None:
    found = await reminders.find(tx, document_id)
    return found.document if found is not None else None


async def _veto(tx: Tx, document_id: str) -> Mapping[str, Any] | None:
    found = await vetoes.find(tx, document_id)
    return found.document if found is not None else None


async def _relief(tx: Tx, document_id: str) -> Mapping[str, Any] | None:
    found = await reliefs.find(tx, document_id)
    return found.document if found is not None else None


async def _relief_entry(tx: Tx, document_id: str) -> Mapping[str, Any] | None:
    found = await reliefs.entry_at(tx, document_id)
    return found.document if found is not None else None


READERS: Mapping[str, Callable[[Tx, str], Awaitable[Mapping[str, Any] | None]]] = {
    "ballots": _ballot,
    "equivocations": _equivocation,
    "offers": _offer,
    "positions": _position,
    "proposals": _proposal,
    "relief-entries": _relief_entry,
    "reliefs": _relief,
    "reminders": _reminder,
    "replies": _reply,
    "vetoes": _veto,
}
