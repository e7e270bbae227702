"""What the wire needs from the node that holds it, and what it hands to the node's handlers.

Built once by `federation.opening.open_federation`; every function of this floor takes it first.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from federation.fetch.shelf import KeyShelf
from federation.vocabulary.actors import NOWHERE_ELSE

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from federation.fetch.client import PeerClient
    from federation.fetch.documents import Fetcher
    from federation.fetch.lines import Lines
    from federation.fetch.signing import SigningClient
    from federation.peers.policy import PolicyBook
    from federation.receive.strangers import Strangers
    from federation.receive.turnstile import Turnstile
    from federation.receive.verify import VerifiedActivity
    from federation.recent import Recent
    from federation.vocabulary.actors import ActorKeys, Addresses
    from storage.engine import Store
    from storage.ephemeral.ports import Ephemeral

Handler = Callable[["VerifiedActivity"], Awaitable[None]]
"""Raises one of `Federation.refusal_types` to refuse for good; any other exception is retried."""

Concern = Callable[[Mapping[str, Any]], bool]

ANY_KIND = "*"


class Keyring(Protocol):
    """The keys of this node's actors, opened once and held in memory."""

    def rsa(self, actor_id: str) -> tuple[str, RSAPrivateKey]:
        """The key id (`…#main-key`) and private key that sign HTTP requests of this actor."""
        ...

    def ed25519(self, actor_id: str) -> tuple[str, Ed25519PrivateKey]:
        """The key id (`…#ed25519-key`) and private key that sign documents of this actor."""
        ...

    def ed25519_named(self, key_id: str) -> Ed25519PrivateKey | None:
        """The private key of that id, current or retired; None when not ours."""
        ...

    async def published(self, actor_id: str, now: datetime) -> ActorKeys:
        """The public keys of this actor as its documents list them at that moment."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of the wire; the numbers in FEDERATION.md are these."""

    inbox_bytes: int = 1024 * 1024
    fetch_bytes: int = 2 * 1024 * 1024
    fetch_seconds: float = 30.0
    fetch_budget: int = 20
    fetch_budget_of_handler: int = 8
    redirects: int = 3
    inbox_per_minute: int = 3000
    inbox_backlog: int = 10_000
    inbox_places: int = 128
    inbox_queue: int = 1024
    inbox_queue_of_one: int = 256
    inbox_queue_of_address: int = 768
    inbox_queue_bytes: int = 64 * 1024 * 1024
    inbox_queue_bytes_of_address: int = 48 * 1024 * 1024
    inbox_turn_seconds: float = 30.0
    retry_after_seconds: int = 30
    stranger_bytes_of_host: int = 16 * 1024 * 1024
    stranger_bytes: int = 256 * 1024 * 1024
    replay_window_seconds: int = 13 * 3600
    key_refetch_seconds: int = 300
    key_unreachable_seconds: int = 10
    key_failures_of_host: int = 200
    key_failures_of_asker: int = 20
    key_age_seconds: int = 24 * 3600
    signing_memory_seconds: int = 7 * 24 * 3600
    challenge_seconds: int = 0
    delivery_seconds: float = 10.0
    delivery_concurrency: int = 8
    delivery_batch: int = 25
    delivery_lease_seconds: float = 120.0
    delivery_hold_days: int = 30
    gone_after_seconds: int = 24 * 3600
    out_of_order_days: int = 7
    retry_base_seconds: float = 30.0
    retry_cap_seconds: float = 43_200.0
    page_size: int = 50
    page_bytes: int = 1024 * 1024
    catch_up_pages: int = 20
    catch_up_seconds: float = 60.0
    catch_up_pages_at_once: int = 2000
    catch_up_pages_an_hour: int = 20
    followers_seconds: int = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Who the body actor is, as its document says. `kind` is "coop" or "assembly"; `summary` is plain text."""

    did: str
    handle: str
    name: str
    kind: str
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """An activity on its way: who says it, its bytes, and whether it is addressed to the body's followers."""

    actor_id: str
    body: bytes
    is_for_followers: bool


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many activities wait for dispatch; `by_host` says who brought them, while they are many."""

    waiting: int = 0
    by_host: Mapping[str, int] = field(default_factory=dict)


async def _nothing_to_say(_ordering_key: str) -> Mapping[str, str]:
    return {}


async def _nowhere_else() -> Addresses:
    return NOWHERE_ELSE


def _count_nothing(_event: str, _label: str) -> None:
    return None


@dataclass(slots=True, kw_only=True)
class Federation:
    """One node on the wire.

    `handlers` maps (activity type, kind) to a handler, the kind being that of `receive.dispatch.kind_of`
    or ANY_KIND; the node fills it after construction. `local` names those that ask nobody but our own database, and
    `concerned` says of a document whether the handler of its pair will look at anything; without an entry it will.
    `random` returns an integer in [0, n).
    `count(event, label)` feeds metrics. `headers_about(ordering key)` are sent, signed, with deliveries about it.
    """

    origin: str
    actor_id: str
    instance_actor_id: str
    profile: Profile
    store: Store
    keyring: Keyring
    ephemeral: Ephemeral
    client: PeerClient
    signing: SigningClient
    fetcher: Fetcher
    policies: PolicyBook
    turnstile: Turnstile
    lines: Lines
    backlog: Recent[Backlog]
    strangers: Strangers
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    limits: Limits = field(default_factory=Limits)
    allow_loopback: bool = False
    handlers: MutableMapping[tuple[str, str], Handler] = field(default_factory=dict)
    local: Collection[tuple[str, str]] = frozenset()
    concerned: Mapping[tuple[str, str], Concern] = field(default_factory=dict)
    refusal_types: tuple[type[Exception], ...] = ()
    random: Callable[[int], int] = secrets.randbelow
    count: Callable[[str, str], None] = _count_nothing
    headers_about: Callable[[str], Awaitable[Mapping[str, str]]] = _nothing_to_say
    addresses: Callable[[], Awaitable[Addresses]] = _nowhere_else
    """Where else this body was or is, as its actor says now."""
    letters: dict[tuple[str, str], Letter] = field(default_factory=dict)
    """The activities that are just being delivered, by id and the key that our proofs are made with."""
    keys: KeyShelf = field(default_factory=KeyShelf)

    async def close(self) -> None:
        """Close the one client session; the store belongs to the node."""
        await self.client.close()
