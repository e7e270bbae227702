"""Which hosts take our deliveries: a breaker for each host, in rows, with a probe when its pause is over.

Called by deliver.enqueue, deliver.send and receive.record, inside their transactions.

A host that takes deliveries has a job of kind DELIVER while something waits for it; one that does not has one of kind
PROBE instead, in a lane of its own with few places, so that dead hosts never stand in the way of live ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.dialect import Lock, hold
from storage.neighbours import unreachable_hosts
from storage.records import UnreachableHostRecord
from storage.work import deliveries, jobs

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime, timedelta

    from storage.engine import Tx

DELIVER = "deliver"
PROBE = "probe"
CHECK_GONE = "check-gone"  # the kind of the jobs that ask the actors behind an inbox which said that it is gone


async def want_delivery(tx: Tx, activity_id: str, hosts: Collection[str], now: datetime) -> None:
    """Let an activity that now waits for these hosts be sent: now, or to an unreachable one after its probe.

    The probe comes now if it is for an inbox there for which nothing waited: that one may well answer.
    """
    unreachable = await unreachable_hosts.find_all(tx, hosts)
    await jobs.enqueue_all(tx, DELIVER, [host for host in hosts if host not in unreachable], now)
    if unreachable:
        await jobs.enqueue_all(tx, PROBE, await deliveries.put_off(tx, activity_id), now)


async def note_failure(tx: Tx, host: str, *, error: str, pause: Callable[[int], timedelta], now: datetime) -> datetime:
    """When the host is probed next, after it failed once more; `pause` says how long to wait after so many failures."""
    known = (await unreachable_hosts.find_all(tx, [host])).get(host)
    failures, since = (known.failures + 1, known.since) if known is not None else (1, now)
    try_at = now + pause(failures)
    await unreachable_hosts.save(
        tx, UnreachableHostRecord(host=host, failures=failures, since=since, try_at=try_at, error=error)
    )
    await jobs.enqueue(tx, PROBE, host, try_at)
    return try_at


async def forget(tx: Tx, hosts: Collection[str]) -> None:
    """Nothing, after hosts for which nothing waits any more are no longer counted among the unreachable ones."""
    if hosts:
        await unreachable_hosts.remove(tx, hosts)


async def doubt(tx: Tx, inboxes: Collection[str], *, at: datetime) -> None:
    """Have the actors behind these inboxes asked at that time, or at an earlier one that stands already."""
    await jobs.enqueue_all(tx, CHECK_GONE, inboxes, at)


async def note_answers(tx: Tx, hosts: Collection[str], now: datetime) -> None:
    """Hosts that answered, or spoke to us: whatever waited for one that was unreachable is due now."""
    back = await unreachable_hosts.find_all(tx, hosts)
    if not back:
        return
    # Whoever is just publishing to one of them must see it as it is, or be seen by us.
    await hold(tx, Lock.WRITE)
    await unreachable_hosts.remove(tx, back)
    await deliveries.hasten(tx, back, now)
    await jobs.enqueue_all(tx, DELIVER, back, now)
