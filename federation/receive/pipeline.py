"""The way of a POSTed activity: shape, ids, verification, relay, ownership, record. One readable list.

Called by http.inbox.
"""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from federation.errors import FetchFailure, WireRefusal
from federation.fetch import failures
from federation.fetch.documents import FetchBudget
from federation.fetch.keys import is_disowned
from federation.peers import directory, followers
from federation.peers.reported import note_reported
from federation.receive.authorize import check_ids, check_object, is_relayed
from federation.receive.gate import check_backlog, check_shape, network_of, read_activity
from federation.receive.origins import same_origin
from federation.receive.record import record
from federation.receive.verify import VerifiedActivity, verify_fetched, verify_relayed, verify_request
from federation.vocabulary.reading import first_type, id_of, object_of
from identity.canonical import bytes_digest
from identity.errors import IdentityError
from storage.work import activities

if TYPE_CHECKING:
    from collections.abc import Mapping

    from federation.ports import Federation
    from federation.receive.gate import WireRequest


_GONE = 410


class Receipt(StrEnum):
    """What became of a POST that is answered 202."""

    RECORDED = "recorded"
    REPEATED = "repeated"
    IGNORED = "ignored"


async def receive(federation: Federation, request: WireRequest) -> Receipt:
    """What became of the request; raises WireRefusal, SignatureRefusal or ProofRefusal when it is refused."""
    document = read_activity(request.body)
    check_ids(document, own_origin=federation.origin)
    actor_id = str(id_of(document["actor"]))
    await federation.policies.refuse_blocked(actor_id)
    await check_backlog(federation, actor_id)
    if await _is_nothing_to_us(federation, document):
        return Receipt.IGNORED
    activity = await _verified(federation, request, document)
    if activity is None:
        return Receipt.IGNORED
    if activity.signed_by not in {None, actor_id}:
        await federation.policies.refuse_blocked(str(activity.signed_by))
    replay = _replay_key(request, activity)
    if await federation.ephemeral.get(replay) is not None:
        return Receipt.REPEATED
    check_object(activity)
    is_new = await _recorded(federation, request, activity)
    await note_reported(federation, request, activity)
    await followers.note_said(federation, request, activity)
    # Remembered only now: a request that failed before its commit may come again unchanged.
    await federation.ephemeral.put(replay, "1", federation.limits.replay_window_seconds)
    return Receipt.RECORDED if is_new else Receipt.REPEATED


async def _recorded(federation: Federation, request: WireRequest, activity: VerifiedActivity) -> bool:
    """Whether the activity is new; raises Throttled for one of a stranger that may leave no more here today."""
    bringer, network = activity.announced_by or activity.actor_id, network_of(request.remote)
    counted_bytes = await federation.strangers.take(bringer, network, len(request.body))
    is_new = await record(federation, activity)
    if not is_new:
        federation.strangers.give_back(bringer, network, counted_bytes)
    return is_new


async def _verified(
    federation: Federation, request: WireRequest, document: Mapping[str, Any]
) -> VerifiedActivity | None:
    """The verified activity; None for the farewell of an actor whose key is gone with it (410), and not kept here."""
    limits = federation.limits
    fetches, network = limits.fetch_budget - limits.fetch_budget_of_handler, network_of(request.remote)
    budget = FetchBudget(fetches, network, is_counted=True)
    try:
        async with asyncio.timeout(limits.fetch_seconds):
            activity = await verify_request(federation, request, document, budget)
            return await _relayed(federation, activity, budget) if is_relayed(document) else activity
    except TimeoutError as error:
        raise WireRefusal("key-unavailable", "The sender's key could not be fetched in time.") from error
    except WireRefusal as refusal:
        if _is_about_itself(document, "Delete") and getattr(refusal.__cause__, "status", None) == _GONE:
            return await _farewell(federation, request, document)
        raise


