"""A voter's latest ballot and the activities that wait, each found without walking through all others.

Revision 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

WAITING = "ix_activities_waiting"
OF_VOTER = "ix_ballots_proposal_id_voter_seq"


def upgrade() -> None:
    op.create_index(OF_VOTER, "ballots", ["proposal_id", "voter", "seq"])
    op.drop_index(WAITING, "activities")
    _waiting(["direction", "position"], "state = 'recorded'")


def downgrade() -> None:
    op.drop_index(WAITING, "activities")
    _waiting(["position"], "state = 'recorded' AND direction = 'in'")
    op.drop_index(OF_VOTER, "ballots")


def _waiting(columns: list[str], which: str) -> None:
    op.create_index(WAITING, "activities", columns, sqlite_where=sa.text(which), postgresql_where=sa.text(which))
