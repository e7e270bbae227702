"""How much hosts that we have no tie with may leave here in a day: their activities, and their actors that we keep.

Held by a Federation, asked by receive.pipeline and fetch.keys. Anybody with a domain can sign, so what strangers fill
our disk with needs a bound. Whom we follow, who belongs together with us or stands on a roster is none. To follow us
makes no tie: that is granted to anybody.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from federation.errors import Throttled
from federation.receive.origins import host_of
from federation.vocabulary.reading import governance_of, id_of
from storage.governance import statutes
from storage.work import retention

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from federation.ports import Limits
    from storage.engine import Store

ROW_BYTES = 1024
"""What a row takes beside what it holds: its indexes, its job, and its place among the others."""
_NETWORK = "from "  # no host has a space
_AGE = timedelta(minutes=1)
_AGE_BEFORE_REFUSING = timedelta(seconds=1)


@dataclass(slots=True)
class Strangers:
    """What each host and each network without ties left here since midnight UTC, counted in this process.

    `hosts` are those with a tie, as they were read last: a minute ago at most, a second before one is refused.
    """

    store: Store
    clock: Callable[[], datetime]
    limits: Limits
    hosts: frozenset[str] = frozenset()
    read_at: datetime | None = None
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    rosters: dict[str, frozenset[str]] = field(default_factory=dict)
    midnight: datetime | None = None
    left: Counter[str] = field(default_factory=Counter)
    left_by_all: int = 0

    async def is_none(self, actor_id: str) -> bool:
        """Whether the actor is no stranger: its host has a tie, or had one a second ago."""
        host = host_of(actor_id)
        return host in await self.tied() or host in await self.tied(_AGE_BEFORE_REFUSING)

    async def take(self, actor_id: str, network: str, size_bytes: int) -> int:
        """The bytes that are counted for what an actor leaves here, coming from there; 0 for one that is no stranger.

        Raises Throttled `share-used` when its host or network left too much today, `strangers-full` when all did.
        """
        host, size_bytes = host_of(actor_id), size_bytes + ROW_BYTES
        if host in await self.tied():
            return 0
        refusal = self._hindrance(host, network, size_bytes)
        if refusal is None:
            self._count(host, network, size_bytes)
            return size_bytes
        if host in await self.tied(_AGE_BEFORE_REFUSING):
            return 0
        raise refusal

    def give_back(self, actor_id: str, network: str, counted_bytes: int) -> None:
        """Take it that these bytes, counted by `take`, were not left here after all."""
        if counted_bytes:
            self._count(host_of(actor_id), network, -counted_bytes)

    def today(self) -> int:
        """The bytes that all strangers together left here today, as far as this process took them."""
        self._begin_day()
        return self.left_by_all

    def loudest(self) -> str:
        """The host that left most of it; "" when nobody left anything."""
        hosts = {name: size for name, size in self.left.items() if not name.startswith(_NETWORK)}
        return max(hosts, key=hosts.__getitem__, default="")

    def _hindrance(self, host: str, network: str, size_bytes: int) -> Throttled | None:
        self._begin_day()
        limits = self.limits
        if max(self.left[host], self.left[_of(network)]) + size_bytes > limits.stranger_bytes_of_host:
            public = "Your host has left here today what one without ties to this body may."
            return Throttled("share-used", public, retry_after_seconds=self._seconds_left())
        if self.left_by_all + size_bytes > limits.stranger_bytes:
            public = "Hosts without ties to this body have left here today what they may."
            return Throttled("strangers-full", public, retry_after_seconds=self._seconds_left())
        return None

    def _count(self, host: str, network: str, size_bytes: int) -> None:
        self.left[host] += size_bytes
        self.left[_of(network)] += size_bytes
        self.left_by_all += size_bytes

    def _begin_day(self) -> None:
        now = self.clock()
        if self.midnight is None or now >= self.midnight:
            today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
            self.midnight, self.left, self.left_by_all = today + timedelta(days=1), Counter(), 0

    def _seconds_left(self) -> int:
        assert self.midnight is not None
        return int((self.midnight - self.clock()).total_seconds()) + 1

    async def tied(self, age: timedelta = _AGE) -> frozenset[str]:
        """The hosts that are no strangers, as they were so long ago at most."""
        if self._is_older(age):
            async with self.reading:  # one reads for all who ask in the same moment
                if self._is_older(age):
                    await self._read()
        return self.hosts

    def _is_older(self, age: timedelta) -> bool:
        return self.read_at is None or self.clock() - self.read_at >= age

    async def _read(self) -> None:
        now = self.clock()
        async with self.store.read() as tx:
            tied, newest = await retention.tied_hosts(tx), await statutes.latest_digests(tx)
            new = await statutes.of_digests(tx, [digest for digest in newest if digest not in self.rosters])
        known = self.rosters | {one.digest: _roster(one.assembly_actor, one.document) for one in new}
        self.rosters = {digest: known[digest] for digest in newest}
        self.hosts, self.read_at = tied.union(*self.rosters.values()), now


def _of(network: str) -> str:
    return f"{_NETWORK}{network}"


def _roster(assembly: str, document: Mapping[str, Any]) -> frozenset[str]:
    """The hosts of an assembly and of the constituents its statute lists."""
    listed = governance_of(document).get("constituents")
    rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    return frozenset(host_of(actor) for actor in (assembly, *(id_of(row.get("actor")) for row in rows)) if actor)
