"""What a peer said while we were away or not yet followers: its outbox read by cursor, each item by its own proof.

Called by the node's catch-up jobs. Source: P16; ActivityStreams Core §4.1 for paged collections.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from federation.errors import FetchFailure, NotYet, Throttled, WireRefusal
from federation.peers import directory
from federation.receive.authorize import is_relayed
from federation.receive.gate import WireRequest
from federation.receive.origins import same_origin
from federation.receive.pipeline import receive
from federation.vocabulary.reading import id_of
from identity.errors import IdentityError
from storage.neighbours import outbox_cursors
from storage.records import OutboxCursorRecord
from storage.work import activities, jobs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from federation.ports import Federation
    from storage.records import PeerRecord

FETCH_ACTIVITY = "fetch-activity"  # the kind of the jobs for items whose author did not answer
_GONE = frozenset({400, 404, 410})
_KEY_UNAVAILABLE = "key-unavailable"
_HOUR = timedelta(hours=1)
NO_END = "its outbox may have no end"
"""Stands in the error of a job that is put off for it."""


@dataclass(frozen=True, slots=True)
class _Page:
    """One page, its items in the order in which they are taken; `next` is the one to read after it, None on the last.

    `way` is how the page names that one: `prev` where we began with the `last`, oldest page of an outbox.
    """

    address: str
    items: Sequence[Mapping[str, Any]]
    next: str | None
    way: str


async def catch_up(federation: Federation, actor_id: str) -> bool:
    """Whether the actor's outbox was read to its end, or once round; False when one run's bounds left some for another.

    The cursor is kept after each page, so a run may be killed or repeated anywhere; the last page is read again next
    time. An item goes the way of a POSTed activity and is believed for its own proof; what is known already, refused
    or by another actor is passed over. Raises FetchFailure when the peer does not answer, Throttled when too much
    waits here, NotYet when so much of it was read lately that it may have no end.
    """
    await _check_pace(federation, actor_id)
    peer = await directory.known_or_fetched(federation, actor_id)
    until = federation.clock() + timedelta(seconds=federation.limits.catch_up_seconds)
    await _count_page(federation, actor_id)
    page, seen = await _opening(federation, peer), set[str]()
    filled = page.address
    for left in reversed(range(federation.limits.catch_up_pages)):
        if not await _take_all(federation, page.items, until):
            return False
        seen.add(page.address)
        # Some servers name a newer page before it lists anything: the next run begins where it will be named again.
        filled = page.address if page.items else filled
        await _keep_cursor(federation, actor_id, page.next or filled)
        if page.next is None or page.next in seen:
            return True
        if left == 0 or federation.clock() > until:
            break
        await _count_page(federation, actor_id)
        page = await _page(federation, page.next, actor_id, page.way)
    return False


async def _check_pace(federation: Federation, actor_id: str) -> None:
    """Raise NotYet while the pages read of this outbox, put side by side at the hourly rate, reach too far ahead."""
    limits = federation.limits
    furthest = _HOUR * limits.catch_up_pages_at_once / limits.catch_up_pages_an_hour
    if await _paid_until(federation, actor_id) - federation.clock() >= furthest:
        raise NotYet(f"after {limits.catch_up_pages_at_once:,} pages of {actor_id}, {NO_END}")


async def _count_page(federation: Federation, actor_id: str) -> None:
    now = federation.clock()
    paid = max(now, await _paid_until(federation, actor_id)) + _HOUR / federation.limits.catch_up_pages_an_hour
    kept_seconds = 1 + int((paid - now).total_seconds())
    await federation.ephemeral.put(_pace(actor_id), paid.isoformat(), kept_seconds)


async def _paid_until(federation: Federation, actor_id: str) -> datetime:
    known = await federation.ephemeral.get(_pace(actor_id))
    return datetime.fromisoformat(known) if known is not None else federation.clock()


def _pace(actor_id: str) -> str:
    return f"outbox-pages:{actor_id}"


async def fetch_activity(federation: Federation, activity_id: str) -> None:
    """Take one item again that was put off because its author did not answer; raises NotYet while that is so.

    Nothing happens when the peer does not have it any more, or when it is refused now. Raises FetchFailure.
    """
    try:
        document = await federation.fetcher.get_own(activity_id)
    except FetchFailure as failure:
        if failure.status in _GONE:
            return
        raise
    if await _receipt(federation, document) == _KEY_UNAVAILABLE:
        raise NotYet(f"the author of {activity_id} does not answer")


async def _opening(federation: Federation, peer: PeerRecord) -> _Page:
    """The page where the last run stopped; the oldest one when there was none, or when the outbox was made anew.

    An outbox stands newest first (ActivityPub §5): from `last`, `prev` leads to what is newer. One that names no `last`
    is read from `first` by `next`.
    """
    collection = await federation.fetcher.get_page(_own_address(peer.document.get("outbox"), peer.actor_id))
    begin, way = ("last", "prev") if collection.get("last") is not None else ("first", "next")
    async with federation.store.read() as tx:
        cursor = await outbox_cursors.find(tx, peer.actor_id)
    if cursor is not None:
        page = await _page_if_there(federation, cursor.page, peer.actor_id, way)
        if page is not None and page.items:
            return page
    return await _page(federation, _own_address(collection.get(begin), peer.actor_id), peer.actor_id, way)


async def _page_if_there(federation: Federation, address: str, actor_id: str, way: str) -> _Page | None:
    try:
        return await _page(federation, address, actor_id, way)
    except FetchFailure as failure:
        if failure.status in _GONE:
            return None
        raise


async def _page(federation: Federation, address: str, actor_id: str, way: str) -> _Page:
    document = await federation.fetcher.get_page(address)
    listed = document.get("orderedItems")
    items = [item for item in listed if _is_by(item, actor_id)] if isinstance(listed, list) else []
    following = id_of(document.get(way))
    onward = _own_address(following, actor_id) if following not in {None, address} else None
    return _Page(address, items[::-1] if way == "prev" else items, onward, way)


def _is_by(item: object, actor_id: str) -> bool:
    return isinstance(item, dict) and id_of(item.get("actor")) == actor_id


def _own_address(value: object, actor_id: str) -> str:
    address = id_of(value)
    if address is None or not same_origin(address, actor_id):
        raise FetchFailure("outbox-malformed", f"{actor_id} has no outbox of its own that can be paged")
    return address


async def _take_all(federation: Federation, items: Sequence[Mapping[str, Any]], until: datetime) -> bool:
    """Whether every item was gone through before time ran out."""
    async with federation.store.read() as tx:
        known = await activities.known(tx, [name for item in items if (name := _name_of(item))])
    for item in items:
        if federation.clock() > until:
            return False
        if _name_of(item) in known:
            continue
        receipt = await _receipt(federation, item)
        federation.count("catch-up", receipt)
        if receipt == _KEY_UNAVAILABLE:
            await _put_off(federation, str(item["id"]))
    return True


def _name_of(item: Mapping[str, Any]) -> str | None:
    """The id under which the activity would be recorded: what was relayed keeps its own."""
    return id_of(item.get("object")) if is_relayed(item) else id_of(item)


async def _receipt(federation: Federation, item: Mapping[str, Any]) -> str:
    """What became of the item: a Receipt, or the code of its refusal."""
    request = WireRequest(
        method="GET",
        target="",
        headers={},
        body=json.dumps(item, ensure_ascii=False, separators=(",", ":")).encode(),
        remote="",
        received_at=federation.clock(),
    )
    try:
        return await receive(federation, request)
    except Throttled:
        raise
    except (WireRefusal, IdentityError) as refusal:
        return refusal.code


async def _put_off(federation: Federation, activity_id: str) -> None:
    async with federation.store.write(alone=False) as tx:
        await jobs.enqueue(tx, FETCH_ACTIVITY, activity_id, federation.clock())


async def _keep_cursor(federation: Federation, actor_id: str, page: str) -> None:
    record = OutboxCursorRecord(actor_id=actor_id, page=page, read_at=federation.clock())
    async with federation.store.write(alone=False) as tx:
        await outbox_cursors.save(tx, record)
