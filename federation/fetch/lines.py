"""Whose turn it is to be asked for something: a few questions at once for each domain, and a short line behind them.

Held by a Federation; entered by the node's jobs that ask a peer because of what it said. Whoever leaves us waiting for
its answers keeps no place from others, however much there is to ask it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from federation.errors import NotYet
from federation.fetch.names import domain_of
from federation.receive.origins import host_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

AT_ONCE = 2
IN_LINE = 8
WAIT_SECONDS = 20.0


@dataclass(slots=True)
class Lines:
    """The lines of this process by domain, each there while somebody stands in it."""

    _sizes: Counter[str] = field(default_factory=Counter)
    _places: dict[str, asyncio.Semaphore] = field(default_factory=dict)

    @asynccontextmanager
    async def turn(self, address: str) -> AsyncIterator[None]:
        """A turn to ask whoever is at that address; NotYet where too many wait for theirs, or it does not come."""
        domain = domain_of(host_of(address))
        if self._sizes[domain] >= IN_LINE:
            raise NotYet(f"{domain} is asked for much else")
        self._sizes[domain] += 1
        places = self._places.setdefault(domain, asyncio.Semaphore(AT_ONCE))
        try:
            await _one_of(places, domain)
            try:
                yield
            finally:
                places.release()
        finally:
            self._sizes[domain] -= 1
            if not self._sizes[domain]:
                del self._sizes[domain], self._places[domain]


async def _one_of(places: asyncio.Semaphore, domain: str) -> None:
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            await places.acquire()
    except TimeoutError as error:
        raise NotYet(f"{domain} takes long to answer") from error
