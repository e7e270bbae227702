"""A verified activity into the database, where it waits to be dispatched, once per id.

Called by receive.pipeline; the answer 202 is given only after this returned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.peers import reachability
from federation.receive.dispatch import RECORDED, at_first
from federation.receive.origins import host_of
from federation.vocabulary.reading import id_of, is_public
from storage.records import ActivityRecord
from storage.work import intake

if TYPE_CHECKING:
    from collections.abc import Sequence

    from federation.ports import Federation
    from federation.receive.verify import VerifiedActivity
    from storage.engine import Tx


async def record(federation: Federation, activity: VerifiedActivity) -> bool:
    """Whether the activity is new; its exact bytes are committed, with those of other requests.

    One that is nothing to any handler is done with by that.
    """
    first = at_first(federation, activity)
    row = ActivityRecord(
        id=activity.id,
        direction="in",
        type=activity.type,
        actor_id=activity.actor_id,
        raw=activity.raw,
        received_at=activity.received_at,
        is_public=is_public(activity.document),
        object_id=id_of(activity.document.get("object")),
        source_actor=activity.announced_by,
        state=first.state,
        reason=first.reason,
    )
    is_new = await federation.store.write_together(_record_all, row, urgent=True)
    if is_new and first.state != RECORDED:
        federation.count("activity", first.state)
    return is_new


async def _record_all(tx: Tx, rows: Sequence[ActivityRecord]) -> Sequence[bool]:
    hosts = {row.id: host_of(row.source_actor or row.actor_id) for row in rows}
    taken = await intake.take_in(tx, rows, hosts=set(hosts.values()))
    # A host that speaks can be spoken to. What was known already says nothing: anybody may have sent it again.
    back = taken.unreachable & {hosts[activity_id] for activity_id in taken.new}
    if back:
        await reachability.note_answers(tx, back, min(row.received_at for row in rows))
    return [row.id in taken.new for row in rows]
