"""Recounts of decisions, and reminders in a second call.

Revision 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
ONCE = "uq_reminders_proposal_id_body_did_percent"
ONCE_A_CALL = "uq_reminders_proposal_id_body_did_call_percent"


def upgrade() -> None:
    op.add_column("proposals", sa.Column("recount", sa.Text(), nullable=True))
    op.add_column("proposals", sa.Column("replaced_outcome", DOCUMENT, nullable=True))
    with op.batch_alter_table("reminders") as reminders:
        reminders.add_column(sa.Column("call", sa.BigInteger(), nullable=False, server_default="1"))
        reminders.drop_constraint(ONCE, type_="unique")
        reminders.create_unique_constraint(ONCE_A_CALL, ["proposal_id", "body_did", "call", "percent"])


def downgrade() -> None:
    op.execute(sa.text("DELETE FROM reminders WHERE call > 1"))
    with op.batch_alter_table("reminders") as reminders:
        reminders.drop_constraint(ONCE_A_CALL, type_="unique")
        reminders.drop_column("call")
        reminders.create_unique_constraint(ONCE, ["proposal_id", "body_did", "percent"])
    with op.batch_alter_table("proposals") as proposals:
        proposals.drop_column("replaced_outcome")
        proposals.drop_column("recount")
