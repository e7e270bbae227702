"""Ballots carry the weight their voter has on the frozen roll, so that live results read one index.

Revision 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

IS_COUNTED = sa.text("status = 'counted'")
FILL = """
    UPDATE ballots SET weight = COALESCE((
        SELECT roll_entries.weight FROM roll_entries
        WHERE roll_entries.proposal_id = ballots.proposal_id AND roll_entries.voter = ballots.voter
    ), 0)
"""


def upgrade() -> None:
    """Add the column with the weights of the rolls, and the index of the live results."""
    op.add_column("ballots", sa.Column("weight", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute(FILL)
    columns = ["proposal_id", "choice", "weight"]
    op.create_index("ix_ballots_tally", "ballots", columns, sqlite_where=IS_COUNTED, postgresql_where=IS_COUNTED)


def downgrade() -> None:
    """Drop both."""
    op.drop_index("ix_ballots_tally", table_name="ballots")
    op.drop_column("ballots", "weight")
