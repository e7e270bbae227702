"""Whom this node hears: every host in full, unless an operator limited or blocked it and all names under it.

Called before anything is read, fetched, sent or shown on a peer's behalf: by receive, the client, the node's outbound
and its public pages. A block is silence both ways. A limit takes in what is sent, so that decisions stay whole, but
passes none of it on and shows none of it to the public.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from federation.errors import WireRefusal
from federation.receive.origins import host_of
from federation.recent import Recent
from storage.neighbours import peer_policies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from storage.engine import Store
    from storage.records import PeerPolicyRecord


class Policy(StrEnum):
    """How a host is heard, from fully to not at all."""

    ALLOW = "allow"
    LIMIT = "limit"
    BLOCK = "block"


def policy_for(host: str, records: Iterable[PeerPolicyRecord]) -> Policy:
    """The policy of the longest name that is the host or stands above it."""
    decided = {record.host: Policy(record.policy) for record in records}
    labels = host.split(".")
    names = (".".join(labels[start:]) for start in range(len(labels)))
    return next((decided[name] for name in names if name in decided), Policy.ALLOW)


@dataclass(frozen=True, slots=True)
class PolicyBook:
    """The policies as they were read a moment ago; `forget` after a change in this process."""

    records: Recent[Sequence[PeerPolicyRecord]]

    async def of(self, url: str) -> Policy:
        """The policy for the host of a URL."""
        records = await self.records.get()
        return policy_for(host_of(url), records) if records else Policy.ALLOW

    async def is_blocked(self, url: str) -> bool:
        """Whether nothing goes to that URL's host and nothing comes from it."""
        return await self.of(url) is Policy.BLOCK

    async def refuse_blocked(self, url: str) -> None:
        """Nothing; WireRefusal `peer-blocked` when the host is blocked."""
        if await self.is_blocked(url):
            raise WireRefusal("peer-blocked", "The operator of this node does not take messages from yours.")

    def forget(self) -> None:
        """Read them again before they are next asked for."""
        self.records.forget()


def open_book(store: Store, clock: Callable[[], datetime]) -> PolicyBook:
    """The policies that this store remembers."""

    async def read() -> Sequence[PeerPolicyRecord]:
        async with store.read() as tx:
            return await peer_policies.all(tx)

    return PolicyBook(Recent(read, clock))
