"""Whether a peer and we agree about who follows whom: what we say of our followers there, what it says of its own here.

Called by deliver.send, http.collections and receive.pipeline, and by the node's job that compares. Source: FEP-8fcf.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from federation.authoring import followers_id
from federation.errors import FetchFailure
from federation.receive.origins import same_origin
from federation.receive.signatures import signed_header
from federation.vocabulary.followers import HEADER, FollowersSaid, followers_digest, read, written
from federation.vocabulary.reading import first_type, id_of, ids_of
from storage.neighbours import follows
from storage.work import jobs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from federation.ports import Federation
    from federation.receive.gate import WireRequest
    from federation.receive.verify import VerifiedActivity
    from storage.engine import Tx

COMPARE_FOLLOWERS = "compare-followers"  # the kind of the jobs that compare a peer's followers here with our follows
MOST_PAGES = 10
MOST_LISTED = 100
"""Followers that a list of those on our host may name: a node has a body and no other actor that follows anybody."""
_ON_ITS_WAY = timedelta(seconds=5)


def partial_followers_id(federation: Federation) -> str:
    """Where a peer finds the followers of our body that live on its host."""
    return f"{federation.actor_id}/followers_synchronization"


async def headers_for(federation: Federation, host: str) -> Mapping[str, str]:
    """What to send along with an activity for our followers on that host: how many that are, as a digest."""
    there = await federation.store.read_together(follows.follower_ids_at, host)
    said = FollowersSaid(
        collection=followers_id(federation), url=partial_followers_id(federation), digest=followers_digest(there)
    )
    return {HEADER: written(said)}


async def note_said(federation: Federation, request: WireRequest, activity: VerifiedActivity) -> None:
    """Have the sender's word on its followers here compared with whom we follow, when the two differ.

    Its word is what it signed itself: another actor of its server does not speak of its followers. They are compared
    when what is under way has arrived, once for all that it said until then: its last word counts.
    """
    sender = activity.announced_by or activity.actor_id
    text = signed_header(request, HEADER) if activity.signed_by == sender else None
    said = read(text) if text is not None else None
    if text is None or said is None:
        return
    follow = await federation.store.read_together(follows.find_outward, sender)
    held = [federation.actor_id] if follow is not None and follow.state == "accepted" else []
    if said.digest != followers_digest(held):
        await federation.ephemeral.put(_said(sender), text.strip(), federation.limits.followers_seconds)
        await federation.store.write_together(_enqueue_all, (sender, activity.received_at + _ON_ITS_WAY))


async def last_said(federation: Federation, actor_id: str) -> FollowersSaid | None:
    """The last word of an actor on its followers here that is not compared yet; None when it was too long ago."""
    return read(await federation.ephemeral.get(_said(actor_id)) or "")


def _said(actor_id: str) -> str:
    return f"followers-said:{actor_id}"


async def listed_once(federation: Federation, url: str, *, by: str) -> frozenset[str] | None:
    """The ids in the collection of an actor's followers here; None when it was asked a while ago. Raises FetchFailure.

    A while are `limits.followers_seconds`, also after a failure: a peer cannot keep us asking.
    """
    limits = federation.limits
    if await federation.ephemeral.seen(f"followers-compared:{by}", limits.followers_seconds):
        return None
    try:
        async with asyncio.timeout(limits.fetch_seconds):
            return await _listed(federation, url)
    except TimeoutError as error:
        raise FetchFailure("fetch-timeout", f"{url} was not read in {limits.fetch_seconds:g} s") from error


async def _listed(federation: Federation, url: str) -> frozenset[str]:
    ids: set[str] = set()
    following: object = url
    for _ in range(MOST_PAGES + 1):
        page = await _page(federation, following, url)
        ids.update(_items(page)[: MOST_LISTED + 1])
        if len(ids) > MOST_LISTED:
            raise FetchFailure("followers-malformed", f"{url} lists more actors than there are here")
        following = page.get("next") if first_type(page).endswith("Page") else page.get("first")
        if following is None:
            return frozenset(ids)
    raise FetchFailure("followers-malformed", f"{url} has more than {MOST_PAGES} pages")


async def _page(federation: Federation, named: object, url: str) -> Mapping[str, Any]:
    if isinstance(named, Mapping) and _items(named):
        return named
    address = id_of(named) or ""
    if not same_origin(address, url):
        raise FetchFailure("followers-malformed", f"{url} goes on at another origin")
    return await federation.fetcher.get_page(address)


def _items(page: Mapping[str, Any]) -> list[str]:
    return [one for name in ("items", "orderedItems") for one in ids_of(page.get(name))]


async def _enqueue_all(tx: Tx, wanted: Sequence[tuple[str, datetime]]) -> Sequence[None]:
    for key, run_at in wanted:
        await jobs.enqueue(tx, COMPARE_FOLLOWERS, key, run_at)
    return [None] * len(wanted)
