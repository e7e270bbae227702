"""A flood: a union, assemblies and co-ops below it, and what they do together. Called by tests of reliefs."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from node.api.door.ids import key_of
from tests.federation.town import own_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.doors.api import Answer
    from tests.federation.town import House, Town

DAY = 86_400
STOCKS: Mapping[str, dict[str, int]] = {
    "ash": {"held": 100, "needed": 20},
    "birch": {"held": 0, "needed": 30},
    "cedar": {"held": 10, "needed": 10},
    "date": {"held": 0, "needed": 40},
    "elm": {"held": 30, "needed": 10},
}
RELIEF: Mapping[str, Any] = {
    "title": "The flood",
    "text": "The river took three villages.",
    "goods": [{"key": "flour", "name": "Flour", "unit": "kg"}],
    "criteria": [{"key": "people", "weight": 2}, {"key": "urgency", "weight": 1}],
    "reserve": "1/5",
    "stock_seconds": 3 * DAY,
    "window_seconds": 2 * DAY,
}
RATIFIED = {"ratification": {"kind": "threshold", "share": "1/2", "within_seconds": DAY}}
VETOABLE = {"veto": {"types": ["emergency"]}}


TREE: Mapping[str, tuple[str, ...]] = {"north": ("ash", "birch", "cedar"), "south": ("date", "elm")}
PAIR: Mapping[str, tuple[str, ...]] = {"union": ("ash", "birch")}


@dataclass
class Flood:
    """The union at the top, and co-ops by the assembly right above them, all by handle."""

    town: Town
    below: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: TREE)
    key: str = ""

    def __getitem__(self, handle: str) -> House:
        return self.town.houses[handle]

    @property
    def coops(self) -> list[House]:
        return [self[handle] for handles in self.below.values() for handle in handles]

    @property
    def relief_id(self) -> str:
        return f"{self['union'].node.origin}/reliefs/{self.key}"

    def key_at(self, house: House) -> str:
        return key_of(house.node.url("reliefs"), self.relief_id)

    async def begin(self, **changes: Any) -> dict[str, Any]:
        begun = await self["union"].ada.post("reliefs", {**RELIEF, **changes})
        assert begun.status == 201, begun.body
        self.key = begun.body["key"]
        await self.town.settle()
        found: dict[str, Any] = begun.body
        return found

    async def say(self, house: House, what: str, **body: Any) -> Answer:
        """What the door answers to the operator there; everybody else hears of it."""
        answer = await house.ada.post(f"reliefs/{self.key_at(house)}/{what}", body)
        await self.town.settle()
        return answer

    async def said(self, house: House, what: str, **body: Any) -> dict[str, Any]:
        answer = await self.say(house, what, **body)
        assert answer.status == 201, answer.body
        found: dict[str, Any] = answer.body
        return found

    async def seen(self, house: House) -> dict[str, Any]:
        """The relief as that body computes it."""
        answer = await house.ada.get(f"reliefs/{self.key_at(house)}")
        assert answer.status == 200, answer.body
        found: dict[str, Any] = answer.body
        return found

    async def decide(self, proposal_id: str, choice: str = "for", *, by: Mapping[str, str] | None = None) -> str:
        """Every co-op's operator casts on it, then it closes at every level; how it ended."""
        await self.cast(proposal_id, choice, by=by)
        return await self.close(proposal_id)

    async def cast(self, proposal_id: str, choice: str = "for", *, by: Mapping[str, str] | None = None) -> None:
        for middle, below in self.below.items():
            asked = {"id": proposal_id}
            between = asked if middle == "union" else await own_answer(self[middle], asked)
            for handle in below:
                if self[handle].is_up:
                    answer = await own_answer(self[handle], between)
                    chosen = {"choice": (by or {}).get(handle, choice)}
                    cast = await self[handle].ada.post(f"proposals/{answer['key']}/ballots", chosen)
                    assert cast.status in {200, 201}, cast.body
        await self.town.settle()

    async def close(self, proposal_id: str) -> str:
        await self.town.pass_time(hours=45, minutes=1)
        await self.town.pass_time(hours=1, minutes=1)
        await self.town.pass_time(hours=2)
        found = await self["union"].ada.get(f"proposals/{proposal_id.rsplit('/', 1)[1]}")
        return str(found.body["outcome"])

    async def report_stock(self, *handles: str) -> None:
        """What these co-ops, or all, have and need, said at once."""
        for house in self._named(handles):
            handle = house.node.body.handle
            stock = {"delegate": "Ada", "lines": [{"good": "flour", **STOCKS[handle]}], "people": len(handle) * 10}
            await self.post(house, "stocks", {**stock, "urgency": 5, "days_left": 3})
        await self.town.settle()

    async def endorse(self, *handles: str) -> None:
        """The delegates of these co-ops, or of all, are for the newest version."""
        for house in self._named(handles):
            await self.post(house, "endorsements", {"choice": "for"})
        await self.town.settle()

    async def post(self, house: House, what: str, body: dict[str, Any]) -> None:
        answer = await house.ada.post(f"reliefs/{self.key_at(house)}/{what}", body)
        assert answer.status == 201, answer.body

    def _named(self, handles: tuple[str, ...]) -> list[House]:
        return [house for house in self.coops if not handles or house.node.body.handle in handles]

    async def in_force(self) -> dict[str, Any]:
        """The whole way until the plan is in force; the relief as the union sees it then."""
        survey = (await self.begin())["survey"]
        await self.report_stock()
        assert await self.decide(survey) == "passed"
        await self.said(self["union"], "plans", text="Flour first.")
        await self.endorse()
        put = await self.said(self["union"], "put", window_seconds=2 * DAY)
        assert await self.decide(put["id"]) == "passed"
        return await self.seen(self["union"])

    async def log_at(self, house: House) -> bytes:
        """The public log as that node serves it."""
        path = f"{self.key}/log" if house is self["union"] else f"elsewhere/log?id={self.relief_id}"
        async with self.town.http.get(f"{house.node.origin}/reliefs/{path}") as answer:
            assert answer.status == 200, await answer.text()
            return await answer.read()

    async def ratify(self, choice: str = "for", *, by: Mapping[str, str] | None = None) -> None:
        """The proposal that ratifies what was decided last, decided in its turn."""
        listed = (await self["union"].ada.get("proposals", params={"state": "open", "origin": "own"})).body["items"]
        for one in listed:
            await self.cast(one["id"], choice, by=by)
        await self.town.pass_time(hours=22, minutes=1)
        await self.town.pass_time(hours=1, minutes=1)
        await self.town.pass_time(hours=2)


async def flooded(town: Town, terms: Mapping[str, Any] | None = None, *, below: Mapping[str, Any] = TREE) -> Flood:
    """Everybody joined, nobody has said anything yet."""
    union = await town.build("union", kind="assembly", terms=dict(terms or {}))
    for middle, handles in below.items():
        above = union if middle == "union" else await town.build(middle, kind="assembly")
        for handle in handles:
            await town.join(await town.build(handle), above)
        if above is not union:
            await town.join(above, union)
    return Flood(town, below)


def documents_of(log: bytes) -> list[dict[str, Any]]:
    return [json.loads(line)["document"] for line in log.decode().splitlines()[1:]]
