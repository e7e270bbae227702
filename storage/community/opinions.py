"""What the fediverse answers to our polls: one opinion per actor and proposal, and nothing that a tally reads.

Called by the opinion service, by closing and by the pages.
"""

import sqlalchemy as sa

from storage import dialect, rows
from storage.engine import Tx
from storage.records import OpinionCount, OpinionRecord
from storage.tables import opinions, peers


async def add(tx: Tx, record: OpinionRecord) -> bool:
    """True if this actor had not answered that proposal before; otherwise the first answer stays."""
    key = ("proposal_id", "actor_id")
    return bool(await dialect.insert_new(tx, opinions, [rows.values(record)], key=key))


async def counts(tx: Tx, proposal_id: str) -> tuple[OpinionCount, ...]:
    """Actors and hosts for each option that was chosen at least once; limited and blocked hosts are left out."""
    numbers = (sa.func.count(), sa.func.count(opinions.c.host.distinct()))
    chosen = sa.select(opinions.c.option, *numbers).where(_is_shown(proposal_id))
    found = await tx.execute(chosen.group_by(opinions.c.option).order_by(opinions.c.option))
    return tuple(OpinionCount(option=option, actors=actors, hosts=hosts) for option, actors, hosts in found)


async def hosts(tx: Tx, proposal_id: str) -> int:
    """From how many hosts the answers to a proposal came; limited and blocked ones are left out."""
    distinct = sa.select(sa.func.count(opinions.c.host.distinct()))
    return await rows.number(tx, distinct.where(_is_shown(proposal_id)))


async def inboxes(tx: Tx, proposal_id: str) -> tuple[str, ...]:
    """Where those who answered are reached, a shared inbox standing for its whole host."""
    inbox = sa.func.coalesce(peers.c.shared_inbox, peers.c.inbox)
    asked = sa.select(inbox).distinct().join(opinions, opinions.c.actor_id == peers.c.actor_id)
    found = await tx.execute(asked.where(opinions.c.proposal_id == proposal_id).order_by(inbox))
    return tuple(found.scalars())


def _is_shown(proposal_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(opinions.c.proposal_id == proposal_id, rows.is_host_heard(opinions.c.host))
