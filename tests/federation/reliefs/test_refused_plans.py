"""A plan that was vetoed, or not ratified, or not endorsed, moves nothing on any node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.federation.reliefs.flood import DAY, PAIR, RATIFIED, VETOABLE, flooded
from tests.federation.town import own_answer

if TYPE_CHECKING:
    from tests.federation.town import Town

REASON = "Our only well runs dry."


async def test_a_veto_with_a_reason_stops_the_plan_everywhere(town: Town) -> None:
    flood = await flooded(town, VETOABLE, below=PAIR)
    survey = (await flood.begin())["survey"]
    await flood.report_stock()
    await flood.decide(survey)
    await flood.said(flood["union"], "plans")
    await flood.endorse()
    put = await flood.said(flood["union"], "put", window_seconds=2 * DAY)
    await flood.cast(put["id"])
    answer = await own_answer(flood["ash"], put)
    vetoed = await flood["ash"].ada.post(f"proposals/{answer['key']}/vetoes", {"reason": REASON})
    await town.settle()
    outcome = await flood.close(put["id"])
    seen = [await flood.seen(house) for house in town.houses.values()]
    sent = await flood.say(flood["ash"], "deliveries", transfer=1, state="sent", amount=1)

    assert (vetoed.status, outcome) == (201, "vetoed")
    assert {(one["step"], one["in_force"] is None) for one in seen} == {("council", True)}
    assert (sent.status, sent.code) == (422, "relief-not-in-force")
    again = await flood.said(flood["union"], "plans", text="Without the well.")
    assert [(await flood.seen(house))["plan"]["endorsed_for"] for house in town.houses.values()] == [0, 0, 0]
    assert again["document"]["governance"]["version"] == 2


async def test_a_plan_that_is_not_ratified_never_comes_into_force(town: Town) -> None:
    flood = await flooded(town, RATIFIED, below=PAIR)
    survey = (await flood.begin())["survey"]
    await flood.report_stock()
    await flood.decide(survey)
    await flood.said(flood["union"], "plans")
    await flood.endorse()
    put = await flood.said(flood["union"], "put", window_seconds=2 * DAY)
    await flood.cast(put["id"])
    pending = [(await flood.seen(house))["step"] for house in town.houses.values()]
    await flood.ratify("against")
    seen = [await flood.seen(house) for house in town.houses.values()]

    assert pending == ["ratification"] * 3
    assert {(one["step"], one["in_force"] is None) for one in seen} == {("council", True)}


async def test_a_plan_is_put_only_when_the_survey_passed_and_more_than_half_of_the_delegates_are_for_it(
    town: Town,
) -> None:
    flood = await flooded(town, VETOABLE, below=PAIR)
    survey = (await flood.begin())["survey"]
    await flood.report_stock()
    nothing = await flood.say(flood["union"], "put")
    await flood.said(flood["union"], "plans")
    await flood.endorse()
    early = await flood.say(flood["union"], "put", window_seconds=2 * DAY)
    await flood.decide(survey)
    await flood.said(flood["union"], "plans", text="The second version starts from nothing.")
    await flood.endorse("ash")
    unendorsed = await flood.say(flood["union"], "put", window_seconds=2 * DAY)
    against = await flood.said(flood["birch"], "endorsements", choice="against")
    twice = await flood.say(flood["birch"], "endorsements", choice="for")
    foreign = await flood.say(flood["ash"], "put", window_seconds=2 * DAY)
    town.clock.move(days=4)
    late = await flood.say(flood["birch"], "stocks", delegate="Ada", lines=[], people=1, urgency=1, days_left=1)

    assert [one.code for one in (nothing, early, unendorsed)] == [
        "relief-plan-unknown", "relief-survey-open", "relief-not-endorsed",
    ]  # fmt: skip
    assert against["document"]["governance"]["choice"] == "against"
    assert (twice.code, foreign.code) == ("relief-endorsed-twice", "relief-not-the-assembly")
    assert (late.code, (await flood.seen(flood["birch"]))["stocks"][0]["seq"]) == ("relief-stock-late", 1)
    listed = (await flood["union"].ada.get("proposals", params={"origin": "own"})).body["items"]
    assert [one["id"] for one in listed] == [survey]
