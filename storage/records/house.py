"""Records of the co-op's own house: its keys, members and their sessions.

Built and read through `storage.records`.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """A key pair of ours; the private half is sealed and only the identity floor opens it."""

    key_id: str
    owner: str
    algorithm: str  # 'rsa' | 'ed25519'
    public_text: str
    sealed_private: bytes
    created_at: datetime
    retired_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRecord:
    """A person of this co-op; `weight` is what a roll frozen now would give them."""

    id: str
    name: str
    display_name: str
    did: str
    key_id: str
    created_at: datetime
    passphrase_hash: str | None = None
    roles: tuple[str, ...] = ()
    weight: int = 1
    state: str = "active"  # 'active' | 'left'


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecord:
    """A signed-in browser or tool; the token itself is never stored, only its hash."""

    token_hash: str
    member_id: str
    csrf_token: str
    created_at: datetime
    expires_at: datetime
    last_seen_at: datetime
    label: str = ""
