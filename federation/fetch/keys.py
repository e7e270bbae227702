"""Verification keys of peers: from the cache, else from the actor that lists them (P2, P12).

Called by receive.verify. A key document's `owner` is only a claim: the owner's own document decides.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from federation.errors import FetchFailure, FetchForbidden, WireRefusal
from federation.fetch import failures
from federation.fetch.actors import FetchedActor, fetch_actor, read_actor
from federation.fetch.shelf import PeerKey
from federation.peers import directory
from federation.receive.origins import is_too_long, same_origin
from federation.vocabulary.reading import id_of
from identity.keys.multikey import read_multibase
from identity.keys.pem import read_public_pem
from storage.neighbours import peer_keys

if TYPE_CHECKING:
    from federation.fetch.documents import FetchBudget
    from federation.ports import Federation
    from storage.records import PeerKeyRecord


# Answers by which an owner itself says that the key is no more.
_DISOWNED = frozenset({"key-unlisted", "key-owner", "fetch-foreign-id"})
_GONE_FOR_GOOD = 410
_GONE = frozenset({404, _GONE_FOR_GOOD})
_GONE_NOTE = "gone"


async def key_for(federation: Federation, key_id: str, budget: FetchBudget) -> PeerKey:
    """The key that `key_id` names; raises WireRefusal `key-local` or `key-unavailable`.

    A cached key older than `limits.key_age_seconds` is asked for again; while its owner does not answer, it stays good.
    """
    if same_origin(key_id, federation.origin):
        raise WireRefusal("key-local", "A key of this node cannot sign to this node.")
    if is_too_long(key_id):  # not even to be remembered as one that could not be had
        raise _unavailable(FetchFailure("key-failed", f"no actor lists a key under so long an id: {key_id[:200]}"))
    if budget.is_farewell:
        return await _as_it_lies_here(federation, key_id)
    key = federation.keys.find(key_id, federation.clock())
    if key is None:
        async with federation.keys.asking(key_id):  # one asks for all who need it in the same moment
            key = federation.keys.find(key_id, federation.clock())
            if key is None:
                key = await _cached_or_fetched(federation, key_id, budget)
                federation.keys.put(key, federation.clock())
    return key


async def _as_it_lies_here(federation: Federation, key_id: str) -> PeerKey:
    async with federation.store.read() as tx:
        kept = await peer_keys.find(tx, key_id)
    if kept is None:
        raise _unavailable(FetchFailure("key-failed", f"{key_id} is not known here"))
    return _parsed(kept, is_fresh=True)  # so that nobody is asked for a newer one


async def _cached_or_fetched(federation: Federation, key_id: str, budget: FetchBudget) -> PeerKey:
    async with federation.store.read() as tx:
        cached = await peer_keys.find(tx, key_id)
    if cached is None or cached.given_up_at is not None:
        return await _fetched(federation, key_id, budget)
    kept = _parsed(cached, is_fresh=False)
    if federation.clock() - cached.fetched_at < timedelta(seconds=federation.limits.key_age_seconds):
        return kept
    return await refreshed(federation, kept, budget) or kept


def is_disowned(refusal: WireRefusal) -> bool:
    """Whether the key is refused because its own owner, who answered, does not list it."""
    return getattr(refusal.__cause__, "code", None) in _DISOWNED


async def refreshed(federation: Federation, key: PeerKey, budget: FetchBudget) -> PeerKey | None:
    """The key as its actor lists it now, at most once per key in five minutes; None when that cannot be told now.

    Raises WireRefusal `key-unavailable` when the actor answers and does not list the key any more.
    """
    seconds = federation.limits.key_refetch_seconds
    if key.is_fresh or await federation.ephemeral.seen(f"key-refetch:{key.key_id}", seconds):
        return None
    federation.keys.drop(key.key_id)
    try:
        return await _listed_now(federation, key.key_id, budget)
    except FetchFailure as failure:
        if failure.code in _DISOWNED or failure.status in _GONE:
            await _forget(federation, key.key_id, failure)
            raise _unavailable(failure) from failure
        return None


async def _fetched(federation: Federation, key_id: str, budget: FetchBudget) -> PeerKey:
    earlier = await federation.ephemeral.get(_failed(key_id))
    if earlier is not None:
        advice = f"{key_id} could not be had a moment ago: {earlier}"
        code = earlier if earlier in _DISOWNED else "key-failed"
        failure = FetchFailure(code, advice, status=_GONE_FOR_GOOD if earlier == _GONE_NOTE else None)
        raise _unavailable(failure) from failure
    if await failures.is_spent(federation, key_id, budget.asker):
        raise _unavailable(FetchFailure("key-failed", f"too many keys of that host could not be had: {key_id}"))
    try:
        return await _listed_now(federation, key_id, budget)
    except FetchFailure as failure:
        await _note_failure(federation, key_id, failure)
        if not isinstance(failure, FetchForbidden):
            await failures.note(federation, key_id, budget.asker, is_away=failure.is_passing)
        raise _unavailable(failure) from failure


async def _note_failure(federation: Federation, key_id: str, failure: FetchFailure) -> None:
    note = _GONE_NOTE if failure.status == _GONE_FOR_GOOD else failure.code
    await federation.ephemeral.put(_failed(key_id), note, _remembered_seconds(federation, failure))


async def _forget(federation: Federation, key_id: str, failure: FetchFailure) -> None:
    """The owner itself gave the key up: it must not be good again while we wait to ask once more."""
    await _note_failure(federation, key_id, failure)
    async with federation.store.write() as tx:
        await peer_keys.give_up(tx, [key_id], federation.clock())


def _failed(key_id: str) -> str:
    return f"key-failed:{key_id}"


def _remembered_seconds(federation: Federation, failure: FetchFailure) -> int:
    """An owner that said no is asked again late; one that does not answer may only be starting."""
    limits = federation.limits
    return limits.key_unreachable_seconds if failure.is_passing else limits.key_refetch_seconds


async def _listed_now(federation: Federation, key_id: str, budget: FetchBudget) -> PeerKey:
    actor = await _owner(federation, key_id, budget)
    for key in actor.keys:
        if key.key_id == key_id:
            if budget.is_counted:
                size_bytes = len(json.dumps(actor.peer.document))
                await federation.strangers.take(actor.peer.actor_id, budget.asker, size_bytes)
            await directory.remember(federation, actor, asked=key_id)
            return _parsed(key, is_fresh=True)
    raise FetchFailure("key-unlisted", f"{actor.peer.actor_id} does not list {key_id}")


async def _owner(federation: Federation, key_id: str, budget: FetchBudget) -> FetchedActor:
    """The actor at the key's URL, or the one that the document there claims as its owner."""
    now, fetcher = federation.clock(), federation.fetcher
    address = key_id.partition("#")[0]
    claim = (await fetcher.fetch(address, budget=budget, stay_at_origin=True)).document
    if claim.get("id") == address and "inbox" in claim:
        return read_actor(claim, now=now)
    owner = id_of(claim.get("owner")) or id_of(claim.get("controller")) or id_of(claim)
    if owner is None or not same_origin(owner, key_id):
        raise FetchFailure("key-owner", f"{key_id} names no owner at its own origin")
    return await fetch_actor(fetcher, owner, now=now, budget=budget)


def _parsed(record: PeerKeyRecord, *, is_fresh: bool) -> PeerKey:
    text = record.public_text
    public = read_multibase(text) if text.startswith("z") else read_public_pem(text)
    return PeerKey(record.key_id, record.actor_id, public, is_fresh)


def _unavailable(failure: FetchFailure) -> WireRefusal:
    return WireRefusal("key-unavailable", "The key that signed this could not be had from its owner.", str(failure))
