"""Records of other nodes: peers, their keys, follows, outbox cursors, and memberships in assemblies.

Built and read through `storage.records`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerRecord:
    """Another actor as last fetched; `document` is its actor document."""

    actor_id: str
    host: str
    kind: str  # 'coop' | 'assembly' | 'person' | 'service' | 'other'
    inbox: str
    document: Mapping[str, Any]
    fetched_at: datetime
    did: str | None = None
    name: str = ""
    handle: str = ""
    shared_inbox: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerKeyRecord:
    """A public key of another actor. One with `given_up_at` is listed no more: it only tells who signed before."""

    key_id: str
    actor_id: str
    algorithm: str
    public_text: str
    fetched_at: datetime
    given_up_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowRecord:
    """Who hears what we publish ('in'), and whom we hear ('out')."""

    id: str
    direction: str  # 'in' | 'out'
    actor_id: str
    activity_id: str
    created_at: datetime
    state: str = "pending"  # 'pending' | 'accepted' | 'rejected'


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerPolicyRecord:
    """How a host and everything under its name is heard; `note` is the operator's own."""

    host: str
    policy: str  # 'limit' | 'block' | 'allow', of a name under one of those
    decided_at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxCursorRecord:
    """How far we read an actor's outbox: `page` is the address of the page to ask for next, or again."""

    actor_id: str
    page: str
    read_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreachableHostRecord:
    """A host that did not take our deliveries last time: how often in a row, since when, and when it is tried again."""

    host: str
    failures: int
    since: datetime
    try_at: datetime
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipRecord:
    """A tie between bodies: 'above' are assemblies we belong to or asked, 'below' our constituents and applicants.

    `members` is the count that the body below reported last, and `members_at` when it was made; `members_decided` is
    one that was set here and stands instead. `splits_since` is there where our position upward is split by our tally.
    """

    id: str
    direction: str  # 'below' | 'above'
    actor_id: str
    did: str
    name: str
    kind: str
    key_multibase: str
    activity_id: str
    created_at: datetime
    weight: int | None = None
    state: str = "asked"  # 'asked' | 'accepted' | 'rejected' | 'suspended' | 'left'
    decided_at: datetime | None = None
    members: int | None = None
    members_at: datetime | None = None
    members_decided: int | None = None
    splits_since: datetime | None = None
