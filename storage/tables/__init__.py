"""The tables, as SQLAlchemy Core knows them; `metadata` holds them all.

Used by the readers and writers of this floor and by the migrations.
"""

from storage.tables.columns import metadata
from storage.tables.commons import offers
from storage.tables.community import flags, opinions, replies, tombstones
from storage.tables.governance import (
    ballots,
    equivocations,
    evidence,
    positions,
    proposals,
    relief_entries,
    reliefs,
    reminders,
    roll_entries,
    statutes,
    vetoes,
)
from storage.tables.house import body_settings, keys, members, sessions
from storage.tables.neighbours import (
    follows,
    memberships,
    outbox_cursors,
    peer_keys,
    peer_policies,
    peers,
    unreachable_hosts,
)
from storage.tables.work import activities, deliveries, events, jobs

__all__ = [
    "activities",
    "ballots",
    "body_settings",
    "deliveries",
    "equivocations",
    "events",
    "evidence",
    "flags",
    "follows",
    "jobs",
    "keys",
    "members",
    "memberships",
    "metadata",
    "offers",
    "opinions",
    "outbox_cursors",
    "peer_keys",
    "peer_policies",
    "peers",
    "positions",
    "proposals",
    "relief_entries",
    "reliefs",
    "reminders",
    "replies",
    "roll_entries",
    "sessions",
    "statutes",
    "tombstones",
    "unreachable_hosts",
    "vetoes",
]
