"""Flags: somebody elsewhere asks our operators to look at something of ours; operators say when they have.

Called by node.inbound.neighbours and by the operators' doors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.receive.origins import same_origin
from federation.vocabulary.reading import ids_of
from node.governance.refusals import Refusal
from node.markdown import plain_text
from storage.community import flags
from storage.records import FlagRecord
from storage.work import activities, events

if TYPE_CHECKING:
    from federation.receive.verify import VerifiedActivity
    from node.context import Node
    from storage.records import MemberRecord

LONGEST_FLAG = 5_000
MOST_FLAGGED = 50
MOST_OPEN = 1_000
"""Open flags above which further ones are refused, so that nobody fills the disk with complaints."""


async def receive(node: Node, activity: VerifiedActivity) -> None:
    """A flag about this body or something it keeps, for operators' eyes only; one about others is passed over.

    Refusals: too-many-requests.
    """
    named = ids_of(activity.document.get("object"))[:MOST_FLAGGED]
    async with node.store.write() as tx:
        await activities.hide(tx, activity.id)
        if not any(same_origin(one, node.origin) for one in named):
            return
        if await flags.count_open(tx) >= MOST_OPEN:
            raise Refusal("too-many-requests")
        said = activity.document.get("content")
        record = FlagRecord(
            id=activity.id,
            actor_id=activity.actor_id,
            object_ids=tuple(named),
            content=plain_text(said if isinstance(said, str) else "")[:LONGEST_FLAG],
            received_at=activity.received_at,
        )
        if await flags.add(tx, record):
            await events.append(
                tx,
                at=activity.received_at,
                actor=activity.actor_id,
                type="flag-received",
                subject=activity.id,
                content={"objects": list(named)},
            )


async def settle(node: Node, *, operator: MemberRecord, flag_id: str) -> FlagRecord:
    """The flag, dealt with; settling it again changes nothing. Refusals: forbidden, not-found."""
    if "operator" not in operator.roles:
        raise Refusal("forbidden")
    now = node.clock()
    async with node.store.write() as tx:
        known = await flags.find(tx, flag_id)
        if known is None:
            raise Refusal("not-found")
        if known.state == "settled":
            return known
        await flags.settle(tx, flag_id, by=operator.id, at=now)
        await events.append(tx, at=now, actor=operator.id, type="flag-settled", subject=flag_id, content={})
        settled = await flags.find(tx, flag_id)
        assert settled is not None
    return settled
