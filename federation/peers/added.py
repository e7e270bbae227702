"""Activities that somebody we hear took into a collection of its own by their id alone: fetched where they are from.

Called by the node's handler of Add, outside any transaction. Source: FEP-171b, FEP-fe34. A copy that came with it is
believed only for its own proof, which receive.pipeline sees to; else the origin decides what was said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.errors import FetchFailure, NoAnswerYet
from federation.fetch import failures
from federation.fetch.documents import FetchBudget
from federation.peers import directory
from federation.receive.authorize import check_ids, check_object
from federation.receive.gate import check_shape
from federation.receive.origins import is_too_long, same_origin
from federation.receive.record import record
from federation.receive.verify import verify_fetched
from federation.vocabulary.reading import first_type, id_of
from storage.work import activities

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from federation.ports import Federation
    from federation.receive.verify import VerifiedActivity

DISCUSSED = frozenset({"Create", "Update", "Delete"})
"""What discussions are made of. Anything else binds somebody, and is believed for a signature or a proof alone."""


async def take_added(federation: Federation, added: VerifiedActivity) -> None:
    """Nothing, once what was added is recorded; of what we have, said ourselves or cannot have, nothing becomes.

    Raises NoAnswerYet while its origin does not answer, WireRefusal or ProofRefusal for what its origin may not say.
    """
    address = id_of(added.document.get("object"))
    if address is None or not await _is_wanted(federation, added, address):
        return
    budget = FetchBudget(federation.limits.fetch_budget_of_handler, added.actor_id)
    document = await _fetched(federation, address, budget)
    if "proof" not in document and first_type(document) not in DISCUSSED:
        return
    check_shape(document)
    check_ids(document, own_origin=federation.origin)
    activity = await verify_fetched(federation, document, added, budget)
    check_object(activity)
    if activity.type == "Delete" or await _is_author_known(federation, activity.actor_id, budget):
        await record(federation, activity)


async def _is_wanted(federation: Federation, added: VerifiedActivity, address: str) -> bool:
    if is_too_long(address) or same_origin(address, federation.origin):
        return False
    async with federation.store.read() as tx:
        if await activities.known(tx, [address]):
            return False
    return await directory.may_relay(federation, added.actor_id)


async def _fetched(federation: Federation, address: str, budget: FetchBudget) -> Mapping[str, Any]:
    """The document at its own id, {} for one that is not to be had; raises NoAnswerYet while that may change."""
    if await failures.is_spent(federation, address, budget.asker):
        raise NoAnswerYet(f"too much of {address} and its like could not be had")
    try:
        return await federation.fetcher.get_own(address, budget=budget)
    except FetchFailure as failure:
        await failures.note(federation, address, budget.asker)
        if failure.is_passing:
            raise NoAnswerYet(f"{address}: {failure.advice}") from failure
        return {}


async def _is_author_known(federation: Federation, actor_id: str, budget: FetchBudget) -> bool:
    """Whether we have the author's own document, with the name and the host that go by it, or it can be had.

    Raises NoAnswerYet while that may change.
    """
    try:
        await directory.known_or_fetched(federation, actor_id, budget=budget)
    except FetchFailure as failure:
        if failure.is_passing:
            raise NoAnswerYet(f"{actor_id}: {failure.advice}") from failure
        return False
    return True
