"""Work that stands still and hosts that do not answer, as an operator takes them up again.

Called by the doors and the command line.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from federation.peers import reachability
from node.governance.refusals import Refusal
from storage.neighbours import unreachable_hosts
from storage.work import deliveries, events, jobs

if TYPE_CHECKING:
    from node.context import Node
    from storage.records import JobRecord, UnreachableHostRecord


async def retry(node: Node, *, by: str, job_id: int) -> JobRecord:
    """A job that was put aside, due at once and counted anew. Refusals: not-found."""
    now = node.clock()
    async with node.store.write() as tx:
        resumed = await jobs.resume(tx, job_id, now=now)
        if resumed is None:
            raise Refusal("not-found")
        await events.append(
            tx, at=now, actor=by, type="job-retried", subject=resumed.key, content={"kind": resumed.kind}
        )
    return resumed


async def try_host(node: Node, *, by: str, host: str) -> UnreachableHostRecord:
    """A host that did not answer, probed at once with what waits for it. Refusals: not-found."""
    now = node.clock()
    async with node.store.write() as tx:
        known = (await unreachable_hosts.find_all(tx, [host])).get(host)
        if known is None:
            raise Refusal("not-found")
        tried = replace(known, try_at=now)
        await unreachable_hosts.save(tx, tried)
        await deliveries.hasten(tx, [host], now)
        await jobs.enqueue(tx, reachability.PROBE, host, now)
        await events.append(tx, at=now, actor=by, type="host-tried", subject=host, content={"failures": known.failures})
    return tried
