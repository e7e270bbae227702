"""Node: what a running node holds, handed as the first argument to every service and handler.

Built by wiring.build_node; nothing here does anything.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from federation.ports import Federation
    from identity.keys.sealing import Sealer
    from node.keyring import StoredKeyring
    from node.metrics import Metrics
    from node.settings import Settings
    from storage.engine import Store
    from storage.ephemeral.ports import Ephemeral

BodyKind = Literal["coop", "assembly"]


@dataclass(frozen=True, slots=True)
class Body:
    """Who this node is: the facts fixed when it was initialised, and its bylaws.

    `rule` is the rule document a proposal of its members follows unless it names another;
    `mode`, `weight_denominator`, `margin_seconds` and the further `terms` go into an assembly's statute.
    """

    name: str
    handle: str
    kind: BodyKind
    did: str
    actor_id: str
    rule: dict[str, Any]
    window_seconds: int
    mode: str = "weights"
    weight_denominator: int = 1
    margin_seconds: int = 3600
    terms: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Node:
    """One running node."""

    settings: Settings
    store: Store
    body: Body
    keyring: StoredKeyring
    sealer: Sealer
    ephemeral: Ephemeral
    federation: Federation
    metrics: Metrics
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    hashing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    """Bounds how many argon2 computations run at once: each takes a core and 64 MiB."""

    @property
    def origin(self) -> str:
        """Scheme and host that every id of this node starts with."""
        return self.settings.origin

    def url(self, *parts: str) -> str:
        """An id of this node: the origin and path parts."""
        return "/".join((self.settings.origin, *parts))


NODE: web.AppKey[Node] = web.AppKey("node", Node)
