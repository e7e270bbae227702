"""Tables of deciding: statutes, proposals, rolls, ballots, positions, evidence.

Used through `storage.tables`.
"""

import sqlalchemy as sa

from storage.tables.columns import DOCUMENT, UtcDateTime, metadata

statutes = sa.Table(
    "statutes",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("assembly_did", sa.Text, nullable=False),
    sa.Column("assembly_actor", sa.Text, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("document", DOCUMENT, nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.UniqueConstraint("assembly_did", "version", "digest"),
)

equivocations = sa.Table(
    "equivocations",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("document_id", sa.Text, nullable=False, unique=True),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("signer", sa.Text, nullable=False, index=True),
    sa.Column("document", DOCUMENT, nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False),
)

proposals = sa.Table(
    "proposals",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("deciding_actor", sa.Text, nullable=False),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("author_id", sa.Text),
    sa.Column("rule", DOCUMENT, nullable=False),
    sa.Column("opens_at", UtcDateTime),
    sa.Column("closes_at", UtcDateTime, nullable=False),
    sa.Column("window_seconds", sa.BigInteger, nullable=False),
    sa.Column("invited", DOCUMENT),
    sa.Column("document", DOCUMENT),
    sa.Column("digest", sa.Text, index=True),
    sa.Column("statute_digest", sa.Text),
    sa.Column("upstream_id", sa.Text, index=True),
    sa.Column("root_id", sa.Text, index=True),
    sa.Column("electorate_kind", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("tally", DOCUMENT),
    sa.Column("poll_document", DOCUMENT),
    sa.Column("outcome_document", DOCUMENT),
    sa.Column("outcome_digest", sa.Text),
    sa.Column("decision_document", DOCUMENT),
    sa.Column("created_at", UtcDateTime, nullable=False, index=True),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("type", sa.Text),
    sa.Column("first_outcome", DOCUMENT),
    sa.Column("ratifies_id", sa.Text, index=True),
    sa.Column("ratification", sa.Text),
    sa.Column("recount", sa.Text),
    sa.Column("replaced_outcome", DOCUMENT),
    sa.Index(None, "state", "closes_at"),
)

IS_GUEST = sa.text("home IS NOT NULL")

roll_entries = sa.Table(
    "roll_entries",
    metadata,
    sa.Column("proposal_id", sa.Text, sa.ForeignKey("proposals.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("voter", sa.Text, primary_key=True),
    sa.Column("weight", sa.BigInteger, nullable=False),
    sa.Column("home", sa.Text),
    sa.Index("ix_roll_entries_home", "home", sqlite_where=IS_GUEST, postgresql_where=IS_GUEST),
)

IS_COUNTED = sa.text("status = 'counted'")

ballots = sa.Table(
    "ballots",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("proposal_id", sa.Text, sa.ForeignKey("proposals.id", ondelete="CASCADE"), nullable=False),
    sa.Column("voter", sa.Text, nullable=False),
    sa.Column("choice", sa.Text, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("weight", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("document", DOCUMENT, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False, index=True),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("source_actor", sa.Text),
    sa.Column("activity_id", sa.Text, index=True),
    sa.Column("receipt", DOCUMENT),
    sa.UniqueConstraint("proposal_id", "digest"),
    # One person counts once: the database itself refuses a second counted ballot.
    sa.Index(
        "uq_ballots_one_counted",
        "proposal_id",
        "voter",
        unique=True,
        sqlite_where=IS_COUNTED,
        postgresql_where=IS_COUNTED,
    ),
    # The latest of a voter, whatever became of it.
    sa.Index(None, "proposal_id", "voter", "seq"),
    # The live bars read this index alone, however many ballots there are.
    sa.Index(
        "ix_ballots_tally",
        "proposal_id",
        "choice",
        "weight",
        sqlite_where=IS_COUNTED,
        postgresql_where=IS_COUNTED,
    ),
)

positions = sa.Table(
    "positions",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("proposal_id", sa.Text, sa.ForeignKey("proposals.id", ondelete="CASCADE"), nullable=False),
    sa.Column("body_did", sa.Text, nullable=False),
    sa.Column("body_actor", sa.Text, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("choice", sa.Text, nullable=False),
    sa.Column("document", DOCUMENT, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("evidence_digest", sa.Text),
    sa.Column("source", sa.Text, nullable=False),
    sa.Index(None, "proposal_id", "body_did", "seq"),
    sa.Index(
        "uq_positions_one_counted",
        "proposal_id",
        "body_did",
        unique=True,
        sqlite_where=IS_COUNTED,
        postgresql_where=IS_COUNTED,
    ),
)

vetoes = sa.Table(
    "vetoes",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("proposal_id", sa.Text, sa.ForeignKey("proposals.id", ondelete="CASCADE"), nullable=False),
    sa.Column("body_did", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("document", DOCUMENT, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.UniqueConstraint("proposal_id", "body_did"),
)

reminders = sa.Table(
    "reminders",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("proposal_id", sa.Text, sa.ForeignKey("proposals.id", ondelete="CASCADE"), nullable=False),
    sa.Column("body_did", sa.Text, nullable=False),
    sa.Column("percent", sa.BigInteger, nullable=False),
    sa.Column("document", DOCUMENT, nullable=False),
    sa.Column("reminded_at", UtcDateTime, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    # Which call it is of: moments of a second call are moments of their own.
    sa.Column("call", sa.BigInteger, nullable=False, server_default="1"),
    sa.UniqueConstraint("proposal_id", "body_did", "call", "percent"),
)

reliefs = sa.Table(
    "reliefs",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("assembly_did", sa.Text, nullable=False),
    sa.Column("assembly_actor", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("survey_id", sa.Text, nullable=False, unique=True),
    sa.Column("statute_digest", sa.Text, nullable=False),
    sa.Column("stock_until", UtcDateTime, nullable=False),
    sa.Column("document", DOCUMENT, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False, index=True),
    sa.Column("source", sa.Text, nullable=False),
)

relief_entries = sa.Table(
    "relief_entries",
    metadata,
    sa.Column("id", sa.Text, nullable=False, index=True),
    sa.Column("relief_id", sa.Text, sa.ForeignKey("reliefs.id", ondelete="CASCADE"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("body_did", sa.Text, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("document", DOCUMENT, nullable=False),
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Index(None, "relief_id", "received_at"),
)

evidence = sa.Table(
    "evidence",
    metadata,
    sa.Column("proposal_id", sa.Text, sa.ForeignKey("proposals.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("bundle", sa.LargeBinary, nullable=False),
    sa.Column("complete", sa.Boolean, nullable=False),
    sa.Column("verified_at", UtcDateTime),
)
