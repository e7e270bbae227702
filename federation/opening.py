"""One Federation from its parts: the client and fetcher are made here and nowhere else.

Called by the node's wiring and by tests.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from federation.fetch.client import PeerClient
from federation.fetch.documents import Fetcher
from federation.fetch.lines import Lines
from federation.fetch.signing import SigningClient
from federation.peers.policy import open_book
from federation.ports import Federation, Handler, Limits
from federation.receive.gate import count_backlog
from federation.receive.strangers import Strangers
from federation.receive.turnstile import Turnstile
from federation.recent import Recent

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping
    from datetime import datetime

    from aiohttp.abc import AbstractResolver

    from federation.ports import Keyring, Profile
    from storage.engine import Store
    from storage.ephemeral.ports import Ephemeral


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the node brings. `origin` is scheme://host[:port]; actors are `{origin}/body` and `{origin}/actor`."""

    origin: str
    profile: Profile
    store: Store
    keyring: Keyring
    ephemeral: Ephemeral
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    limits: Limits = field(default_factory=Limits)
    allow_loopback: bool = False
    handlers: MutableMapping[tuple[str, str], Handler] = field(default_factory=dict)
    refusal_types: tuple[type[Exception], ...] = ()
    resolver: AbstractResolver | None = None


def body_actor_id(origin: str) -> str:
    """The id of a node's body actor."""
    return f"{origin}/body"


def instance_actor_id(origin: str) -> str:
    """The id of a node's instance actor."""
    return f"{origin}/actor"


def open_federation(parts: Parts) -> Federation:
    """A Federation ready to serve and send; opens no connection until it is used."""
    policies = open_book(parts.store, parts.clock)
    client = PeerClient(
        limits=parts.limits,
        allow_loopback=parts.allow_loopback,
        resolver=parts.resolver,
        is_blocked=policies.is_blocked,
    )
    signing = SigningClient(
        client=client,
        keyring=parts.keyring,
        ephemeral=parts.ephemeral,
        store=parts.store,
        clock=parts.clock,
        limits=parts.limits,
    )
    fetcher = Fetcher(
        client=client,
        signing=signing,
        instance_actor_id=instance_actor_id(parts.origin),
        origin=parts.origin,
        limits=parts.limits,
    )
    return Federation(
        origin=parts.origin,
        actor_id=body_actor_id(parts.origin),
        instance_actor_id=instance_actor_id(parts.origin),
        profile=parts.profile,
        store=parts.store,
        keyring=parts.keyring,
        ephemeral=parts.ephemeral,
        client=client,
        signing=signing,
        fetcher=fetcher,
        policies=policies,
        turnstile=Turnstile(parts.limits),
        lines=Lines(),
        backlog=Recent(partial(count_backlog, parts.store, parts.limits), parts.clock),
        strangers=Strangers(parts.store, parts.clock, parts.limits),
        clock=parts.clock,
        new_id=parts.new_id,
        limits=parts.limits,
        allow_loopback=parts.allow_loopback,
        handlers=parts.handlers,
        refusal_types=parts.refusal_types,
    )
