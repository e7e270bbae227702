"""Collections of the two actors: what the body published, and who follows whom.

Called by peers; the outbox can be read by cursor both ways, each item proven by itself (P16).
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
_OLDER, _NEWER = ("before", "next"), ("after", "prev")
"""The ways through the outbox: the name of the cursor, and of the link to the following page."""


async def get_outbox(request: web.Request) -> web.Response:
    """The outbox, or a page of it, newest first (ActivityPub §5): what is older than `?before=`, newer than `?after=`.

    A cursor is the position of an activity: it never changes, and later activities have greater ones. Pages lead from
    `first` to older ones by `next`, and from `last`, the oldest, to newer ones by `prev`. Asking again later for the
    page that had no `prev` is how a peer catches up. A page has at most `limits.page_size` activities and ends before
    `limits.page_bytes`, but never before the first one it comes to.
    """
    federation, after, before = request.app[FEDERATION], cursor_of(request), cursor_of(request, "before")
    address, limit = f"{federation.actor_id}/outbox", federation.limits.page_size + 1
    async with federation.store.read() as tx:
        rows = await activities.outbox(tx, limit=limit, before=before, after=after)
        total = await activities.outbox_count(tx) if after is before is None else 0
    if after is not None:
        return document_response(request, _page(federation, rows, way=_NEWER, cursor=after))
    if before is not None:
        return document_response(request, _page(federation, rows, way=_OLDER, cursor=before))
    newest = rows[0].position if rows else _FIRST
    ends = {"first": f"{address}?before={newest + 1}", "last": f"{address}?after={_FIRST}"}
    return document_response(request, _ordered(address, total, **ends))


async def get_followers(request: web.Request) -> web.Response:
    """Who follows the body, the newest follower first: bodies and public by nature, so named."""
    federation = request.app[FEDERATION]
    async with federation.store.read() as tx:
        rows = await follows.followers(tx)
    return actors_response(request, f"{federation.actor_id}/followers", [row.actor_id for row in reversed(rows)])


async def get_following(request: web.Request) -> web.Response:
    """Whom the body follows, the newest first."""
    federation = request.app[FEDERATION]
    async with federation.store.read() as tx:
        rows = await follows.following(tx)
    return actors_response(request, f"{federation.actor_id}/following", [row.actor_id for row in reversed(rows)])


async def get_empty(request: web.Request) -> web.Response:
    """A collection of the instance actor: it says nothing and follows nobody."""
    return document_response(request, _ordered(request.app[FEDERATION].origin + request.path, 0))


def cursor_of(request: web.Request, name: str = "after") -> int | None:
    """The number after which a page begins, None for the collection itself; raises WireRefusal for no number."""
    text = request.query.get(name)
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
        **_items(ids),
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


def _items(listed: Sequence[Any]) -> dict[str, list[Any]]:
    """The member of a page for what it lists; none for nothing (ActivityStreams Core §2)."""
    return {"orderedItems": list(listed)} if listed else {}


def _page(
    federation: Federation, rows: Sequence[ActivityRecord], *, way: tuple[str, str], cursor: int
) -> dict[str, Any]:
    """A page with those rows of the outbox that fit; they come in the order of the way, and stand newest first."""
    collection_id, limits, (name, link) = f"{federation.actor_id}/outbox", federation.limits, way
    sizes = list(accumulate(len(row.raw.encode()) for row in rows[: limits.page_size]))
    shown = rows[: max(1, sum(size <= limits.page_bytes for size in sizes))]
    said = [proven_now(federation, json.loads(row.raw)) for row in shown]
    page = {
        "@context": AS2,
        "id": f"{collection_id}?{name}={cursor}",
        "type": "OrderedCollectionPage",
        "partOf": collection_id,
        **_items(said if way == _OLDER else said[::-1]),
    }
    return page | ({link: f"{collection_id}?{name}={shown[-1].position}"} if len(rows) > len(shown) else {})


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
        **_items(actor_ids[after:end]),
    }
    more = {"next": f"{collection_id}?after={end}"} if len(actor_ids) > end else {}
    return document_response(request, page | more)
