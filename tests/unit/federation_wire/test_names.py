"""A domain whose name server never answers keeps nobody else's names waiting."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress
from typing import Any

import pytest

from federation.errors import FetchFailure
from federation.fetch.client import PeerClient
from federation.fetch.names import OF_ONE_DOMAIN, Names, domain_of
from federation.ports import Limits
from tests.doors.peers import peer

WAIT_SECONDS = 20


class Silence:
    """A system whose name server for hostile.example answers when it is let; `asked` are the names it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answers, self.is_busy = threading.Event(), threading.Event()

    def __call__(self, host: str, *more: Any) -> list[tuple[Any, ...]]:
        if host.endswith(".hostile.example"):
            self.asked.append(host)
            if len(self.asked) == OF_ONE_DOMAIN:
                self.is_busy.set()
            self.answers.wait(WAIT_SECONDS)
            raise socket.gaierror("nobody knows")
        return list(socket.getaddrinfo(host, *more))


async def fetch(client: PeerClient, url: str) -> int:
    return (await client.get(url, headers={}, max_bytes=10_000)).status


async def test_invented_names_of_a_silent_domain_keep_no_other_lookup_waiting() -> None:
    system = Silence()
    client = PeerClient(limits=Limits(), allow_loopback=True, resolver=Names(system))
    async with peer("there") as there:
        waiting = [asyncio.create_task(fetch(client, f"https://x{n}.hostile.example/key")) for n in range(300)]
        await asyncio.to_thread(system.is_busy.wait, WAIT_SECONDS)

        by_name = f"{there.origin.replace('127.0.0.1', 'localhost')}/body"
        async with asyncio.timeout(WAIT_SECONDS):
            statuses = [await fetch(client, by_name)]

        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        asked_by_those_who_gave_up = len(system.asked)
        again = asyncio.create_task(fetch(client, "https://y.hostile.example/key"))
        statuses.append(await fetch(client, by_name))
        asked_meanwhile = len(system.asked)
        system.answers.set()
        with suppress(FetchFailure):
            await again
        await client.close()

    assert statuses == [200, 200]
    assert asked_by_those_who_gave_up == asked_meanwhile == OF_ONE_DOMAIN, "a place was free before its thread was"
    assert "y.hostile.example" in system.asked  # after those before it, which their callers left to the HTTP library


async def test_a_name_that_nobody_knows_is_unreachable() -> None:
    client = PeerClient(limits=Limits(fetch_seconds=5.0))

    with pytest.raises(FetchFailure):
        await fetch(client, "https://nobody.invalid/key")

    await client.close()


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("x1.hostile.example", "hostile.example"),
        ("a.b.c.hostile.example.", "hostile.example"),
        ("one.two.co.uk", "two.co.uk"),
        ("one.two.de", "two.de"),
        ("CO.UK", "co.uk"),
        ("localhost", "localhost"),
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1:8100", "127.0.0.1:8100"),
        ("[2001:db8::1]", "[2001:db8::1]"),
        ("a.b.xn--p1ai", "b.xn--p1ai"),
        ("", ""),
    ],
)
def test_one_domain_is_what_somebody_registered(host: str, domain: str) -> None:
    assert domain_of(host) == domain
