"""When an actor was found to list a key no more.

Revision 0010, after 0009.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("peer_keys") as peer_keys:
        peer_keys.add_column(sa.Column("given_up_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.execute(sa.text("DELETE FROM peer_keys WHERE given_up_at IS NOT NULL"))
    with op.batch_alter_table("peer_keys") as peer_keys:
        peer_keys.drop_column("given_up_at")
