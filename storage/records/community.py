"""Records of talking: opinions, replies, flags and tombstones.

Built and read through `storage.records`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionRecord:
    """What one actor of the fediverse answered to a proposal's poll; advisory, never part of a tally."""

    proposal_id: str
    actor_id: str
    option: str  # as the poll spells it
    host: str
    activity_id: str
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionCount:
    """How many actors, of how many hosts, chose an option."""

    option: str
    actors: int
    hosts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyRecord:
    """One contribution to the discussion of a proposal. `content_html` is sanitised; `document` is kept for our own.

    `version_at` and `version_digest` order the versions that Create and Update bring, in whatever order they come.
    A deleted reply keeps its place in the thread and loses everything it said.
    """

    id: str
    proposal_id: str
    in_reply_to: str
    depth: int  # 1 answers the proposal itself
    author_actor: str
    author_name: str
    origin: str  # 'own' | 'peer'
    content_html: str
    published_at: datetime
    version_at: datetime
    version_digest: str
    received_at: datetime
    source: str = ""  # what a member of ours typed
    author_did: str | None = None
    document: Mapping[str, Any] | None = None
    state: str = "shown"  # 'shown' | 'hidden' | 'deleted'


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagRecord:
    """Somebody asks our operators to look at something of ours; `id` is the Flag activity's."""

    id: str
    actor_id: str
    object_ids: tuple[str, ...]
    content: str
    received_at: datetime
    state: str = "open"  # 'open' | 'settled'
    settled_by: str | None = None
    settled_at: datetime | None = None
