"""Five real node processes, each in its namespace behind its proxy: an assembly, a district below it, three co-ops.

Called by the tests of this folder.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult

from node.demo.hosts import write_settings
from node.services.setup import Founding, found_body
from node.wiring import open_prepared_store, open_sealer, utc_now
from tests.doors.api import PASSPHRASE, Client, quick_settings
from tests.federation.faults.namespaces.country import Country, Place, build_country
from tests.federation.faults.namespaces.tls import NODE_PORT, Authority, new_authority, serve_tls

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from node.settings import Settings

BELOW = {"union": ("north", "south"), "north": ("ash", "birch")}
COOPS = ("ash", "birch", "south")
WEIGHTS = {"north": 2, "ash": 2}
HOSTS = {name: f"{name}.valley-federation.org" for name in ("union", "north", "ash", "birch", "south")}
EARLY = {"preset": "majority", "closes_early": True}
TITLE = "One market for all"
PATIENCE_SECONDS = 40.0
BETWEEN_LOOKS_SECONDS = 0.05
UNREACHABLE = (ClientError, TimeoutError, OSError)


class Known(AbstractResolver):
    """Names as every place of the valley knows them."""

    def __init__(self, country: Country) -> None:
        self._addresses = {place.host: place.address for place in country.places.values()}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        address = self._addresses[host]
        found = ResolveResult(
            hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST
        )
        return [found]

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class House:
    """One node: its process, and somebody on the same machine who talks to it over https."""

    place: Place
    settings: Settings
    authority: Authority
    http: ClientSession
    process: subprocess.Popen[bytes] | None = None
    people: dict[str, Client] = field(default_factory=dict)

    @property
    def ada(self) -> Client:
        return self.people["ada"]

    def start(self) -> None:
        """`rochdale serve` in the namespace, trusting the test's authority as an operator would tell it to."""
        command = ["ip", "netns", "exec", self.place.namespace, sys.executable, "-m", "node", "serve"]
        told = {**os.environ, "SSL_CERT_FILE": str(self.authority.file)}
        with (self.settings.data_dir / "node.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--data", str(self.settings.data_dir)], stdout=log, stderr=log, env=told
            )

    def kill(self) -> None:
        """Kill -9, in the middle of whatever it is doing."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    async def answers(self) -> bool:
        async with self.http.get(f"{self.place.origin}/healthz") as answer:
            return answer.status == 200

    async def enter(self, *names: str) -> None:
        """Ada signs in, and enrols the others."""
        anybody = Client(self.http, f"{self.place.origin}/api/v1")
        self.people["ada"] = await anybody.sign_in("ada")
        for name in names:
            told = {"name": name, "display_name": name.capitalize(), "passphrase": PASSPHRASE}
            assert (await self.ada.post("members", told)).status == 201
            self.people[name] = await anybody.sign_in(name)

    async def own(self) -> dict[str, Any] | None:
        """The body's own proposal on the question, once it has one."""
        listed = (await self.ada.get("proposals", params={"origin": "own"})).body["items"]
        return next((one for one in listed if one["title"] == TITLE), None)

    async def outcome(self) -> dict[str, Any]:
        """What the body decided, with the decision that binds it, as far as there are any."""
        own = await self.own()
        answer = await self.ada.get(f"proposals/{own['key']}/outcome") if own else None
        return dict(answer.body) if answer and answer.status == 200 else {}

    async def vote(self, **choices: str) -> None:
        own = await self.own()
        assert own is not None
        for person, choice in choices.items():
            cast = await self.people[person].post(f"proposals/{own['key']}/ballots", {"choice": choice})
            assert cast.status == 201, cast.body


