"""What waits for an inbox about one object, found by the inbox: each has an order of its own.

Revision 0011, after 0010.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ORDER = "ix_deliveries_due_order"
IS_DUE = sa.text("state = 'due'")


def upgrade() -> None:
    _order_by("inbox")


def downgrade() -> None:
    _order_by("host")


def _order_by(column: str) -> None:
    op.drop_index(ORDER, "deliveries")
    op.create_index(ORDER, "deliveries", [column, "ordering_key", "id"], sqlite_where=IS_DUE, postgresql_where=IS_DUE)
