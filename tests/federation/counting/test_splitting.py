"""A constituent splits its position as its own members decided, where the assembly's statute lets it (G6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from node.governance.evidence import verify_bundle
from tests.federation.town import cast, open_question, own_answer

if TYPE_CHECKING:
    from tests.federation.town import House, Town


@dataclass
class Union:
    """Alpha, whose statute lets bodies split: beta weighs 6 and has three members, gamma weighs 3."""

    town: Town
    alpha: House
    beta: House
    gamma: House

    async def choose(self, house: House, *, splits: bool) -> Any:
        return await house.ada.post("memberships/split", {"assembly": self.alpha.actor, "splits": splits})

    async def decided(self, question: dict[str, Any]) -> dict[str, Any]:
        """The assembly's outcome after beta said two to one for and gamma against."""
        for house, name, choice in (
            (self.beta, "ada", "for"), (self.beta, "blai", "for"), (self.beta, "carme", "against"),
            (self.gamma, "ada", "against"),
        ):  # fmt: skip
            assert (await cast(house, question, name, choice)).status == 201
        await self.town.pass_time(minutes=10)
        async with self.town.http.get(f"{question['id']}/evidence") as answer:
            report = verify_bundle(await answer.read())
        assert report.valid, report.failure
        found: dict[str, Any] = (await self.alpha.ada.get(f"proposals/{question['key']}/outcome")).body
        return found


@pytest.fixture
async def union(town: Town) -> Union:
    alpha = await town.build("alpha", kind="assembly", terms={"may_split": True})
    beta, gamma = await town.build("beta", "blai", "carme"), await town.build("gamma")
    await town.join(beta, alpha, weight=6)
    await town.join(gamma, alpha, weight=3)
    return Union(town, alpha, beta, gamma)


async def test_the_parts_follow_from_the_bodys_own_tally(union: Union) -> None:
    chosen = await union.choose(union.beta, splits=True)
    question = await open_question(union.alpha)
    await union.town.settle()
    answer = (await union.beta.ada.get(f"proposals/{(await own_answer(union.beta, question))['key']}")).body
    async with union.town.http.get(f"{answer['id']}/frozen") as frozen:
        told = (await frozen.json(content_type=None))["governance"]

    outcome = await union.decided(question)
    lines = {line["body"]: line for line in outcome["document"]["governance"]["constituents"]}
    beta, gamma = (lines[house.node.body.did] for house in (union.beta, union.gamma))

    assert (chosen.status, chosen.body["splits"], told["splits"]) == (200, True, True)
    assert (beta["split"], beta["choice"]) == ({"for": 4, "against": 2, "abstain": 0}, "for")
    assert "split" not in gamma
    assert (outcome["outcome"], outcome["tally"]["for"], outcome["tally"]["against"]) == ("rejected", 4, 5)


async def test_whoever_does_not_choose_it_votes_as_one(union: Union) -> None:
    await union.choose(union.beta, splits=True)
    await union.choose(union.beta, splits=False)
    question = await open_question(union.alpha)
    await union.town.settle()

    outcome = await union.decided(question)

    assert (outcome["outcome"], outcome["tally"]["for"], outcome["tally"]["against"]) == ("passed", 6, 3)


async def test_a_question_that_is_open_is_answered_as_its_members_were_told(union: Union) -> None:
    question = await open_question(union.alpha)
    await union.town.settle()
    await union.choose(union.beta, splits=True)

    outcome = await union.decided(question)

    assert (outcome["tally"]["for"], outcome["tally"]["against"]) == (6, 3)


async def test_the_live_count_parts_a_split_weight_as_the_final_one_does(union: Union) -> None:
    await union.choose(union.beta, splits=True)
    question = await open_question(union.alpha)
    await union.town.settle()
    for name, choice in (("ada", "for"), ("blai", "for"), ("carme", "against")):
        await cast(union.beta, question, name, choice)
    await union.town.settle()

    by_api = (await union.alpha.ada.get(f"proposals/{question['key']}")).body["tally"]
    async with union.town.http.get(f"{question['id']}/live", headers={"Accept": "text/html"}) as answer:
        page = await answer.text()

    assert (by_api["for"], by_api["against"], by_api["electorate"]) == (4, 2, 9)
    assert "4 for, 2 against" in " ".join(page.split())


async def test_where_the_statute_lets_nobody_split_the_choice_is_refused(town: Town, union: Union) -> None:
    strict = await town.build("strict", kind="assembly")
    await town.join(union.gamma, strict)

    refused = await union.gamma.ada.post("memberships/split", {"assembly": strict.actor, "splits": True})
    stranger = await union.choose(strict, splits=True)
    member = await union.beta.people["blai"].post("memberships/split", {"assembly": union.alpha.actor, "splits": True})

    assert [one.code for one in (refused, stranger, member)] == ["split-not-allowed", "not-found", "forbidden"]
