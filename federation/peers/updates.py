"""What a peer's actor says about itself changing: its document is read again from its own address.

Called as the handler of Update of an actor by itself; the node puts it into its table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.errors import FetchFailure, FetchForbidden, NoAnswerYet
from federation.peers import directory
from federation.vocabulary.reading import id_of

if TYPE_CHECKING:
    from federation.ports import Federation
    from federation.receive.verify import VerifiedActivity

_GONE = frozenset({400, 403, 404, 410})


async def actor_changed(federation: Federation, activity: VerifiedActivity) -> bool:
    """Whether the actor speaks of itself and was fetched again; what is gone or forbidden stays as it was known.

    Raises NoAnswerYet while it does not answer.
    """
    if id_of(activity.document.get("object")) != activity.actor_id:
        return False
    try:
        await directory.fetched_afresh(federation, activity.actor_id)
    except FetchFailure as failure:
        if failure.status in _GONE or isinstance(failure, FetchForbidden):
            return False
        raise NoAnswerYet(f"the changed actor could not be fetched: {failure.advice}") from failure
    return True
