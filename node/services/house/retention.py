"""Throwing away what nobody needs any more: what came from outside and left nothing here, and actors we only met.

Called by a job row that never ends, begun by app; the operator's page reads how far it is.

An activity goes when it was refused, had no handler, or was passed over and came from somebody we have nothing to do
with. Sent again later it would end the same way. What is of governance stays for good, whatever became of it, when we
have a tie with whoever said it or passed it on; of all others when something may have been made of it.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from federation.receive.origins import host_of
from federation.vocabulary.reading import first_type, governance_kind, governance_of
from storage.house import body
from storage.work import events, jobs, retention

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from node.context import Node
    from storage.records import LookedAt

RETENTION = "retention"
DAILY = "daily"
FACT = "retention"
PERIOD = timedelta(days=1)
NEXT_RUN = timedelta(seconds=1)
"""Between two runs of one day: others get their turn."""
LOOKS = 10
IN_ONE_LOOK = 50
IN_ONE_COMMIT = 10
"""Each may have one or two megabytes; whoever else writes waits for the commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Up to where it was looked, and what was thrown away since this node began.

    `position` is that of the last activity looked at, `actor` the last actor of this day's walk through all of them.
    `told` is how much the event log knows of, and `ended_at` when the last walk ended.
    """

    position: int = 0
    actor: str = ""
    activities: int = 0
    activity_bytes: int = 0
    actors: int = 0
    told: int = 0
    ended_at: str | None = None


async def begin(node: Node) -> None:
    """Nothing, after the job was made sure of: it runs a day from now, or when it was to run anyway."""
    async with node.store.write() as tx:
        await jobs.enqueue(tx, RETENTION, DAILY, node.clock() + PERIOD)


async def throw_away(node: Node, _: str) -> datetime:
    """When to go on, after a bounded piece of the walk: in a moment, or at the end of it tomorrow."""
    now = node.clock()
    before = now - timedelta(days=node.settings.strangers_keep_days)
    for _look in range(LOOKS):
        known = await progress(node)
        if not known.actor and await _look_at_activities(node, known, before):
            continue
        if not await _look_at_actors(node, known, before):
            await _end(node, known, now)
            return now + PERIOD
    return now + NEXT_RUN


async def progress(node: Node) -> Progress:
    """How far it is."""
    async with node.store.read() as tx:
        known: Mapping[str, Any] = await body.get(tx, FACT, {})
    return Progress(**known)


async def _look_at_activities(node: Node, known: Progress, before: datetime) -> bool:
    """Whether there was anything old enough above the last one looked at; what nobody needs of it is gone."""
    async with node.store.read() as tx:
        looked = await retention.look_at(tx, after=known.position, limit=IN_ONE_LOOK)
    old = [*takewhile(lambda one: one.received_at < before, looked)]
    unneeded = [one for one in old if one.is_unneeded]
    for start in range(0, len(unneeded), IN_ONE_COMMIT):
        known = await _throw_some_away(node, known, unneeded[start : start + IN_ONE_COMMIT])
    if old:
        await _note(node, replace(known, position=old[-1].position))
    return bool(old)


async def _throw_some_away(node: Node, known: Progress, some: Sequence[LookedAt]) -> Progress:
    async with node.store.read() as tx:
        texts = await retention.texts(tx, [one.position for one in some])
    looked, tied = {one.position: one for one in some}, await node.federation.strangers.tied()
    unneeded: dict[int, int] = {}
    for position, raw in texts.items():
        if not _may_be_asked_for(looked[position], json.loads(raw), tied):
            unneeded[position] = len(raw.encode())
        await asyncio.sleep(0)  # reading a megabyte takes a while
    if not unneeded:
        return known
    async with node.store.write() as tx:
        gone = await retention.throw_away(tx, unneeded)
        known = replace(
            known,
            activities=known.activities + gone,
            activity_bytes=known.activity_bytes + sum(unneeded.values()),
        )
        await body.put(tx, FACT, asdict(known))
    node.metrics.thrown_away.labels("activity").inc(gone)
    return known


def _may_be_asked_for(looked: LookedAt, document: Mapping[str, Any], tied: frozenset[str]) -> bool:
    """Whether an activity, or anything it is about, says that it is of governance, and that may have meant something.

    Anybody can say so. Of a stranger it meant something only where the handler of that kind did not refuse it.
    """
    about = document.get("object")
    governance = [one for one in (document, *(about if isinstance(about, list) else [about])) if governance_of(one)]
    if not governance or not tied.isdisjoint(host_of(actor) for actor in looked.said_by):
        return bool(governance)
    return looked.is_passed_over and first_type(document) == "Create" and governance_kind(governance[0]) != "reply"


async def _look_at_actors(node: Node, known: Progress, before: datetime) -> bool:
    """Whether there was an actor after the last one looked at; those that have nothing to do with us are gone."""
    async with node.store.read() as tx:
        looked = await retention.look_at_actors(tx, after=known.actor, before=before, limit=IN_ONE_LOOK)
    unrelated = [one.actor_id for one in looked if one.is_unrelated]
    for start in range(0, len(unrelated), IN_ONE_COMMIT):
        async with node.store.write() as tx:
            gone = await retention.throw_actors_away(tx, unrelated[start : start + IN_ONE_COMMIT], before=before)
            known = replace(known, actors=known.actors + gone)
            await body.put(tx, FACT, asdict(known))
        node.metrics.thrown_away.labels("actor").inc(gone)
    if looked:
        await _note(node, replace(known, actor=looked[-1].actor_id))
    return bool(looked)


async def _end(node: Node, known: Progress, now: datetime) -> None:
    """The walk of this day is over; the event log hears of it if anything went."""
    gone = known.activities + known.actors
    async with node.store.write() as tx:
        await body.put(tx, FACT, asdict(replace(known, actor="", told=gone, ended_at=now.isoformat())))
        if gone > known.told:
            content = {"activities": known.activities, "actors": known.actors}
            await events.append(
                tx, at=now, actor=node.body.actor_id, type="thrown-away", subject=node.body.actor_id, content=content
            )


async def _note(node: Node, known: Progress) -> None:
    async with node.store.write() as tx:
        await body.put(tx, FACT, asdict(known))
