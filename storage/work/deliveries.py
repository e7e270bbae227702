"""The durable queue of messages to other nodes; one row per activity and inbox.

Called by publishing (in the transaction of the change), by the sender of one host, and by the sweep.
A row in flight is still 'due', with its next attempt at the end of the sender's lease.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage import dialect, rows
from storage.engine import Tx
from storage.records import DeliveryClaim, DeliveryRecord, DeliverySummary, SettledDelivery
from storage.tables import deliveries, unreachable_hosts

ALL = rows.pick(deliveries, DeliveryRecord)
EARLIER = deliveries.alias("earlier")
DUE: sa.ColumnElement[str] = sa.literal_column("'due'")  # written out: the indexes of what is due hold only then
# The first of its ordering key for its inbox: only those may leave, so that one object's history arrives in order, and
# an inbox that does not answer keeps nothing from the others of its host.
IS_NEXT_IN_ORDER = deliveries.c.id == (
    sa.select(EARLIER.c.id)
    .where(
        EARLIER.c.inbox == deliveries.c.inbox,
        EARLIER.c.ordering_key == deliveries.c.ordering_key,
        EARLIER.c.state == DUE,
    )
    .order_by(EARLIER.c.id)
    .limit(1)
    .scalar_subquery()
)
IS_DUE = deliveries.c.state == DUE
_AT_ONCE = 500  # rows of one insert, which takes some kilobytes for each
_MOMENT = deliveries.c.next_attempt_at.type
_OF_HOSTS = deliveries.c.host.in_(sa.bindparam("hosts", expanding=True))


def _claiming() -> sa.UpdateBase:
    is_due = sa.and_(_OF_HOSTS, IS_DUE, deliveries.c.next_attempt_at <= sa.bindparam("now", type_=_MOMENT))
    least_tried = (deliveries.c.attempts, deliveries.c.id)
    place = sa.func.row_number().over(partition_by=deliveries.c.host, order_by=least_tried).label("place")
    due = sa.select(deliveries.c.id, place).where(is_due, IS_NEXT_IN_ORDER).subquery()
    # The conditions once more outside, where PostgreSQL looks at them again if it had to wait for the row.
    free = sa.select(deliveries.c.id).join(due, due.c.id == deliveries.c.id)
    free = free.where(due.c.place <= sa.bindparam("most"), is_due)
    changes = {"attempts": deliveries.c.attempts + 1, "next_attempt_at": sa.bindparam("until", type_=_MOMENT)}
    return dialect.claiming(deliveries, free, changes=changes)


CLAIM = _claiming()
NEXT_DUE = (
    sa.select(deliveries.c.host, sa.func.min(deliveries.c.next_attempt_at))
    .where(_OF_HOSTS, IS_DUE, IS_NEXT_IN_ORDER)
    .group_by(deliveries.c.host)
)
SETTLE = (
    sa.update(deliveries)
    .where(deliveries.c.id == sa.bindparam("of"), sa.or_(IS_DUE, sa.bindparam("is_sent", type_=sa.Boolean())))
    .values(
        state=sa.bindparam("to"),
        next_attempt_at=sa.bindparam("moment", type_=_MOMENT),
        sent_at=sa.bindparam("sent", type_=_MOMENT),
        attempts=deliveries.c.attempts - sa.bindparam("untried"),
        last_status=sa.bindparam("status"),
        last_error=sa.bindparam("error"),
    )
)
COUNT_SILENCE = (
    sa.update(deliveries)
    .where(deliveries.c.inbox == sa.bindparam("there"), IS_DUE, deliveries.c.id != sa.bindparam("of"))
    .values(attempts=deliveries.c.attempts + 1)
)


def _giving_up(place: sa.ColumnElement[str]) -> sa.UpdateBase:
    made_by, at = sa.bindparam("made_by", type_=_MOMENT), sa.bindparam("at", type_=_MOMENT)
    said: dict[str, Any] = {"last_status": sa.bindparam("status"), "last_error": sa.bindparam("error")}
    overdue = sa.and_(place == sa.bindparam("there"), IS_DUE, deliveries.c.created_at <= made_by)
    given_up = sa.update(deliveries).where(overdue).values(state="failed", next_attempt_at=at, **said)
    return given_up.returning(deliveries.c.inbox)


GIVE_UP_HOST, GIVE_UP_INBOX = _giving_up(deliveries.c.host), _giving_up(deliveries.c.inbox)
TRIED_AGAIN_AT = sa.select(unreachable_hosts.c.try_at).where(unreachable_hosts.c.host == deliveries.c.host)
WAITED_BEFORE = sa.exists().where(
    EARLIER.c.inbox == deliveries.c.inbox, EARLIER.c.state == DUE, EARLIER.c.activity_id != deliveries.c.activity_id
)
IS_OF_UNREACHABLE = sa.and_(deliveries.c.activity_id == sa.bindparam("named"), IS_DUE, TRIED_AGAIN_AT.exists())
PUT_OFF = (
    sa.update(deliveries)
    .where(IS_OF_UNREACHABLE, WAITED_BEFORE)
    .values(next_attempt_at=TRIED_AGAIN_AT.scalar_subquery())
)
NOT_PUT_OFF = sa.select(deliveries.c.host).where(IS_OF_UNREACHABLE, ~WAITED_BEFORE).distinct()


async def add_all(tx: Tx, records: Sequence[DeliveryRecord]) -> int:
    """The number of rows that are new; an activity goes to one inbox once."""
    await dialect.hold(tx, dialect.Lock.WRITE)
    added = 0
    for start in range(0, len(records), _AT_ONCE):
        new = [rows.values(record, without=("id",)) for record in records[start : start + _AT_ONCE]]
        added += len(await dialect.insert_new(tx, deliveries, new, key=("activity_id", "inbox")))
    return added


async def claim_all(tx: Tx, claims: Sequence[DeliveryClaim]) -> tuple[tuple[DeliveryRecord, ...], ...]:
    """For each claim the host's rows that are due and next in order, least tried first: theirs until the lease ends.

    Claims of one call share the largest limit, the latest time and the longest lease. Of two for a host, one gets all.
    """
    now, lease = max(claim.now for claim in claims), max(claim.lease for claim in claims)
    hosts, most = {claim.host for claim in claims}, max(claim.limit for claim in claims)
    claimed: dict[str, list[DeliveryRecord]] = {}
    wanted = {"hosts": list(hosts), "now": now, "until": now + lease, "most": most}
    for row in await dialect.claim(tx, CLAIM, wanted):
        claimed.setdefault(row.host, []).append(DeliveryRecord(**row._mapping))
    return tuple(tuple(sorted(claimed.pop(claim.host, ()), key=_least_tried)) for claim in claims)


def _least_tried(row: DeliveryRecord) -> tuple[int, int]:
    return row.attempts, row.id


async def settle_all(tx: Tx, settled: Sequence[SettledDelivery]) -> None:
    """Note what came of attempts: sent, to be tried again, or given up so that it no longer holds up later ones.

    What was sent stays sent, and what was given up meanwhile is not tried again.
    """
    if settled:
        await tx.execute(SETTLE, [_settling(one) for one in settled])


async def count_silence(tx: Tx, unanswered: Sequence[DeliveryRecord]) -> None:
    """Count an attempt that got no answer for everything else that waits for the same inbox, however much that is."""
    if unanswered:
        await tx.execute(COUNT_SILENCE, [{"of": row.id, "there": row.inbox} for row in unanswered])


async def give_up(tx: Tx, attempt: SettledDelivery, *, made_by: datetime, host: str = "", inbox: str = "") -> set[str]:
    """The inboxes of deliveries, made by then, that were given up untried: one attempt stands for all that wait there.

    There is one inbox, or all those of a host.
    """
    at = {"there": host or inbox, "made_by": made_by, "at": attempt.at}
    said = {"status": attempt.status, "error": attempt.error}
    return set((await tx.execute(GIVE_UP_HOST if host else GIVE_UP_INBOX, {**at, **said})).scalars())


def _settling(one: SettledDelivery) -> dict[str, Any]:
    is_sent = one.state == "sent"
    return {
        "of": one.id,
        "to": one.state,
        "is_sent": is_sent,
        "moment": one.at,
        "sent": one.at if is_sent else None,
        "status": one.status,
        "error": one.error,
        "untried": 0 if one.is_tried else 1,
    }


async def hasten(tx: Tx, hosts: Collection[str], now: datetime) -> None:
    """Let everything that waits for these hosts be due now."""
    waiting = sa.and_(deliveries.c.host.in_(hosts), IS_DUE, deliveries.c.next_attempt_at > now)
    await tx.execute(sa.update(deliveries).where(waiting).values(next_attempt_at=now))


async def put_off(tx: Tx, activity_id: str) -> frozenset[str]:
    """Let the activity wait until unreachable hosts are tried again, at inboxes for which something waits already.

    The unreachable hosts of its other inboxes, for which nothing waited.
    """
    await tx.execute(PUT_OFF, {"named": activity_id})
    return frozenset((await tx.execute(NOT_PUT_OFF, {"named": activity_id})).scalars())


async def find(tx: Tx, delivery_id: int) -> DeliveryRecord | None:
    """The delivery of that id."""
    return await rows.find(tx, deliveries, DeliveryRecord, id=delivery_id)


async def reopen(tx: Tx, delivery_id: int, *, now: datetime) -> bool:
    """Whether a delivery given up is now due again, its patience counted from now; False for any other."""
    changes = {"state": "due", "attempts": 0, "created_at": now, "next_attempt_at": now}
    statement = sa.update(deliveries).where(deliveries.c.id == delivery_id, deliveries.c.state == "failed")
    return (await tx.execute(statement.values(changes))).rowcount == 1


async def hosts_due(tx: Tx, now: datetime) -> tuple[str, ...]:
    """The hosts for which a claim would now yield something, by name."""
    is_claimable = sa.and_(IS_DUE, deliveries.c.next_attempt_at <= now, IS_NEXT_IN_ORDER)
    return tuple(sorted((await tx.execute(sa.select(deliveries.c.host).where(is_claimable).distinct())).scalars()))


async def next_due_all(tx: Tx, hosts: Collection[str]) -> dict[str, datetime]:
    """For each of the hosts for which a claim will yield something, when that will be."""
    return {row.host: row[1] for row in await tx.execute(NEXT_DUE, {"hosts": list(hosts)})}


async def next_due(tx: Tx, host: str | None = None) -> datetime | None:
    """When a claim (for that host, or for any) will next yield something; None if nothing is due at all."""
    statement = sa.select(sa.func.min(deliveries.c.next_attempt_at)).where(IS_DUE, IS_NEXT_IN_ORDER)
    if host is not None:
        statement = statement.where(deliveries.c.host == host)
    found: datetime | None = (await tx.execute(statement)).scalar_one()
    return found


async def last_sent_at(tx: Tx) -> datetime | None:
    """When the newest of all deliveries that were taken was taken; None while none was."""
    sent = sa.select(deliveries.c.sent_at).where(deliveries.c.state == "sent").order_by(deliveries.c.id.desc()).limit(1)
    found: datetime | None = (await tx.execute(sent)).scalar_one_or_none()
    return found


async def summary(tx: Tx) -> DeliverySummary:
    """How many rows stand in each state, and since when the oldest due one exists."""
    oldest = sa.func.min(deliveries.c.created_at)
    statement = sa.select(deliveries.c.state, sa.func.count().label("rows"), oldest.label("oldest"))
    found = {row.state: row for row in await tx.execute(statement.group_by(deliveries.c.state))}
    due, sent, failed_rows = ((found[state].rows if state in found else 0) for state in ("due", "sent", "failed"))
    return DeliverySummary(due, sent, failed_rows, found["due"].oldest if due else None)


async def failed(tx: Tx, *, limit: int = 100) -> tuple[DeliveryRecord, ...]:
    """Deliveries given up, newest first, for the operator."""
    statement = ALL.where(deliveries.c.state == "failed").order_by(deliveries.c.id.desc()).limit(limit)
    return await rows.many(tx, statement, DeliveryRecord)


async def for_activity(tx: Tx, activity_id: str) -> tuple[DeliveryRecord, ...]:
    """All deliveries of one activity by id."""
    statement = ALL.where(deliveries.c.activity_id == activity_id).order_by(deliveries.c.id)
    return await rows.many(tx, statement, DeliveryRecord)
