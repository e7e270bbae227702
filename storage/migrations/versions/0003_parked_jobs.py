"""Jobs that failed too often are put aside; the moment a peer's key last failed was never read.

Revision 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_column("peer_keys", "failed_at")


def downgrade() -> None:
    op.add_column("peer_keys", sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_column("jobs", "parked_at")
