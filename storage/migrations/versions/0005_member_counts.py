"""How many members a constituent reports, and whether it splits its position.

Revision 0005, after 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("memberships") as memberships:
        memberships.add_column(sa.Column("members", sa.BigInteger(), nullable=True))
        memberships.add_column(sa.Column("members_at", sa.DateTime(timezone=True), nullable=True))
        memberships.add_column(sa.Column("members_decided", sa.BigInteger(), nullable=True))
        memberships.add_column(sa.Column("splits_since", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("memberships") as memberships:
        for name in ("splits_since", "members_decided", "members_at", "members"):
            memberships.drop_column(name)
