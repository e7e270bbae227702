"""A co-op in two assemblies below the same one is asked the same twice, and its members cast once (G6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from node.governance.evidence import verify_bundle
from storage import proposals
from tests.federation.ends.saying import DAY, evidence_of, page_of
from tests.federation.town import EARLY, open_question

if TYPE_CHECKING:
    from tests.federation.town import House, Town


@dataclass
class Twice:
    """Beta belongs to place and to sector, which both belong to top; `first` and `second` are its two answers."""

    town: Town
    top: House
    beta: House
    question: dict[str, Any]
    first: dict[str, Any]
    second: dict[str, Any]

    async def choices(self, name: str = "ada") -> list[str | None]:
        """What somebody said at either."""
        door = self.beta.people[name]
        return [(await door.get(f"proposals/{one['key']}")).body["my_choice"] for one in (self.first, self.second)]


@pytest.fixture
async def twice(town: Town) -> Twice:
    top, place, sector = [
        await town.build(handle, kind="assembly", mode="members", terms={"leaves": True})
        for handle in ("top", "place", "sector")
    ]
    beta = await town.build("beta", "blai", rule=EARLY)
    for below, above in ((beta, place), (beta, sector), (place, top), (sector, top)):
        await town.join(below, above)
    question = await open_question(top, window_seconds=4 * DAY)
    await town.settle()
    await town.pass_time(seconds=1)
    listed = (await beta.ada.get("proposals", params={"origin": "own"})).body["items"]
    first, second = sorted(listed, key=lambda one: str(one["created_at"]))
    return Twice(town, top, beta, question, first, second)


async def test_one_ballot_serves_both_answers_and_each_member_counts_once_at_the_top(twice: Twice) -> None:
    cast = await twice.beta.ada.post(f"proposals/{twice.first['key']}/ballots", {"choice": "for"})
    seen = (await twice.beta.ada.get(f"proposals/{twice.second['key']}")).body
    page = await page_of(twice.beta, f"/proposals/{twice.first['key']}")
    await twice.beta.people["blai"].post(f"proposals/{twice.second['key']}/ballots", {"choice": "against"})
    await twice.town.settle()
    await twice.town.pass_time(minutes=5)
    outcome = (await twice.top.ada.get(f"proposals/{twice.question['key']}/outcome")).body
    report = verify_bundle(await evidence_of(twice.top, twice.question))

    assert cast.body["along"] == [twice.second["id"]]
    assert (seen["my_choice"], seen["same_question"]) == ("for", [twice.first["id"]])
    assert "asks us the same. What you cast here counts there too" in page
    assert await twice.choices("blai") == ["against", "against"]
    assert (outcome["tally"]["for"], outcome["tally"]["against"], outcome["tally"]["electorate"]) == (1, 1, 2)
    assert report.valid, report.failure


async def test_the_last_word_on_a_text_is_the_last_word_at_both(twice: Twice) -> None:
    first, second = twice.first["key"], twice.second["key"]
    for key, choice in ((first, "for"), (second, "abstain"), (first, "against")):
        await twice.beta.ada.post(f"proposals/{key}/ballots", {"choice": choice})

    assert await twice.choices() == ["against", "against"]


async def test_a_ballot_still_counts_where_it_was_cast_when_the_other_has_closed(twice: Twice) -> None:
    async with twice.beta.node.store.write() as tx:
        await proposals.update(tx, twice.second["id"], closes_at=twice.town.clock.now)
    twice.town.clock.move(seconds=1)
    cast = await twice.beta.ada.post(f"proposals/{twice.first['key']}/ballots", {"choice": "for"})

    assert (cast.status, cast.body["along"]) == (201, [])
    assert await twice.choices() == ["for", None]


async def test_another_text_of_the_same_assemblies_is_asked_by_itself(twice: Twice) -> None:
    await open_question(twice.top, title="A second market", window_seconds=4 * DAY)
    await twice.town.pass_time(seconds=1)
    cast = await twice.beta.ada.post(f"proposals/{twice.first['key']}/ballots", {"choice": "for"})

    assert cast.body["along"] == [twice.second["id"]]
