"""Keys of peers, parsed, as this process used them lately: the hot path asks no database.

Called by fetch.keys. Asks nobody; the clock comes as an argument.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from identity.keys.pem import PublicKey

KEPT = timedelta(seconds=60)
MAX_KEYS = 4096


@dataclass(frozen=True, slots=True)
class PeerKey:
    """A key with the actor that lists it. `is_fresh` when it was fetched for this very request."""

    key_id: str
    actor_id: str
    public: PublicKey
    is_fresh: bool


@dataclass(slots=True)
class KeyShelf:
    """At most MAX_KEYS keys, each for a minute: what another process learns of a key is known here within that time."""

    _keys: OrderedDict[str, tuple[datetime, PeerKey]] = field(default_factory=OrderedDict)
    _asking: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    def asking(self, key_id: str) -> asyncio.Lock:
        """Held by whoever looks for a key that is not here; forgotten when nobody needs it any more."""
        return self._asking.setdefault(key_id, asyncio.Lock())

    def find(self, key_id: str, now: datetime) -> PeerKey | None:
        """The key, or None when it is not here or was put too long ago."""
        put_at, key = self._keys.get(key_id, (None, None))
        return key if put_at is not None and timedelta() <= now - put_at < KEPT else None

    def put(self, key: PeerKey, now: datetime) -> None:
        """Keep the key, no longer fresh, in place of an earlier one of its id; the oldest gives way."""
        self._keys.pop(key.key_id, None)
        self._keys[key.key_id] = now, replace(key, is_fresh=False)
        while len(self._keys) > MAX_KEYS:
            self._keys.popitem(last=False)

    def drop(self, key_id: str) -> None:
        """Forget the key."""
        self._keys.pop(key_id, None)
