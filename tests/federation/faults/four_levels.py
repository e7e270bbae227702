"""Nine real nodes on four levels: a continent, its federations, their districts, and co-ops at two depths.

Founded and joined once for all tests of a module; each test opens a copy of their rows. Called by the tests of this
folder.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import ClientSession, CookieJar

from node.governance.evidence import verify_bundle
from tests.doors.api import Client, Clock
from tests.federation.town import House, Town, open_question, served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from node.governance.evidence import Report
    from node.settings import Settings

DAY = 86_400
BELOW = {"continent": ("north", "south"), "north": ("n1", "n2"), "south": ("s1",), "n1": ("n1a", "n1b"), "s1": ("s1a",)}
COOPS = ("n1a", "n1b", "n2", "s1a")
PEOPLE = ("ada", "blai", "carme")
BALLOTS = {
    "n1a": "for for against",
    "n1b": "for for for",
    "n2": "against against for",
    "s1a": "for against against",
}
"""What ada, blai and carme of each co-op choose. Counted by hand below."""
WEIGHTS = {"north": 2, "n1": 2}
COUNTED_BY_HAND = {
    "continent": (2, 1, 0), "north": (2, 1, 0), "south": (0, 1, 0), "n1": (2, 0, 0), "s1": (0, 1, 0),
    "n1a": (2, 1, 0), "n1b": (3, 0, 0), "n2": (1, 2, 0), "s1a": (1, 2, 0),
}  # fmt: skip
"""For, against, abstained at each body. The north counts double at the top, n1 in the north."""


TITLE = "One market for all"


@dataclass
class Continent:
    """The nodes by handle, the question that the top asks, and what came of it."""

    town: Town
    question: dict[str, Any] = field(default_factory=dict)

    def house(self, handle: str) -> House:
        return self.town.houses[handle]

    async def ask(self) -> None:
        """The question opens at the top and goes down as far as everybody is up."""
        self.question = await open_question(self.house("continent"), title=TITLE, window_seconds=4 * DAY)
        await self.town.pass_time(seconds=1)

    async def vote(self, coops: Iterable[str] = COOPS) -> None:
        """The members of these co-ops cast their ballots at home."""
        for coop in coops:
            key = (await self.own(coop))["key"]
            for person, choice in zip(PEOPLE, BALLOTS[coop].split(), strict=True):
                answer = await self.house(coop).people[person].post(f"proposals/{key}/ballots", {"choice": choice})
                assert answer.status == 201, answer.body
        await self.town.settle()

    async def own(self, handle: str) -> dict[str, Any]:
        """The body's own proposal on the question."""
        listed = (await self.house(handle).ada.get("proposals", params={"origin": "own"})).body["items"]
        return next(one for one in listed if one["title"] == TITLE)

    async def outcome(self, handle: str) -> dict[str, Any]:
        """What the body decided, with the decision that binds it."""
        found: dict[str, Any] = (
            await self.house(handle).ada.get(f"proposals/{(await self.own(handle))['key']}/outcome")
        ).body
        return found

    async def tallies(self) -> dict[str, tuple[int, int, int]]:
        """For, against and abstained at each body that has closed."""
        told = {handle: (await self.outcome(handle))["tally"] for handle in COUNTED_BY_HAND}
        return {handle: (tally["for"], tally["against"], tally["abstain"]) for handle, tally in told.items()}

    async def lines(self, handle: str) -> dict[str, str]:
        """How an assembly's signed outcome lists its constituents: status by handle."""
        names = {house.node.body.did: name for name, house in self.town.houses.items()}
        document = (await self.outcome(handle))["document"]
        return {names[line["body"]]: line["status"] for line in document["governance"]["constituents"]}

    async def proven(self) -> Report:
        """What an offline recount of the top's evidence says."""
        async with self.town.http.get(f"{self.question['id']}/evidence") as answer:
            assert answer.status == 200
            return verify_bundle(await answer.read())

    async def is_bound_alike(self) -> bool:
        """Whether every node holds the top's decision, byte for byte."""
        top = (await self.outcome("continent"))["document"]
        return all(
            [(await self.outcome(handle))["decision"] == top for handle in COUNTED_BY_HAND if handle != "continent"]
        )


@dataclass(frozen=True)
class Founded:
    """Nodes that were founded and joined, and are down: settings and everybody's sign-in by handle."""

    settings: Mapping[str, Settings]
    signed_in: Mapping[str, Mapping[str, Mapping[str, str]]]
    at: datetime


async def found_continent(folder: Path, fresh_url: Callable[[], str]) -> Founded:
    """The nodes, and every body joined to the one above it."""
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as http:
        town = Town(folder, fresh_url, http)
        for name in COUNTED_BY_HAND:
            people = () if name in BELOW else PEOPLE[1:]
            await town.build(name, *people, kind="assembly" if name in BELOW else "coop", margin_seconds=3600)
        for above, names in BELOW.items():
            for below in names:
                await town.join(town.houses[below], town.houses[above], weight=WEIGHTS.get(below, 1))
        await town.pass_time(seconds=1)
        for house in town.houses.values():
            await house.stop()
        return Founded(
            settings={name: house.settings for name, house in town.houses.items()},
            signed_in={
                name: {who: one.headers for who, one in house.people.items()} for name, house in town.houses.items()
            },
            at=town.clock.now,
        )


async def open_continent(founded: Founded, folder: Path, http: ClientSession) -> Continent:
    """The nodes up again, on copies of their rows."""
    town = Town(folder, lambda: "", http, Clock(founded.at))
    for name, before in founded.settings.items():
        shutil.copytree(before.data_dir, folder / name)
        database = shutil.copy(before.database_url.removeprefix("sqlite:///"), folder / f"{name}.db")
        settings = before.model_copy(update={"data_dir": folder / name, "database_url": f"sqlite:///{database}"})
        house = House(town, settings, *await served(settings, town.clock))
        house.people = {
            who: Client(http, f"{settings.origin}/api/v1", dict(headers))
            for who, headers in founded.signed_in[name].items()
        }
        town.houses[name] = house
    return Continent(town)
