"""What passed binds nobody before the constituents have ratified it in their own time; silence does not (G6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from node.governance.evidence import verify_bundle
from node.services.house.keys import rotate
from storage import proposals, statutes
from tests.federation.ends.saying import DAY, evidence_of, page_of, refused_at, say, signed_by
from tests.federation.town import cast, open_draft, open_question, own_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.federation.town import House, Town

EVERYBODY: dict[str, Any] = {"ratification": {"kind": "unanimity", "within_seconds": 7 * DAY}}
MOST: dict[str, Any] = {"ratification": {"kind": "threshold", "share": "2/3", "within_seconds": 7 * DAY}}


@dataclass
class Union:
    """Alpha, an assembly whose decisions are ratified, of the co-ops beta, gamma and delta."""

    town: Town
    alpha: House
    below: list[House]

    async def everybody_casts(self, question: Mapping[str, Any], *choices: str | None) -> None:
        for house, choice in zip(self.below, choices, strict=True):
            if choice:
                answer = await cast(house, dict(question), "ada", choice)
                assert answer.status == 201, answer.body
        await self.town.settle()
        await self.town.pass_time(seconds=1)

    async def decide(self, question: Mapping[str, Any]) -> None:
        """Two of three are for it, so it passes."""
        await self.everybody_casts(question, "for", "for", "against")

    async def ratification(self, house: House, question: Mapping[str, Any]) -> dict[str, Any]:
        """The proposal that ratifies that one, as the house has it."""
        listed = (await house.ada.get("proposals")).body["items"]
        seen = [(await house.ada.get(f"proposals/{one['key']}")).body for one in listed]
        return next(one for one in seen if one["ratifies"] == question["id"])

    async def word(self, house: House, question: Mapping[str, Any]) -> str | None:
        """What the house knows about whether that decision was ratified."""
        async with house.node.store.read() as tx:
            found = await proposals.find(tx, question["id"])
        return found.ratification if found else None

    async def bound(self, question: Mapping[str, Any]) -> list[bool]:
        """Whether the decision binds, at the assembly and at each constituent."""
        own = (await self.alpha.ada.get(f"proposals/{question['key']}/outcome")).body["decision"]
        answers = [(house, await own_answer(house, dict(question))) for house in self.below]
        theirs = [(await house.ada.get(f"proposals/{one['key']}/outcome")).body["decision"] for house, one in answers]
        return [one is not None for one in (own, *theirs)]


async def assembled(town: Town, terms: Mapping[str, Any]) -> Union:
    alpha = await town.build("alpha", kind="assembly", terms=terms)
    below = [await town.build(handle) for handle in ("beta", "gamma", "delta")]
    for house in below:
        await town.join(house, alpha)
    return Union(town, alpha, below)


async def decided(town: Town, terms: Mapping[str, Any]) -> tuple[Union, dict[str, Any]]:
    union = await assembled(town, terms)
    question = await open_question(union.alpha, window_seconds=2 * DAY)
    await town.settle()
    await union.decide(question)
    return union, question


async def test_what_passed_binds_nobody_until_all_have_ratified_it(town: Town) -> None:
    union, question = await decided(town, EVERYBODY)
    before = await union.bound(question)
    page = await page_of(union.alpha, f"/proposals/{question['key']}")
    again = await union.ratification(union.alpha, question)
    await union.everybody_casts(again, "for", "for", "for")
    await town.pass_time(minutes=10)
    outcome = (await union.alpha.ada.get(f"proposals/{question['key']}/outcome")).body
    report = verify_bundle(await evidence_of(union.alpha, again))

    assert before == [False] * 4
    assert "It binds nobody yet" in page
    assert again["type"] == "ratification"
    assert await union.bound(question) == [True] * 4
    assert [await union.word(house, question) for house in (union.alpha, *union.below)] == ["ratified"] * 4
    assert outcome["decision"] == outcome["document"]
    assert report.valid, report.failure
    assert report.levels is not None
    assert report.levels.ratifies is not None
    assert "The constituents ratified it" in await page_of(union.alpha, f"/proposals/{question['key']}")


async def test_silence_does_not_ratify(town: Town) -> None:
    union, question = await decided(town, EVERYBODY)
    again = await union.ratification(union.alpha, question)
    await union.below[2].stop()
    for house in union.below[:2]:
        await cast(house, again, "ada", "for")
    await town.pass_time(days=8)
    await union.below[2].restart()
    await town.pass_time(minutes=10)

    assert (await union.ratification(union.alpha, question))["outcome"] == "rejected"
    assert await union.bound(question) == [False] * 4
    assert [await union.word(house, question) for house in (union.alpha, *union.below)] == ["not_ratified"] * 4


async def test_a_share_of_all_weight_is_enough_where_the_statute_says_so(town: Town) -> None:
    union, question = await decided(town, MOST)
    again = await union.ratification(union.alpha, question)
    await union.everybody_casts(again, "for", "for", "against")
    await town.pass_time(minutes=10)

    assert await union.bound(question) == [True] * 4
    assert verify_bundle(await evidence_of(union.alpha, again)).valid


async def test_the_evidence_holds_when_the_assembly_changed_its_key_in_between(town: Town) -> None:
    union, question = await decided(town, MOST)
    await town.pass_time(minutes=10)
    again = await union.ratification(union.alpha, question)
    await rotate(union.alpha.node, by="ada")
    await town.pass_time(hours=49)
    await union.everybody_casts(again, "for", "for", "for")
    await town.pass_time(minutes=10)

    report = verify_bundle(await evidence_of(union.alpha, again))
    assert report.valid, report.failure


async def test_the_evidence_holds_when_an_assembly_below_has_another_key_than_its_statute(town: Town) -> None:
    top, middle = await town.build("top", kind="assembly", terms=EVERYBODY), await town.build("middle", kind="assembly")
    beta = await town.build("beta")
    await town.join(beta, middle)
    await rotate(middle.node, by="ada")
    await town.settle()
    await town.join(middle, top)
    union = Union(town, top, [middle])
    question = await open_question(top, window_seconds=2 * DAY)
    await town.settle()
    await cast(beta, await own_answer(middle, question), "ada", "for")
    await town.pass_time(minutes=10)
    again = await union.ratification(top, question)
    await cast(beta, await own_answer(middle, again), "ada", "for")
    await town.pass_time(minutes=10)

    report = verify_bundle(await evidence_of(top, again))
    assert report.valid, report.failure


async def test_a_statute_changes_only_when_its_change_was_ratified(town: Town) -> None:
    union = await assembled(town, MOST)
    drafted = await union.alpha.ada.post(
        "statutes/amendments", {"title": "A new name", "reasons": "We grew.", "changes": {"name": "Alpha and more"}}
    )
    question = await open_draft(union.alpha, drafted.body)
    await town.settle()
    await union.decide(question)
    versions = []
    for _ in range(2):
        async with union.alpha.node.store.read() as tx:
            latest = await statutes.latest(tx, union.alpha.node.body.did)
        assert latest is not None
        versions.append((latest.document["governance"]["name"], latest.document["governance"]["adopted_by"]))
        again = await union.ratification(union.alpha, question)
        if again["state"] == "open":
            await union.everybody_casts(again, "for", "for", "for")

    outcome = (await union.alpha.ada.get(f"proposals/{question['key']}/outcome")).body
    assert versions[0] == ("Alpha", None)
    assert versions[1][0] == "Alpha and more"
    assert versions[1][1]["digest"] == outcome["digest"]


async def test_a_ratification_by_another_rule_or_of_what_did_not_pass_is_refused(town: Town) -> None:
    union, question = await decided(town, EVERYBODY)
    again = await union.ratification(union.alpha, question)
    beta = union.below[0]
    async with union.alpha.node.store.read() as tx:
        honest = await proposals.find(tx, again["id"])
    assert honest is not None
    assert honest.document is not None
    about = honest.document["governance"]["ratifies"]
    lax = {**honest.document["governance"]["rule"], "threshold": "1/3"}
    other = {**about, "outcome": {**about["outcome"], "digest": "sha256:" + "0" * 64}}

    await say(union.alpha, signed_by(union.alpha, honest.document, rule={**lax, "preset": None}), to=beta)
    await say(union.alpha, signed_by(union.alpha, honest.document, ratifies=other), to=beta)
    await say(union.alpha, signed_by(union.alpha, honest.document, ratifies={"proposal": 1}), to=beta)

    assert await refused_at(beta) == ["proposal-invalid"] * 3


async def test_what_was_not_ratified_is_not_asked_again_until_it_passes(town: Town) -> None:
    union, question = await decided(town, EVERYBODY)
    again, beta = await union.ratification(union.alpha, question), union.below[0]
    async with union.alpha.node.store.read() as tx:
        honest = await proposals.find(tx, again["id"])
    assert honest is not None
    assert honest.document is not None

    await say(union.alpha, signed_by(union.alpha, honest.document), to=beta)
    meanwhile = await refused_at(beta)
    await union.everybody_casts(again, "for", "for", "against")
    await town.pass_time(days=8)
    await say(union.alpha, signed_by(union.alpha, honest.document), to=beta)

    assert meanwhile == ["proposal-invalid"]
    assert await union.word(beta, question) == "not_ratified"
    assert await refused_at(beta) == ["proposal-invalid"] * 2


async def test_a_decision_settled_once_stays_as_it_was_settled(town: Town) -> None:
    union, question = await decided(town, EVERYBODY)
    again, beta = await union.ratification(union.alpha, question), union.below[0]
    async with beta.node.store.write() as tx:
        await proposals.update(tx, question["id"], ratification="not_ratified")
    await union.everybody_casts(again, "for", "for", "for")
    await town.pass_time(minutes=10)

    assert await union.word(beta, question) == "not_ratified"
    assert await union.bound(question) == [True, False, True, True]


async def test_nobody_vetoes_a_ratification(town: Town) -> None:
    union, question = await decided(town, {**MOST, "veto": {"types": ["ratification"]}})
    again = await union.ratification(union.below[0], question)
    vetoed = await union.below[0].ada.post(f"proposals/{again['key']}/vetoes", {"reason": "We refuse otherwise."})

    assert (vetoed.status, vetoed.code) == (422, "veto-not-allowed")


@pytest.mark.parametrize("written", ["ratification", "Emergency", "two words"])
async def test_nobody_writes_a_ratification_or_an_odd_type_by_hand(town: Town, written: str) -> None:
    alpha = await town.build("alpha", kind="assembly")
    drafted = await alpha.ada.post("proposals", {"title": "One", "text": "Two.", "type": written})

    assert (drafted.status, drafted.code) == (422, "type-invalid")
