"""Tables of talking: opinions from the fediverse, replies under a proposal, flags, and what was gone before it came.

Used through `storage.tables`.
"""

import sqlalchemy as sa

from storage.tables.columns import DOCUMENT, TextTuple, UtcDateTime, metadata

opinions = sa.Table(
    "opinions",
    metadata,
    sa.Column("proposal_id", sa.Text, sa.ForeignKey("proposals.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("actor_id", sa.Text, primary_key=True, index=True),
    sa.Column("option", sa.Text, nullable=False),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("activity_id", sa.Text, nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False),
)

replies = sa.Table(
    "replies",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("proposal_id", sa.Text, sa.ForeignKey("proposals.id", ondelete="CASCADE"), nullable=False),
    sa.Column("in_reply_to", sa.Text, nullable=False),
    sa.Column("depth", sa.BigInteger, nullable=False),
    sa.Column("author_actor", sa.Text, nullable=False),
    sa.Column("author_name", sa.Text, nullable=False),
    sa.Column("author_did", sa.Text),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("content_html", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("document", DOCUMENT),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("published_at", UtcDateTime, nullable=False),
    sa.Column("version_at", UtcDateTime, nullable=False),
    sa.Column("version_digest", sa.Text, nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Index(None, "proposal_id", "published_at"),
    sa.Index(None, "author_actor"),
)

flags = sa.Table(
    "flags",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("actor_id", sa.Text, nullable=False),
    sa.Column("object_ids", TextTuple, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False, index=True),
    sa.Column("settled_by", sa.Text),
    sa.Column("settled_at", UtcDateTime),
)

# Kept for as long as something older may still arrive.
tombstones = sa.Table(
    "tombstones",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("actor_id", sa.Text, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
)
