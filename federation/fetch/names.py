"""The addresses behind peers' names, looked up in threads of our own, of which one domain has but a few.

Made by fetch.client. A name server that never answers holds a thread for as long as the system goes on asking it, which
no time limit of ours ends; in the threads that everything shares, a handful of invented names would stop every lookup.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from weakref import WeakValueDictionary

from aiohttp.abc import AbstractResolver, ResolveResult

THREADS = 256
OF_ONE_DOMAIN = 16
_FOR_ANYBODY = frozenset({"ac", "co", "com", "coop", "edu", "gen", "gob", "gov", "gv", "ne", "net", "nom", "or", "org"})
_LETTERS_OF_A_COUNTRY = 2

Look = Callable[..., list[tuple[Any, ...]]]
"""As socket.getaddrinfo."""


class Names(AbstractResolver):
    """Adapter over getaddrinfo; `look` takes its place in tests. Threads are made when they are needed."""

    def __init__(self, look: Look = socket.getaddrinfo) -> None:
        self._look = look
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="names")
        self._places: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of the host; raises OSError. Waits while its domain has all its places, as long as its caller.

        A place is free when the thread is, not when its caller gave up.
        """
        places = self._places.setdefault(domain_of(host), asyncio.Semaphore(OF_ONE_DOMAIN))
        await places.acquire()
        asked = asyncio.get_running_loop().run_in_executor(
            self._threads, self._look, host, port, family, socket.SOCK_STREAM, 0, socket.AI_ADDRCONFIG
        )
        asked.add_done_callback(lambda done: _leave(places, done))
        return [
            ResolveResult(hostname=host, host=address[0], port=port, family=found, proto=protocol, flags=0)
            for found, _, protocol, _, address in await asyncio.shield(asked)
        ]

    async def close(self) -> None:
        """Begin no lookup any more; those under way end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _leave(places: asyncio.Semaphore, done: asyncio.Future[Any]) -> None:
    places.release()
    if not done.cancelled():
        done.exception()  # whoever waited has it, or is gone


def domain_of(host: str) -> str:
    """The part of a name that somebody had to register, as far as its form shows; an address or a short name whole."""
    labels = host.rstrip(".").lower().split(".")
    if not labels[-1].isalpha() and not labels[-1].startswith("xn--"):
        return host  # an address, or a name with a port
    is_shared = len(labels[-1]) == _LETTERS_OF_A_COUNTRY and labels[-2:-1] and labels[-2] in _FOR_ANYBODY
    return ".".join(labels[-3:] if is_shared else labels[-2:])
