"""Other nodes as an operator deals with them: whom to hear, and deliveries to try again.

Called by the doors and the command line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from federation.peers.policy import Policy, policy_for
from federation.peers.reachability import DELIVER
from federation.receive.origins import host_of
from node.governance.refusals import Refusal
from storage.neighbours import peer_policies
from storage.records import PeerPolicyRecord
from storage.work import deliveries, events, jobs

if TYPE_CHECKING:
    from node.context import Node
    from storage.records import DeliveryRecord

LONGEST_NOTE = 500
HOST_SHAPE = re.compile(r"[a-z0-9_]([a-z0-9._-]{0,251}[a-z0-9])?(:[0-9]{1,5})?|\[[0-9a-f:.]{2,45}\](:[0-9]{1,5})?")


async def decide_policy(node: Node, *, by: str, host: str, policy: Policy, note: str = "") -> PeerPolicyRecord:
    """How that host and every name under it is heard from now on. Refusals: peer-host-invalid (no host, or our own).

    To be allowed is written down only for a name under one that is limited or blocked: all others are heard anyway.
    """
    name, now = _host(node, host), node.clock()
    record = PeerPolicyRecord(host=name, policy=policy, decided_at=now, note=note.strip()[:LONGEST_NOTE])
    async with node.store.write() as tx:
        others = [one for one in await peer_policies.all(tx) if one.host != name]
        if policy is policy_for(name, others) is Policy.ALLOW:
            await peer_policies.remove(tx, name)
        else:
            await peer_policies.save(tx, record)
        content = {"policy": policy.value, "note": record.note}
        await events.append(tx, at=now, actor=by, type="peer-policy-decided", subject=name, content=content)
    node.federation.policies.forget()
    return record


async def shown(node: Node, actor_id: str) -> bool:
    """Whether what the actor says in public is shown in public here."""
    return await node.federation.policies.of(actor_id) is Policy.ALLOW


def _host(node: Node, given: str) -> str:
    """The host in a name, address or URL somebody typed."""
    text = given.strip().lower()
    name = host_of(text) if "://" in text else text.rpartition("@")[2].rstrip("/")
    if not HOST_SHAPE.fullmatch(name) or policy_for(host_of(node.origin), [_blocked(name, node)]) is Policy.BLOCK:
        raise Refusal("peer-host-invalid")
    return name


def _blocked(name: str, node: Node) -> PeerPolicyRecord:
    return PeerPolicyRecord(host=name, policy=Policy.BLOCK, decided_at=node.clock())


async def retry(node: Node, *, by: str, delivery_id: int) -> DeliveryRecord:
    """A failed delivery, due again at once and held for its full time. Refusals: not-found, state-wrong."""
    now = node.clock()
    async with node.store.write() as tx:
        if await deliveries.find(tx, delivery_id) is None:
            raise Refusal("not-found")
        if not await deliveries.reopen(tx, delivery_id, now=now):
            raise Refusal("state-wrong")
        reopened = await deliveries.find(tx, delivery_id)
        assert reopened is not None
        await jobs.enqueue(tx, DELIVER, reopened.host, now)
        content = {"activity": reopened.activity_id, "inbox": reopened.inbox}
        await events.append(
            tx, at=now, actor=by, type="delivery-retried", subject=reopened.activity_id, content=content
        )
    return reopened
