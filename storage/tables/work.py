"""Tables of what happened and what is still to do: activities, deliveries, jobs, events.

Used through `storage.tables`.
"""

import sqlalchemy as sa

from storage.tables.columns import COUNTED_ID, VERBATIM_JSON, UtcDateTime, metadata

IS_RECORDED = sa.text("state = 'recorded'")
IS_DUE = sa.text("state = 'due'")
IS_FREE = sa.text("locked_until IS NULL")
IS_HELD = sa.text("locked_until IS NOT NULL")

activities = sa.Table(
    "activities",
    metadata,
    sa.Column("position", COUNTED_ID, primary_key=True, autoincrement=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("direction", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("actor_id", sa.Text, nullable=False, index=True),
    sa.Column("object_id", sa.Text, index=True),
    sa.Column("raw", sa.Text, nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("is_public", sa.Boolean, nullable=False),
    sa.Column("source_actor", sa.Text),
    sa.Index(None, "direction", "is_public", "position"),
    # With the direction inside: SQLite would walk through all that ever came in otherwise.
    sa.Index("ix_activities_waiting", "direction", "position", sqlite_where=IS_RECORDED, postgresql_where=IS_RECORDED),
    sqlite_autoincrement=True,
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", COUNTED_ID, primary_key=True, autoincrement=True),
    sa.Column("activity_id", sa.Text, sa.ForeignKey("activities.id"), nullable=False),
    sa.Column("inbox", sa.Text, nullable=False),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("ordering_key", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_attempt_at", UtcDateTime, nullable=False),
    sa.Column("last_status", sa.Integer),
    sa.Column("last_error", sa.Text),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("sent_at", UtcDateTime),
    sa.UniqueConstraint("activity_id", "inbox"),
    sa.Index("ix_deliveries_due_order", "inbox", "ordering_key", "id", sqlite_where=IS_DUE, postgresql_where=IS_DUE),
    sa.Index("ix_deliveries_due_time", "host", "next_attempt_at", sqlite_where=IS_DUE, postgresql_where=IS_DUE),
    sa.Index(None, "state", "id"),
    sqlite_autoincrement=True,
)

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", COUNTED_ID, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("run_at", UtcDateTime, nullable=False),
    # A wish to run again that arrived while a worker held the job.
    sa.Column("again_at", UtcDateTime),
    sa.Column("locked_until", UtcDateTime),
    sa.Column("locked_by", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("last_error", sa.Text),
    # When it was put aside because it failed too often by a fault of ours; nobody claims it until somebody asks.
    sa.Column("parked_at", UtcDateTime),
    sa.UniqueConstraint("kind", "key"),
    sa.Index("ix_jobs_free", "kind", "run_at", sqlite_where=IS_FREE, postgresql_where=IS_FREE),
    sa.Index("ix_jobs_held", "kind", "locked_until", sqlite_where=IS_HELD, postgresql_where=IS_HELD),
    sqlite_autoincrement=True,
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False, index=True),
    sa.Column("content", VERBATIM_JSON, nullable=False),
    sa.Column("content_hash", sa.Text, nullable=False),
    sa.Column("previous_hash", sa.Text, nullable=False, unique=True),
    sa.Column("hash", sa.Text, nullable=False, unique=True),
)
