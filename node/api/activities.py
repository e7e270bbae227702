"""The public activity log; called by the member door's routes."""

from node.api.door.operation import Access, Call, operation
from node.api.door.paging import Page, Window, cursor, read_cursor
from node.api.shapes.operator import ActivityView
from node.services import peers
from storage import activities
from storage.records import ActivityRecord


@operation("GET", "/activities", summary="The public activity log, newest first", allows=Access.PUBLIC)
async def list_activities(call: Call, query: Window) -> Page[ActivityView]:
    """Signed messages sent and received that were addressed to the public. A page may hold fewer than `limit`."""
    before = read_cursor(query.after) or None
    async with call.node.store.read() as tx:
        rows = await activities.recent(tx, limit=query.limit, before=before)
    more = cursor(rows[-1].position) if len(rows) == query.limit else None
    shown = [row for row in rows if row.is_public and await peers.shown(call.node, row.actor_id)]
    return Page(items=[_view(row) for row in shown], next=more)


def _view(record: ActivityRecord) -> ActivityView:
    return ActivityView(
        id=record.id,
        direction=record.direction,
        type=record.type,
        actor=record.actor_id,
        object=record.object_id,
        state=record.state,
        reason=record.reason,
        received_at=record.received_at,
    )


OPERATIONS = (list_activities,)