@dataclass
class Valley:
    """The country, its houses, and what happens between them."""

    country: Country
    houses: dict[str, House] = field(default_factory=dict)

    async def join_up(self) -> None:
        """Each body asks the one above it, which accepts."""
        for above, names in BELOW.items():
            for below in names:
                address = {"address": self.houses[above].place.origin}
                asked = await self.houses[below].ada.post("memberships", address)
                assert asked.status == 202, asked.body
        for above, names in BELOW.items():
            for below in names:
                await until(lambda above=above, below=below: self._accepted(above, below))  # type: ignore[misc]

    async def ask(self) -> None:
        """The question opens at the top."""
        ada = self.houses["union"].ada
        drafted = await ada.post("proposals", {"title": TITLE, "text": "We open on Saturdays."})
        for step in ("submit", "open"):
            done = await ada.post(f"proposals/{drafted.body['key']}/{step}")
            assert done.status == 200, done.body

    async def evidence_seen_from(self, handle: str) -> bytes | None:
        """The top's bundle, fetched over the wire from that namespace; None while it is being gathered."""
        question = await self.houses["union"].own()
        assert question is not None
        async with self.houses[handle].http.get(f"{question['id']}/evidence") as answer:
            return await answer.read() if answer.status == 200 else None

    async def is_bound_alike(self) -> bool:
        """Whether everybody below holds the top's decision, byte for byte."""
        top = (await self.houses["union"].outcome()).get("document")
        held = [(await house.outcome()).get("decision") for house in self.houses.values()]
        return top is not None and all(one == top for one in held)

    async def _accepted(self, above: str, below: str) -> bool:
        """Whether `above` has accepted `below`, whose application may still be on its way, and both know it."""
        actor = f"{self.houses[below].place.origin}/body"
        told = {"actor": actor, "accept": True, "weight": WEIGHTS.get(below, 1)}
        await self.houses[above].ada.post("constituents/decide", told)
        listed = (await self.houses[below].ada.get("memberships")).body["items"]
        return any(one["state"] == "accepted" for one in listed)


async def until(is_so: Callable[[], Awaitable[Any]]) -> Any:
    """What it gives once that is true; what cannot be reached now is asked again. TimeoutError after a while."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                if found := await is_so():
                    return found
            except UNREACHABLE:
                pass
            await asyncio.sleep(BETWEEN_LOOKS_SECONDS)


@asynccontextmanager
async def founded_valley(folder: Path, migrated: Path) -> AsyncIterator[Valley]:
    """The valley up and joined, each node on a copy of that empty database.

    Every process, socket and namespace is gone afterwards, whatever happened.
    """
    authority = new_authority(folder)
    country = build_country(HOSTS)
    valley = Valley(country)
    async with AsyncExitStack() as after:
        after.callback(country.remove)
        for handle, place in country.places.items():
            proxy = await serve_tls(place, authority.server_context(folder, place.host))
            after.callback(proxy.close)
            connector = TCPConnector(
                ssl=authority.client_context(),
                resolver=Known(country),
                force_close=True,
                socket_factory=lambda info, place=place: place.open_socket(info[0]),  # type: ignore[misc]
            )
            http = await after.enter_async_context(ClientSession(connector=connector, timeout=ClientTimeout(10)))
            house = valley.houses[handle] = House(place, await _founded(folder, place, migrated), authority, http)
            after.callback(_end, house)
            house.start()
        for handle, house in valley.houses.items():
            await until(house.answers)
            await house.enter(*(("blai",) if handle in COOPS else ()))
        await valley.join_up()
        yield valley


async def _founded(folder: Path, place: Place, migrated: Path) -> Settings:
    settings = quick_settings(
        folder / place.handle,
        port=NODE_PORT,
        origin=place.origin,
        allow_loopback_peers=False,
        retry_base_seconds=0.2,
        retry_cap_seconds=0.5,
        lease_seconds=5,
    )
    write_settings(settings)
    shutil.copyfile(migrated, settings.data_dir / "node.db")
    founding = Founding(
        name=place.handle.capitalize(),
        handle=place.handle,
        kind="assembly" if place.handle in BELOW else "coop",
        operator="ada",
        passphrase=PASSPHRASE,
        rule=EARLY,
    )
    store = await open_prepared_store(settings)
    try:
        await found_body(store, open_sealer(settings), settings=settings, founding=founding, now=utc_now())
    finally:
        await store.close()
    return settings


def _end(house: House) -> None:
    if house.process is not None and house.process.poll() is None:
        house.kill()
