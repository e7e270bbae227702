"""The ends of a decision: reminders, vetoes, second calls and ratifications.

Revision 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
COLUMNS = ("type", "first_outcome", "ratifies_id", "ratification")


def text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def create_reminders() -> None:
    op.create_table(
        "reminders",
        text("id"),
        text("proposal_id"),
        text("body_did"),
        sa.Column("percent", sa.BigInteger(), nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=False),
        text("source"),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposals.id"], name="fk_reminders_proposal_id_proposals", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_reminders"),
        sa.UniqueConstraint("proposal_id", "body_did", "percent", name="uq_reminders_proposal_id_body_did_percent"),
    )


def create_vetoes() -> None:
    op.create_table(
        "vetoes",
        text("id"),
        text("proposal_id"),
        text("body_did"),
        text("reason"),
        sa.Column("document", DOCUMENT, nullable=False),
        text("digest"),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        text("status"),
        text("source"),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposals.id"], name="fk_vetoes_proposal_id_proposals", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_vetoes"),
        sa.UniqueConstraint("proposal_id", "body_did", name="uq_vetoes_proposal_id_body_did"),
    )


def upgrade() -> None:
    op.add_column("proposals", text("type", nullable=True))
    op.add_column("proposals", sa.Column("first_outcome", DOCUMENT, nullable=True))
    op.add_column("proposals", text("ratifies_id", nullable=True))
    op.add_column("proposals", text("ratification", nullable=True))
    op.create_index("ix_proposals_ratifies_id", "proposals", ["ratifies_id"])
    create_reminders()
    create_vetoes()


def downgrade() -> None:
    op.drop_table("vetoes")
    op.drop_table("reminders")
    op.drop_index("ix_proposals_ratifies_id", "proposals")
    for column in COLUMNS:
        op.drop_column("proposals", column)
