"""Entries of a relief's log by their digest, because one id may stand over two contents, and without a status.

Revision 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEY = "pk_relief_entries"
BY_ID = "ix_relief_entries_id"


def upgrade() -> None:
    with op.batch_alter_table("relief_entries") as entries:
        entries.drop_constraint(KEY, type_="primary")
        entries.create_primary_key(KEY, ["digest"])
        entries.create_index(BY_ID, ["id"])
        entries.drop_column("status")


def downgrade() -> None:
    op.execute(
        sa.text("DELETE FROM relief_entries WHERE digest NOT IN (SELECT MIN(digest) FROM relief_entries GROUP BY id)")
    )
    with op.batch_alter_table("relief_entries") as entries:
        entries.drop_index(BY_ID)
        entries.drop_constraint(KEY, type_="primary")
        entries.create_primary_key(KEY, ["id"])
        entries.add_column(sa.Column("status", sa.Text(), nullable=False, server_default="kept"))
