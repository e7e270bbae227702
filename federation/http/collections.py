"""Collections of the two actors: what the body published, and who follows whom.

Called by peers; the outbox can be read by cursor, each item proven by itself (P16).
"""

from __future__ import annotations

import json
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from federation.authoring import proven_now
from federation.errors import WireRefusal
from federation.http.access import FEDERATION
from federation.http.objects import document_response
from federation.vocabulary.terms import AS2
from storage.neighbours import follows
from storage.work import activities

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import web

    from federation.ports import Federation
    from storage.records import ActivityRecord

MAX_CURSOR_DIGITS = 18
_FIRST = 0


async def get_outbox(request: web.Request) -> web.Response:
    """The outbox, or with `?after=` a page of at most `limits.page_size` public activities, oldest first.

    A page also ends before `limits.page_bytes`, but never before its first activity. A cursor is the position of an
    activity: it never changes, and later activities have greater ones. The last page is the one without `next`;
    asking it again later is how a peer catches up.
    """
    federation, after = request.app[FEDERATION], cursor_of(request)
    collection_id = f"{federation.actor_id}/outbox"
    async with federation.store.read() as tx:
        total = await activities.outbox_count(tx)
        rows = await activities.outbox(tx, limit=federation.limits.page_size + 1, after=after or _FIRST)
    if after is None:
        return document_response(request, _ordered(collection_id, total, first=f"{collection_id}?after={_FIRST}"))
    return document_response(request, _page(federation, after, rows))


async def get_followers(request: web.Request) -> web.Response:
    """Who follows the body: bodies and public by nature, so named."""
    federation = request.app[FEDERATION]
    async with federation.store.read() as tx:
        rows = await follows.followers(tx)
    return actors_response(request, f"{federation.actor_id}/followers", [row.actor_id for row in rows])


async def get_following(request: web.Request) -> web.Response:
    """Whom the body follows."""
    federation = request.app[FEDERATION]
    async with federation.store.read() as tx:
        rows = await follows.following(tx)
    return actors_response(request, f"{federation.actor_id}/following", [row.actor_id for row in rows])


async def get_empty(request: web.Request) -> web.Response:
    """A collection of the instance actor: it says nothing and follows nobody."""
    return document_response(request, _ordered(request.app[FEDERATION].origin + request.path, 0, orderedItems=[]))


def cursor_of(request: web.Request) -> int | None:
    """The number after which a page begins, None for the collection itself; raises WireRefusal for no number."""
    text = request.query.get("after")
    if text is None:
        return None
    if not text.isdecimal() or len(text) > MAX_CURSOR_DIGITS:
        raise WireRefusal("request-malformed", "The cursor is not a number.")
    return int(text)


def thread_page(address: str, ids: Sequence[str], *, total: int, after: int | None, step: int) -> dict[str, Any]:
    """A collection of ids, or with `after` the page that begins behind that many of them."""
    if after is None:
        return _ordered(address, total, first=f"{address}?after={_FIRST}")
    page = {
        "@context": AS2,
        "id": f"{address}?after={after}",
        "type": "OrderedCollectionPage",
        "partOf": address,
        "orderedItems": list(ids),
    }
    return page | ({"next": f"{address}?after={after + step}"} if total > after + step else {})


def _ordered(collection_id: str, total: int, **members: Any) -> dict[str, Any]:
    return {
        "@context": AS2,
        "id": collection_id,
        "type": "OrderedCollection",
        "totalItems": total,
        **members,
    }


def _page(federation: Federation, after: int, rows: Sequence[ActivityRecord]) -> dict[str, Any]:
    collection_id, limits = f"{federation.actor_id}/outbox", federation.limits
    sizes = list(accumulate(len(row.raw.encode()) for row in rows[: limits.page_size]))
    shown = rows[: max(1, sum(size <= limits.page_bytes for size in sizes))]
    page = {
        "@context": AS2,
        "id": f"{collection_id}?after={after}",
        "type": "OrderedCollectionPage",
        "partOf": collection_id,
        "orderedItems": [proven_now(federation, json.loads(row.raw)) for row in shown],
    }
    return page | ({"next": f"{collection_id}?after={shown[-1].position}"} if len(rows) > len(shown) else {})


def actors_response(request: web.Request, collection_id: str, actor_ids: Sequence[str]) -> web.Response:
    """A collection of actors by their ids, or with `?after=` a page of it."""
    page_size, after = request.app[FEDERATION].limits.page_size, cursor_of(request)
    if after is None:
        document = _ordered(collection_id, len(actor_ids), first=f"{collection_id}?after={_FIRST}")
        return document_response(request, document)
    end = after + page_size
    page = {
        "@context": AS2,
        "id": f"{collection_id}?after={after}",
        "type": "OrderedCollectionPage",
        "partOf": collection_id,
        "orderedItems": list(actor_ids[after:end]),
    }
    more = {"next": f"{collection_id}?after={end}"} if len(actor_ids) > end else {}
    return document_response(request, page | more)