async def _farewell(
    federation: Federation, request: WireRequest, document: Mapping[str, Any]
) -> VerifiedActivity | None:
    """What an actor said last before its address answered 410, by its key as it lies here; None if none fits.

    The key must have stood at that address: what an actor that lives gave up long ago takes no leave for it.
    """
    try:
        activity = await verify_request(federation, request, document, FetchBudget(0, is_farewell=True))
    except (WireRefusal, IdentityError):
        return None
    # GoToSocial names its key by a path below the actor, and not by a fragment.
    addresses = {activity.actor_id, f"{activity.actor_id}/main-key"}
    return activity if activity.key_id.partition("#")[0] in addresses else None


async def _relayed(federation: Federation, outer: VerifiedActivity, budget: FetchBudget) -> VerifiedActivity | None:
    if not await directory.may_relay(federation, outer.actor_id):
        raise WireRefusal("relay-unknown", "This node does not follow the announcing actor.")
    budget.is_counted = False  # what is kept of the author from here on, somebody brought whom we hear
    inner = outer.document["object"]
    check_shape(inner)
    check_ids(inner, own_origin=federation.origin)
    try:
        return await verify_relayed(federation, outer, budget)
    except WireRefusal as refusal:
        if not is_disowned(refusal):
            raise
        return await _as_its_author_has_it(federation, outer, refusal, budget)


async def _as_its_author_has_it(
    federation: Federation, outer: VerifiedActivity, refusal: WireRefusal, budget: FetchBudget
) -> VerifiedActivity | None:
    """What was announced, fetched at its id: whoever changed keys since proves it there with the present one (P25).

    None for what is known here. No relay has us ask for what is not there, or for the same, more often than for keys.
    """
    address = str(outer.document["object"]["id"])
    async with federation.store.read() as tx:
        if await activities.known(tx, [address]):
            return None
    if await failures.is_spent(federation, address, budget.asker):
        raise refusal
    try:
        document = await federation.fetcher.get_own(address, budget=budget)
    except FetchFailure as failure:
        await failures.note(federation, address, budget.asker, is_away=failure.is_passing)
        if failure.is_passing:
            raise refusal from failure
        raise WireRefusal("relay-unproven", "Its author knows neither the key nor the activity.") from failure
    if "proof" not in document:
        raise WireRefusal("relay-unproven", "A relayed activity must carry its own proof.")
    check_shape(document)
    check_ids(document, own_origin=federation.origin)
    return await verify_fetched(federation, document, outer, budget)


async def _is_nothing_to_us(federation: Federation, document: Mapping[str, Any]) -> bool:
    return (
        await _is_farewell_of_stranger(federation, document)
        or _is_own_echo(federation, document)
        or await _is_relayed_from_blocked(federation, document)
    )


async def _is_relayed_from_blocked(federation: Federation, document: Mapping[str, Any]) -> bool:
    """Whether somebody we hear passes on what a blocked host said: the bringer did nothing wrong, so no refusal."""
    inner = object_of(document)
    author = id_of(inner.get("actor")) if inner is not None and is_relayed(document) else None
    return author is not None and await federation.policies.is_blocked(author)


async def _is_farewell_of_stranger(federation: Federation, document: Mapping[str, Any]) -> bool:
    """Whether an actor we never heard of deletes or updates itself: nothing to do, nothing to fetch."""
    if not _is_about_itself(document, "Delete", "Update"):
        return False
    return await directory.known(federation, str(id_of(document["actor"]))) is None


def _is_about_itself(document: Mapping[str, Any], *kinds: str) -> bool:
    return first_type(document) in kinds and id_of(document.get("object")) == id_of(document["actor"])


def _is_own_echo(federation: Federation, document: Mapping[str, Any]) -> bool:
    """Whether somebody relays to us what we said ourselves: we have it, and ask nobody about it."""
    inner_id = id_of(document.get("object"))
    return is_relayed(document) and inner_id is not None and same_origin(inner_id, federation.origin)


def _replay_key(request: WireRequest, activity: VerifiedActivity) -> str:
    made = "\n".join(request.headers.get(name, "") for name in ("signature-input", "signature"))
    return "replay:" + bytes_digest(f"{activity.key_id}\n{activity.id}\n{made}".encode())
