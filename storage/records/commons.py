"""Records of the commons: offers and requests, ours and those heard from peers.

Built and read through `storage.records`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple


class OfferArrival(NamedTuple):
    """Whether its owner took back an offer that arrives, and the owner's name as far as we know it.

    The rest is that of the offer as it is here, None where it is not.
    """

    is_gone: bool
    owner_name: str | None
    owner_actor: str | None
    state: str | None
    updated_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRecord:
    """Something offered or asked for; `ring` says how near its owner stands to us."""

    id: str
    owner_actor: str
    owner_name: str
    origin: str  # 'own' | 'peer'
    purpose: str  # 'offer' | 'request'
    title: str
    summary: str
    document: Mapping[str, Any]
    ring: str  # 'own' | 'federation' | 'beyond'
    published_at: datetime
    updated_at: datetime
    member_id: str | None = None
    place: str | None = None
    reciprocal: str | None = None
    state: str = "open"  # 'open' | 'withdrawn'
