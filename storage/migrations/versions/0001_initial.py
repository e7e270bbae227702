"""The tables of the first release.

Revision 0001, after nothing. Written once and never changed: later changes are later revisions.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

COUNTED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
IS_COUNTED = sa.text("status = 'counted'")
IS_DUE = sa.text("state = 'due'")
IS_FREE = sa.text("locked_until IS NULL")
IS_HELD = sa.text("locked_until IS NOT NULL")
IS_WAITING = sa.text("state = 'recorded' AND direction = 'in'")


def text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def integer(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def document(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=nullable)


def create_activities() -> None:
    op.create_table(
        "activities",
        sa.Column("position", COUNTED, autoincrement=True, nullable=False),
        text("id"),
        text("direction"),
        text("type"),
        text("actor_id"),
        text("object_id", nullable=True),
        text("raw"),
        moment("received_at"),
        text("state"),
        text("reason", nullable=True),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        text("source_actor", nullable=True),
        sa.PrimaryKeyConstraint("position", name="pk_activities"),
        sa.UniqueConstraint("id", name="uq_activities_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_activities_actor_id", "activities", ["actor_id"])
    op.create_index("ix_activities_direction_is_public_position", "activities", ["direction", "is_public", "position"])
    op.create_index("ix_activities_object_id", "activities", ["object_id"])
    op.create_index(
        "ix_activities_waiting", "activities", ["position"], sqlite_where=IS_WAITING, postgresql_where=IS_WAITING
    )


def create_body_settings() -> None:
    op.create_table(
        "body_settings", text("name"), document("value"), sa.PrimaryKeyConstraint("name", name="pk_body_settings")
    )


def create_events() -> None:
    op.create_table(
        "events",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        moment("at"),
        text("actor"),
        text("type"),
        text("subject"),
        sa.Column("content", sa.JSON(), nullable=False),
        text("content_hash"),
        text("previous_hash"),
        text("hash"),
        sa.PrimaryKeyConstraint("seq", name="pk_events"),
        sa.UniqueConstraint("hash", name="uq_events_hash"),
        sa.UniqueConstraint("previous_hash", name="uq_events_previous_hash"),
    )
    op.create_index("ix_events_subject", "events", ["subject"])


def create_follows() -> None:
    op.create_table(
        "follows",
        text("id"),
        text("direction"),
        text("actor_id"),
        text("activity_id"),
        text("state"),
        moment("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_follows"),
        sa.UniqueConstraint("direction", "actor_id", name="uq_follows_direction_actor_id"),
    )
    op.create_index("ix_follows_activity_id", "follows", ["activity_id"])


def create_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", COUNTED, autoincrement=True, nullable=False),
        text("kind"),
        text("key"),
        moment("run_at"),
        moment("again_at", nullable=True),
        moment("locked_until", nullable=True),
        text("locked_by", nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        text("last_error", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.UniqueConstraint("kind", "key", name="uq_jobs_kind_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_jobs_free", "jobs", ["kind", "run_at"], sqlite_where=IS_FREE, postgresql_where=IS_FREE)
    op.create_index("ix_jobs_held", "jobs", ["kind", "locked_until"], sqlite_where=IS_HELD, postgresql_where=IS_HELD)


def create_keys() -> None:
    op.create_table(
        "keys",
        text("key_id"),
        text("owner"),
        text("algorithm"),
        text("public_text"),
        sa.Column("sealed_private", sa.LargeBinary(), nullable=False),
        moment("created_at"),
        moment("retired_at", nullable=True),
        sa.PrimaryKeyConstraint("key_id", name="pk_keys"),
    )
    op.create_index("ix_keys_owner", "keys", ["owner"])


def create_memberships() -> None:
    op.create_table(
        "memberships",
        text("id"),
        text("direction"),
        text("actor_id"),
        text("did"),
        text("name"),
        text("kind"),
        integer("weight", nullable=True),
        text("key_multibase"),
        text("state"),
        text("activity_id"),
        moment("created_at"),
        moment("decided_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_memberships"),
        sa.UniqueConstraint("direction", "actor_id", name="uq_memberships_direction_actor_id"),
    )
    op.create_index("ix_memberships_activity_id", "memberships", ["activity_id"])


def create_peer_keys() -> None:
    op.create_table(
        "peer_keys",
        text("key_id"),
        text("actor_id"),
        text("algorithm"),
        text("public_text"),
        moment("fetched_at"),
        moment("failed_at", nullable=True),
        sa.PrimaryKeyConstraint("key_id", name="pk_peer_keys"),
    )
    op.create_index("ix_peer_keys_actor_id", "peer_keys", ["actor_id"])


def create_peers() -> None:
    op.create_table(
        "peers",
        text("actor_id"),
        text("did", nullable=True),
        text("host"),
        text("name"),
        text("handle"),
        text("kind"),
        text("inbox"),
        text("shared_inbox", nullable=True),
        document("document"),
        moment("fetched_at"),
        sa.PrimaryKeyConstraint("actor_id", name="pk_peers"),
    )
    op.create_index("ix_peers_did", "peers", ["did"])
    op.create_index("ix_peers_host", "peers", ["host"])


def create_proposals() -> None:
    op.create_table(
        "proposals",
        text("id"),
        text("deciding_actor"),
        text("origin"),
        text("title"),
        text("text"),
        text("state"),
        text("author_id", nullable=True),
        document("rule"),
        moment("opens_at", nullable=True),
        moment("closes_at"),
        integer("window_seconds"),
        document("invited", nullable=True),
        document("document", nullable=True),
        text("digest", nullable=True),
        text("statute_digest", nullable=True),
        text("upstream_id", nullable=True),
        text("root_id", nullable=True),
        text("electorate_kind"),
        text("outcome", nullable=True),
        text("reason", nullable=True),
        document("tally", nullable=True),
        document("poll_document", nullable=True),
        document("outcome_document", nullable=True),
        text("outcome_digest", nullable=True),
        document("decision_document", nullable=True),
        moment("created_at"),
        moment("updated_at"),
        moment("closed_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_proposals"),
    )
    op.create_index("ix_proposals_created_at", "proposals", ["created_at"])
    op.create_index("ix_proposals_digest", "proposals", ["digest"])
    op.create_index("ix_proposals_root_id", "proposals", ["root_id"])
    op.create_index("ix_proposals_state_closes_at", "proposals", ["state", "closes_at"])
    op.create_index("ix_proposals_upstream_id", "proposals", ["upstream_id"])


def create_equivocations() -> None:
    op.create_table(
        "equivocations",
        text("digest"),
        text("document_id"),
        text("what"),
        text("signer"),
        document("document"),
        moment("received_at"),
        sa.PrimaryKeyConstraint("digest", name="pk_equivocations"),
        sa.UniqueConstraint("document_id", name="uq_equivocations_document_id"),
    )
    op.create_index("ix_equivocations_signer", "equivocations", ["signer"])


def create_statutes() -> None:
    op.create_table(
        "statutes",
        text("digest"),
        text("assembly_did"),
        text("assembly_actor"),
        integer("version"),
        document("document"),
        moment("received_at"),
        text("source"),
        sa.PrimaryKeyConstraint("digest", name="pk_statutes"),
        sa.UniqueConstraint("assembly_did", "version", "digest", name="uq_statutes_assembly_did_version_digest"),
    )


def create_ballots() -> None:
    op.create_table(
        "ballots",
        text("id"),
        text("proposal_id"),
        text("voter"),
        text("choice"),
        integer("seq"),
        document("document"),
        text("digest"),
        moment("received_at"),
        text("status"),
        text("reason", nullable=True),
        text("source_actor", nullable=True),
        text("activity_id", nullable=True),
        document("receipt", nullable=True),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposals.id"], name="fk_ballots_proposal_id_proposals", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_ballots"),
        sa.UniqueConstraint("proposal_id", "digest", name="uq_ballots_proposal_id_digest"),
    )
    op.create_index("ix_ballots_activity_id", "ballots", ["activity_id"])
    op.create_index("ix_ballots_received_at", "ballots", ["received_at"])
    op.create_index(
        "uq_ballots_one_counted",
        "ballots",
        ["proposal_id", "voter"],
        unique=True,
        sqlite_where=IS_COUNTED,
        postgresql_where=IS_COUNTED,
    )


def create_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", COUNTED, autoincrement=True, nullable=False),
        text("activity_id"),
        text("inbox"),
        text("host"),
        text("ordering_key"),
        text("state"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        moment("next_attempt_at"),
        sa.Column("last_status", sa.Integer(), nullable=True),
        text("last_error", nullable=True),
        moment("created_at"),
        moment("sent_at", nullable=True),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"], name="fk_deliveries_activity_id_activities"),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("activity_id", "inbox", name="uq_deliveries_activity_id_inbox"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_deliveries_due_order",
        "deliveries",
        ["host", "ordering_key", "id"],
        sqlite_where=IS_DUE,
        postgresql_where=IS_DUE,
    )
    op.create_index(
        "ix_deliveries_due_time",
        "deliveries",
        ["host", "next_attempt_at"],
        sqlite_where=IS_DUE,
        postgresql_where=IS_DUE,
    )
    op.create_index("ix_deliveries_state_id", "deliveries", ["state", "id"])


def create_evidence() -> None:
    op.create_table(
        "evidence",
        text("proposal_id"),
        text("digest"),
        sa.Column("bundle", sa.LargeBinary(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        moment("verified_at", nullable=True),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposals.id"], name="fk_evidence_proposal_id_proposals", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("proposal_id", name="pk_evidence"),
    )


def create_members() -> None:
    op.create_table(
        "members",
        text("id"),
        text("name"),
        text("display_name"),
        text("did"),
        text("key_id"),
        text("passphrase_hash", nullable=True),
        document("roles"),
        integer("weight"),
        text("state"),
        moment("created_at"),
        sa.ForeignKeyConstraint(["key_id"], ["keys.key_id"], name="fk_members_key_id_keys"),
        sa.PrimaryKeyConstraint("id", name="pk_members"),
        sa.UniqueConstraint("did", name="uq_members_did"),
        sa.UniqueConstraint("name", name="uq_members_name"),
    )


def create_positions() -> None:
    op.create_table(
        "positions",
        text("id"),
        text("proposal_id"),
        text("body_did"),
        text("body_actor"),
        integer("seq"),
        text("choice"),
        document("document"),
        text("digest"),
        moment("received_at"),
        text("status"),
        text("reason", nullable=True),
        text("evidence_digest", nullable=True),
        text("source"),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposals.id"], name="fk_positions_proposal_id_proposals", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_positions"),
    )
    op.create_index("ix_positions_proposal_id_body_did_seq", "positions", ["proposal_id", "body_did", "seq"])
    op.create_index(
        "uq_positions_one_counted",
        "positions",
        ["proposal_id", "body_did"],
        unique=True,
        sqlite_where=IS_COUNTED,
        postgresql_where=IS_COUNTED,
    )


def create_roll_entries() -> None:
    op.create_table(
        "roll_entries",
        text("proposal_id"),
        text("voter"),
        integer("weight"),
        text("home", nullable=True),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposals.id"], name="fk_roll_entries_proposal_id_proposals", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("proposal_id", "voter", name="pk_roll_entries"),
    )


def create_offers() -> None:
    op.create_table(
        "offers",
        text("id"),
        text("owner_actor"),
        text("owner_name"),
        text("member_id", nullable=True),
        text("origin"),
        text("purpose"),
        text("title"),
        text("summary"),
        text("place", nullable=True),
        text("reciprocal", nullable=True),
        document("document"),
        text("state"),
        text("ring"),
        moment("published_at"),
        moment("updated_at"),
        text("search_text"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_offers_member_id_members"),
        sa.PrimaryKeyConstraint("id", name="pk_offers"),
    )
    op.create_index("ix_offers_owner_actor", "offers", ["owner_actor"])
    op.create_index("ix_offers_state_published_at", "offers", ["state", "published_at"])


def create_outbox_cursors() -> None:
    op.create_table(
        "outbox_cursors",
        text("actor_id"),
        text("page"),
        moment("read_at"),
        sa.PrimaryKeyConstraint("actor_id", name="pk_outbox_cursors"),
    )


def create_unreachable_hosts() -> None:
    op.create_table(
        "unreachable_hosts",
        text("host"),
        sa.Column("failures", sa.Integer(), nullable=False),
        moment("since"),
        moment("try_at"),
        text("error"),
        sa.PrimaryKeyConstraint("host", name="pk_unreachable_hosts"),
    )


def create_peer_policies() -> None:
    op.create_table(
        "peer_policies",
        text("host"),
        text("policy"),
        text("note"),
        moment("decided_at"),
        sa.PrimaryKeyConstraint("host", name="pk_peer_policies"),
    )


def create_sessions() -> None:
    op.create_table(
        "sessions",
        text("token_hash"),
        text("member_id"),
        text("csrf_token"),
        moment("created_at"),
        moment("expires_at"),
        moment("last_seen_at"),
        text("label"),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name="fk_sessions_member_id_members", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sessions"),
    )
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    op.create_index("ix_sessions_member_id", "sessions", ["member_id"])


def create_opinions() -> None:
    op.create_table(
        "opinions",
        text("proposal_id"),
        text("actor_id"),
        text("option"),
        text("host"),
        text("activity_id"),
        moment("received_at"),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposals.id"], name="fk_opinions_proposal_id_proposals", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("proposal_id", "actor_id", name="pk_opinions"),
    )


def create_replies() -> None:
    op.create_table(
        "replies",
        text("id"),
        text("proposal_id"),
        text("in_reply_to"),
        integer("depth"),
        text("author_actor"),
        text("author_name"),
        text("author_did", nullable=True),
        text("origin"),
        text("content_html"),
        text("source"),
        document("document", nullable=True),
        text("state"),
        moment("published_at"),
        moment("version_at"),
        text("version_digest"),
        moment("received_at"),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposals.id"], name="fk_replies_proposal_id_proposals", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_replies"),
    )
    op.create_index("ix_replies_author_actor", "replies", ["author_actor"])
    op.create_index("ix_replies_proposal_id_published_at", "replies", ["proposal_id", "published_at"])


def create_flags() -> None:
    op.create_table(
        "flags",
        text("id"),
        text("actor_id"),
        document("object_ids"),
        text("content"),
        text("state"),
        moment("received_at"),
        text("settled_by", nullable=True),
        moment("settled_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_flags"),
    )
    op.create_index("ix_flags_received_at", "flags", ["received_at"])


def create_tombstones() -> None:
    op.create_table(
        "tombstones",
        text("id"),
        text("actor_id"),
        moment("at"),
        sa.PrimaryKeyConstraint("id", "actor_id", name="pk_tombstones"),
    )
    op.create_index("ix_tombstones_at", "tombstones", ["at"])


def upgrade() -> None:
    create_activities()
    create_body_settings()
    create_events()
    create_follows()
    create_jobs()
    create_keys()
    create_memberships()
    create_outbox_cursors()
    create_unreachable_hosts()
    create_peer_keys()
    create_peer_policies()
    create_peers()
    create_proposals()
    create_statutes()
    create_equivocations()
    create_ballots()
    create_deliveries()
    create_evidence()
    create_members()
    create_positions()
    create_roll_entries()
    create_opinions()
    create_replies()
    create_flags()
    create_tombstones()
    create_offers()
    create_sessions()


def downgrade() -> None:
    for table in (
        "sessions",
        "offers",
        "tombstones",
        "flags",
        "replies",
        "opinions",
        "roll_entries",
        "positions",
        "members",
        "evidence",
        "deliveries",
        "ballots",
        "statutes",
        "equivocations",
        "proposals",
        "peers",
        "peer_policies",
        "peer_keys",
        "unreachable_hosts",
        "outbox_cursors",
        "memberships",
        "keys",
        "jobs",
        "follows",
        "events",
        "body_settings",
        "activities",
    ):
        op.drop_table(table)
