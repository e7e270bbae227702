"""Several real nodes in one process: own databases, keys and ports, real HTTP, one clock that stands until it is moved.

Nothing runs by itself: `settle` runs the nodes' job rows until none is due, so a test decides what happens before what.
Called by the tests of this folder.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp.test_utils import TestServer

from node.app import build_app
from node.jobs import run_batch
from node.wiring import Running, build_node
from tests.doors.api import PASSPHRASE, Answer, Client, Clock, found, quick_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from aiohttp import ClientSession

    from node.context import Node
    from node.settings import Settings

MOST_ROUNDS = 200
EARLY = {"preset": "majority", "closes_early": True}


@dataclass(eq=False)
class House:
    """One node of the town; `ada` is its operator. A node that is down keeps its rows and loses everything else.

    `clock` is what it reads after a restart where that is not the town's clock.
    """

    town: Town
    settings: Settings
    node: Node
    server: TestServer
    people: dict[str, Client] = field(default_factory=dict)
    is_up: bool = True
    clock: Callable[[], datetime] | None = None

    @property
    def actor(self) -> str:
        return self.node.body.actor_id

    @property
    def ada(self) -> Client:
        return self.people["ada"]

    async def enrol(self, *names: str) -> None:
        """New members, signed in."""
        for name in names:
            enrolled = await self.ada.post(
                "members", {"name": name, "display_name": name.capitalize(), "passphrase": PASSPHRASE}
            )
            assert enrolled.status == 201, enrolled.body
            self.people[name] = await Client(self.town.http, f"{self.node.origin}/api/v1").sign_in(name)

    async def did_of(self, name: str) -> str:
        found_members = await self.ada.get("members")
        return next(str(one["did"]) for one in found_members.body["items"] if one["name"] == name)

    async def stop(self) -> None:
        """Down, as after a power cut: what is not in rows is gone."""
        self.is_up = False
        await self.server.close()

    async def restart(self) -> None:
        """Up again from its rows."""
        self.node, self.server = await served(self.settings, self.clock or self.town.clock)
        self.is_up = True


@dataclass
class Town:
    """The nodes by handle, and their one clock."""

    folder: Path
    fresh_url: Callable[[], str]
    http: ClientSession
    clock: Clock = field(default_factory=Clock)
    houses: dict[str, House] = field(default_factory=dict)

    async def build(
        self,
        handle: str,
        *members: str,
        kind: str = "coop",
        told: Mapping[str, Any] | None = None,
        at: House | None = None,
        **said: Any,
    ) -> House:
        """A founded node that serves, its operator ada and the named members signed in; `told` are settings.

        With `at` it stands at the address of a house that is down for good.
        """
        place: dict[str, Any] = (
            {"origin": at.settings.origin, "listen_port": at.settings.listen_port} if at is not None else {}
        )
        settings = quick_settings(self.folder / handle, database_url=self.fresh_url(), **place, **(told or {}))
        await found(settings, name=handle.capitalize(), handle=handle, kind=kind, **{"rule": EARLY, **said})
        node, server = await served(settings, self.clock)
        house = self.houses[handle] = House(self, settings, node, server)
        house.people["ada"] = await Client(self.http, f"{settings.origin}/api/v1").sign_in("ada")
        await house.enrol(*members)
        return house

    async def settle(self) -> None:
        """Run every node's due job rows until there are none."""
        for _ in range(MOST_ROUNDS):
            ran = [await run_batch(house.node, 50, "test") for house in self.houses.values() if house.is_up]
            if not any(ran):
                return
        raise AssertionError("the nodes never come to rest")

    async def pass_time(self, **by: float) -> None:
        """Move the clock, then let the nodes do what has become due, and what follows from it within moments."""
        self.clock.move(**by)
        for _ in range(8):
            await self.settle()
            self.clock.move(seconds=0.5)
        await self.settle()

    async def join(self, below: House, above: House, *, weight: int = 1) -> None:
        """`below` asks, `above` accepts."""
        asked = await below.ada.post("memberships", {"address": above.node.origin})
        assert asked.status == 202, asked.body
        await self.settle()
        decided = await above.ada.post("constituents/decide", {"actor": below.actor, "accept": True, "weight": weight})
        assert decided.status == 200, decided.body
        await self.settle()

    async def close(self) -> None:
        for house in self.houses.values():
            if house.is_up:
                await house.server.close()


async def served(settings: Settings, clock: Callable[[], datetime]) -> tuple[Node, TestServer]:
    """The node of a founded body, answering on its port; nothing runs its job rows."""
    running = await build_node(settings, clock=clock)
    server = TestServer(build_app(Running(running.node, None)), host="127.0.0.1", port=settings.listen_port)
    await server.start_server()
    return running.node, server


async def open_question(house: House, **written: Any) -> dict[str, Any]:
    """A proposal of that body that has just opened."""
    text = {"title": "One market for all", "text": "We open on Saturdays.", **written}
    drafted = await house.ada.post("proposals", text)
    assert drafted.status == 201, drafted.body
    return await open_draft(house, drafted.body)


async def open_draft(house: House, drafted: dict[str, Any]) -> dict[str, Any]:
    """A draft that has just opened."""
    key = drafted["key"]
    await house.ada.post(f"proposals/{key}/submit")
    opened = await house.ada.post(f"proposals/{key}/open")
    assert opened.status == 200, opened.body
    found_it: dict[str, Any] = opened.body
    return found_it


async def own_answer(house: House, question: dict[str, Any]) -> dict[str, Any]:
    """The body's own proposal on an assembly's question."""
    listed = await house.ada.get("proposals", params={"origin": "own"})
    return next(one for one in listed.body["items"] if one["upstream_id"] == question["id"])


async def cast(house: House, question: dict[str, Any], name: str, choice: str) -> Answer:
    """A member's ballot on their own body's answer to an assembly's question."""
    answer = await own_answer(house, question)
    return await house.people[name].post(f"proposals/{answer['key']}/ballots", {"choice": choice})


async def actor_of(house: House, path: str = "/body") -> dict[str, Any]:
    """What the house serves to peers under its body's address."""
    headers = {"Accept": "application/activity+json"}
    async with house.town.http.get(f"{house.node.origin}{path}", headers=headers) as answer:
        assert answer.status == 200
        return dict(await answer.json(content_type=None))
