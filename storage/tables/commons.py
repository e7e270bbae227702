"""Tables of the commons: offers and requests.

Used through `storage.tables`.
"""

import sqlalchemy as sa

from storage.tables.columns import DOCUMENT, UtcDateTime, metadata

offers = sa.Table(
    "offers",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("owner_actor", sa.Text, nullable=False, index=True),
    sa.Column("owner_name", sa.Text, nullable=False),
    sa.Column("member_id", sa.Text, sa.ForeignKey("members.id")),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("place", sa.Text),
    sa.Column("reciprocal", sa.Text),
    sa.Column("document", DOCUMENT, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("ring", sa.Text, nullable=False),
    sa.Column("published_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    # Title and summary with case and accents folded, so that both engines find the same rows.
    sa.Column("search_text", sa.Text, nullable=False),
    sa.Index(None, "state", "published_at"),
)
