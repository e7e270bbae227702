"""Whose inboxes an activity goes to: shared inboxes where there are any, each once.

Called by the node's outbound translators, in their transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.neighbours import follows, peers

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from federation.ports import Federation
    from storage.engine import Tx


async def follower_inboxes(tx: Tx, federation: Federation, *, but: Collection[str] = ()) -> list[str]:
    """The inboxes of all accepted followers except the actors in `but`; a shared inbox stands for its whole host."""
    left_out = {federation.actor_id, *but}
    found = await follows.inboxes(tx)
    return list(dict.fromkeys(inbox for actor, inbox in found.items() if actor not in left_out))


async def actor_inboxes(tx: Tx, actor_ids: Iterable[str]) -> list[str]:
    """The inboxes of named actors we know (shared ones preferred); unknown actors are left out."""
    wanted = list(dict.fromkeys(actor_ids))
    found = await peers.inboxes(tx, wanted) if wanted else {}
    return list(dict.fromkeys(found[actor_id] for actor_id in wanted if actor_id in found))
