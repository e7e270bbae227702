"""Who answered a poll and where guests on rolls are at home, found by the actor: whoever is neither may be forgotten.

Revision 0012, after 0011.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BY_ACTOR = "ix_opinions_actor_id"
BY_HOME = "ix_roll_entries_home"
IS_GUEST = sa.text("home IS NOT NULL")


def upgrade() -> None:
    op.create_index(BY_ACTOR, "opinions", ["actor_id"])
    op.create_index(BY_HOME, "roll_entries", ["home"], sqlite_where=IS_GUEST, postgresql_where=IS_GUEST)


def downgrade() -> None:
    op.drop_index(BY_HOME, "roll_entries")
    op.drop_index(BY_ACTOR, "opinions")
