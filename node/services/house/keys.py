"""Changing the keys of the body and of the instance actor, and telling the neighbours.

Called by the command line and by the job row that rotating leaves behind.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from federation.authoring import own_actor
from node.keyring import make_actor_keys
from node.outbound import post
from storage.house import keys
from storage.work import events, jobs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from node.context import Node
    from storage.engine import Tx
    from storage.records import KeyRecord

OVERLAP = timedelta(hours=48)
ANNOUNCE = "announce-actor"


async def own_keys(node: Node) -> list[KeyRecord]:
    """Every key both actors ever had, oldest first."""
    async with node.store.read() as tx:
        return [record for actor in node.keyring.actors for record in await keys.for_owner(tx, actor)]


async def rotate(node: Node, *, by: str, at_once: bool = False) -> Sequence[KeyRecord]:
    """New keys of both actors, signing from now on; the old ones stay published for 48 hours, or not at all.

    `at_once` is for keys that others may have: what they signed before can still be checked, nothing new can.
    """
    now = node.clock()
    known = await own_keys(node)
    made = await asyncio.gather(*(_made(node, actor, known, now) for actor in node.keyring.actors))
    fresh = [record for pair in made for record in pair]
    retired_at = now if at_once else now + OVERLAP
    async with node.store.write() as tx:
        for record in known:
            if record.retired_at is None or record.retired_at > retired_at:
                await keys.retire(tx, record.key_id, retired_at)
        for record in fresh:
            await keys.add(tx, record)
        await _note(tx, node, fresh, by=by, retired_at=retired_at)
        await jobs.enqueue(tx, ANNOUNCE, node.body.actor_id, now)
    await node.keyring.refresh()
    return fresh


async def announce(node: Node, actor_id: str) -> datetime | None:
    """Tell everybody who follows what the body's actor lists now; when the next key is retired, None without one.

    Repeating it says the same again.
    """
    await node.keyring.refresh()
    now, document = node.clock(), await own_actor(node.federation)
    async with node.store.write() as tx:
        await post.update(tx, node, document, ordering_key=actor_id)
        waiting = [record.retired_at for record in await keys.for_owner(tx, actor_id) if record.retired_at]
    return min((at for at in waiting if at > now), default=None)


async def _made(node: Node, actor: str, known: Sequence[KeyRecord], now: datetime) -> list[KeyRecord]:
    generation = 1 + sum(record.owner == actor and record.algorithm == "rsa" for record in known)
    return await asyncio.to_thread(make_actor_keys, node.sealer, actor, now, generation=generation)


async def _note(tx: Tx, node: Node, fresh: Sequence[KeyRecord], *, by: str, retired_at: datetime) -> None:
    content = {"keys": [record.key_id for record in fresh], "earlier_retired_at": retired_at.isoformat()}
    await events.append(
        tx, at=fresh[0].created_at, actor=by, type="keys-rotated", subject=node.body.actor_id, content=content
    )
