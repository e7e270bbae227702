"""Reliefs, and the signed documents that each of them consists of.

Revision 0006, after 0005.
"""

from datetime import datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def moment(name: str) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    op.create_table(
        "reliefs",
        *(text(name) for name in ("id", "assembly_did", "assembly_actor", "title", "survey_id", "statute_digest")),
        moment("stock_until"),
        sa.Column("document", DOCUMENT, nullable=False),
        text("digest"),
        moment("received_at"),
        text("source"),
        sa.PrimaryKeyConstraint("id", name="pk_reliefs"),
        sa.UniqueConstraint("survey_id", name="uq_reliefs_survey_id"),
    )
    op.create_index("ix_reliefs_received_at", "reliefs", ["received_at"])
    op.create_table(
        "relief_entries",
        *(text(name) for name in ("id", "relief_id", "kind", "body_did")),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        text("digest"),
        moment("received_at"),
        *(text(name) for name in ("status", "source")),
        sa.ForeignKeyConstraint(
            ["relief_id"], ["reliefs.id"], name="fk_relief_entries_relief_id_reliefs", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_relief_entries"),
    )
    op.create_index("ix_relief_entries_relief_id_received_at", "relief_entries", ["relief_id", "received_at"])


def downgrade() -> None:
    op.drop_table("relief_entries")
    op.drop_table("reliefs")
