"""Tables of other nodes: peers, keys, follows, outbox cursors, memberships, silent hosts, whom we hear.

Used through `storage.tables`.
"""

import sqlalchemy as sa

from storage.tables.columns import DOCUMENT, UtcDateTime, metadata

peers = sa.Table(
    "peers",
    metadata,
    sa.Column("actor_id", sa.Text, primary_key=True),
    sa.Column("did", sa.Text, index=True),
    sa.Column("host", sa.Text, nullable=False, index=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("handle", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("inbox", sa.Text, nullable=False),
    sa.Column("shared_inbox", sa.Text),
    sa.Column("document", DOCUMENT, nullable=False),
    sa.Column("fetched_at", UtcDateTime, nullable=False),
)

# No foreign key to peers: a key may be known before its actor was worth keeping.
peer_keys = sa.Table(
    "peer_keys",
    metadata,
    sa.Column("key_id", sa.Text, primary_key=True),
    sa.Column("actor_id", sa.Text, nullable=False, index=True),
    sa.Column("algorithm", sa.Text, nullable=False),
    sa.Column("public_text", sa.Text, nullable=False),
    sa.Column("fetched_at", UtcDateTime, nullable=False),
    sa.Column("given_up_at", UtcDateTime),
)

follows = sa.Table(
    "follows",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("direction", sa.Text, nullable=False),
    sa.Column("actor_id", sa.Text, nullable=False),
    sa.Column("activity_id", sa.Text, nullable=False, index=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("direction", "actor_id"),
)

unreachable_hosts = sa.Table(
    "unreachable_hosts",
    metadata,
    sa.Column("host", sa.Text, primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("try_at", UtcDateTime, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
)

# One row for each host an operator limited or blocked; hosts without one are heard in full.
peer_policies = sa.Table(
    "peer_policies",
    metadata,
    sa.Column("host", sa.Text, primary_key=True),
    sa.Column("policy", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("decided_at", UtcDateTime, nullable=False),
)

outbox_cursors = sa.Table(
    "outbox_cursors",
    metadata,
    sa.Column("actor_id", sa.Text, primary_key=True),
    sa.Column("page", sa.Text, nullable=False),
    sa.Column("read_at", UtcDateTime, nullable=False),
)

memberships = sa.Table(
    "memberships",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("direction", sa.Text, nullable=False),
    sa.Column("actor_id", sa.Text, nullable=False),
    sa.Column("did", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("weight", sa.BigInteger),
    sa.Column("key_multibase", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("activity_id", sa.Text, nullable=False, index=True),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("decided_at", UtcDateTime),
    sa.Column("members", sa.BigInteger),
    sa.Column("members_at", UtcDateTime),
    sa.Column("members_decided", sa.BigInteger),
    sa.Column("splits_since", UtcDateTime),
    sa.UniqueConstraint("direction", "actor_id"),
)
