"""What is remembered: rows, never rules. The same code on SQLite and on PostgreSQL.

    engine.py      open_store(url) → Store; `store.read()` and `store.write()` yield the `tx` every function takes first
    house/         this co-op's own: body, keys, members, sessions
    neighbours/    other nodes: peers, peer_keys, peer_policies, follows, outbox_cursors, memberships
    governance/    deciding: statutes, proposals, rolls, ballots, positions, reminders, vetoes, equivocations,
                   evidence, reliefs
    commons/       offers and requests
    community/     opinions of the fediverse, replies, flags, tombstones
    work/          activities, deliveries, jobs (the durable queues), intake (what just arrived), events (the
                   hash-chained log) and retention (what of it all nobody needs any more)
    records/       the frozen dataclasses that cross this floor's border
    tables/        the same as SQLAlchemy Core tables, with column types that mean the same on both engines
    rows.py        moves between rows and records that every noun repeats
    grouping.py    one transaction for many who wait
    dialect.py     everything in which the two engines differ
    sqlite_driver  SQLite on a thread, in as few trips as there are statements
    migrate.py     bring a database to the newest schema; migrations/ holds the steps
    ephemeral/     what may be lost: replay guard, rate limits, caches, in memory or in Redis
    errors.py      what can go wrong
    away.py        which faults say that the database takes nothing now

A noun is imported from here (`from storage import ballots`), whatever room it stands in.
"""

from storage.commons import offers
from storage.community import flags, opinions, replies, tombstones
from storage.governance import (
    ballots,
    equivocations,
    evidence,
    positions,
    proposals,
    reliefs,
    reminders,
    rolls,
    statutes,
    vetoes,
)
from storage.house import body, keys, members, sessions
from storage.neighbours import (
    follows,
    memberships,
    outbox_cursors,
    peer_keys,
    peer_policies,
    peers,
    unreachable_hosts,
)
from storage.work import activities, deliveries, events, intake, jobs

__all__ = [
    "activities",
    "ballots",
    "body",
    "deliveries",
    "equivocations",
    "events",
    "evidence",
    "flags",
    "follows",
    "intake",
    "jobs",
    "keys",
    "members",
    "memberships",
    "offers",
    "opinions",
    "outbox_cursors",
    "peer_keys",
    "peer_policies",
    "peers",
    "positions",
    "proposals",
    "reliefs",
    "reminders",
    "replies",
    "rolls",
    "sessions",
    "statutes",
    "tombstones",
    "unreachable_hosts",
    "vetoes",
]
