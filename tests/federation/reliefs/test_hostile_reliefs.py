"""What is not signed by its author, has no place in the log or comes again is refused, each with its code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from federation.assembly.refusals import ReliefRefusal
from federation.assembly.relief.shapes import MOST_GOODS
from node.services.reliefs.speaking import check_fits
from storage import reliefs
from tests.federation.ends.saying import refused_at, say, signed_by
from tests.federation.reliefs.flood import DAY, PAIR, flooded

if TYPE_CHECKING:
    from tests.federation.reliefs.flood import Flood
    from tests.federation.town import House, Town


async def kept(flood: Flood, house: House, kind: str) -> list[dict[str, Any]]:
    async with house.node.store.read() as tx:
        entries = await reliefs.entries(tx, flood.relief_id)
    return [dict(one.document) for one in entries if one.kind == kind]


async def refusals(house: House) -> list[str]:
    return [code for code in await refused_at(house) if code]


async def test_hostile_stock_is_refused_and_the_honest_one_stands(town: Town) -> None:
    flood = await flooded(town, below=PAIR)
    union, ash, birch = flood["union"], flood["ash"], flood["birch"]
    mallory = await town.build("mallory")
    await flood.begin()
    await flood.report_stock()
    honest = next(one for one in await kept(flood, union, "stock") if one["attributedTo"] == ash.actor)
    foreign = {"id": flood.relief_id, "digest": "sha256:" + "0" * 64}
    line = {"good": "flour", "held": 1, "needed": 0}

    await say(mallory, signed_by(mallory, honest, body=mallory.node.body.did), to=union)
    await say(mallory, {**signed_by(mallory, honest), "attributedTo": ash.actor}, to=union)
    await say(ash, signed_by(ash, honest, body=birch.node.body.did, seq=2), to=union)
    await say(ash, {**signed_by(ash, honest, seq=2), "name": "changed"}, to=union)
    await say(ash, {n: v for n, v in signed_by(ash, honest, seq=2).items() if n != "proof"}, to=union)
    await say(ash, signed_by(ash, honest, seq=2, urgency=11), to=union)
    await say(ash, signed_by(ash, honest, seq=2, lines=[line] * (MOST_GOODS + 1)), to=union)
    await say(ash, signed_by(ash, honest, seq=2, lines=[{**line, "good": "gold"}]), to=union)
    await say(ash, signed_by(ash, honest, seq=2, relief=foreign), to=union)
    await say(ash, honest, to=union)

    stood = await flood.seen(union)
    assert await refusals(union) == [
        "relief-body-unknown", "relief-body-actor", "relief-signature", "relief-signature",
        "relief-malformed", "relief-too-large", "relief-good-unknown", "relief-other",
    ]  # fmt: skip
    assert {one["id"] for one in await kept(flood, union, "stock")} == {stock["id"] for stock in stood["stocks"]}
    assert sorted((one["seq"], one["people"]) for one in stood["stocks"]) == [(1, 30), (1, 50)]


async def test_stock_after_its_time_does_not_count_and_what_another_overtook_is_kept(town: Town) -> None:
    flood = await flooded(town, below=PAIR)
    union, ash = flood["union"], flood["ash"]
    await flood.begin()
    await flood.report_stock("ash")
    (first,) = await kept(flood, union, "stock")
    await say(ash, signed_by(ash, first, seq=3, people=7), to=union)
    await say(ash, signed_by(ash, first, seq=2, people=8), to=union)
    counted = [(one["seq"], one["people"]) for one in (await flood.seen(union))["stocks"]]
    town.clock.move(days=4)
    await say(ash, signed_by(ash, first, seq=4), to=union)

    assert counted == [(3, 7)]
    assert {one["governance"]["seq"] for one in await kept(flood, union, "stock")} == {1, 2, 3}
    assert await refusals(union) == ["relief-stock-late"]


async def test_a_co_op_that_says_two_things_keeps_no_plan_and_no_decision_from_a_neighbour(town: Town) -> None:
    """Ash tells birch one thing and the union another, under one id and number; then it is against, and for.

    Its own node has heard none of this and waits, so it casts nothing.
    """
    flood = await flooded(town, below=PAIR)
    union, ash, birch = flood["union"], flood["ash"], flood["birch"]
    survey = (await flood.begin())["survey"]
    await flood.report_stock()
    (honest,) = [one for one in await kept(flood, birch, "stock") if one["attributedTo"] == ash.actor]
    for seq in (1, 2):
        await say(ash, signed_by(ash, honest, under=honest["id"], seq=seq, people=7), to=birch)
        await say(ash, signed_by(ash, honest, under=honest["id"], seq=seq, people=8), to=union)
    assert await flood.decide(survey) == "passed"
    await flood.said(union, "plans")
    of_birch = (await flood.said(birch, "endorsements", choice="for"))["document"]
    for choice, house in (("against", birch), ("for", union)):
        await say(ash, signed_by(ash, of_birch, body=ash.node.body.did, choice=choice), to=house)
    put = await flood.said(union, "put", window_seconds=2 * DAY)
    flood.below = {"union": ("birch",)}
    assert await flood.decide(put["id"]) == "passed"
    seen, heard = await flood.seen(union), await flood.seen(birch)

    assert (seen["step"], seen["in_force"]["endorsed_for"]) == ("distribution", 2)
    assert heard["in_force"] == seen["in_force"]
    assert len(await kept(flood, birch, "stock")) == 6
    assert await refusals(birch) == []


async def test_nobody_believes_an_assembly_whose_plan_does_not_follow(town: Town) -> None:
    flood = await flooded(town, below=PAIR)
    union, ash = flood["union"], flood["ash"]
    await flood.begin()
    await flood.report_stock()
    plan = (await flood.said(union, "plans"))["document"]
    more = [{**one, "amount": one["amount"] + 1} for one in plan["governance"]["transfers"]]
    begun = (await flood.seen(union))["document"]

    await say(union, signed_by(union, plan, version=2, transfers=more), to=ash)
    await say(union, signed_by(union, plan, text="The same version again."), to=ash)
    await say(ash, signed_by(ash, plan, version=2), to=union)
    await say(ash, signed_by(ash, begun), to=union)
    await say(union, signed_by(union, begun, title="A second relief on one survey"), to=ash)

    assert await refusals(ash) == ["relief-plan-computed", "relief-decision"]
    assert await refusals(union) == ["relief-not-the-assembly", "relief-not-the-assembly"]
    assert (await flood.seen(ash))["plan"]["version"] == 1


async def test_the_door_refuses_what_is_no_relief(town: Town) -> None:
    flood = await flooded(town, below=PAIR)
    union, ash = flood["union"], flood["ash"]
    await union.enrol("blai")
    good = {"key": "flour", "name": "Flour", "unit": "kg"}
    whole = {
        "title": "The flood", "text": "Help.", "goods": [good], "criteria": [{"key": "people", "weight": 1}],
        "stock_seconds": DAY, "window_seconds": 2 * DAY,
    }  # fmt: skip
    answers = [
        await union.people["blai"].post("reliefs", whole),
        await ash.ada.post("reliefs", whole),
        await union.ada.post("reliefs", {**whole, "goods": []}),
        await union.ada.post("reliefs", {**whole, "goods": [good, good]}),
        await union.ada.post("reliefs", {**whole, "reserve": "1/0"}),
        await union.ada.post("reliefs", {**whole, "council": "3/2"}),
        await union.ada.post("reliefs/00000000-0000-4000-8000-000000000000/put"),
        await union.ada.get("reliefs/00000000-0000-4000-8000-000000000000"),
    ]

    assert [one.status for one in answers] == [403, 422, 422, 422, 422, 422, 404, 404]
    assert (await union.ada.get("reliefs")).body["items"] == []
    assert (await union.ada.get("proposals")).body["items"] == []


@pytest.mark.parametrize("sized", [{"rows": [0] * 9_900}, {"text": "x" * 1_048_576}])
async def test_nothing_is_said_that_peers_would_not_take_in_one_piece(town: Town, sized: dict[str, Any]) -> None:
    union = await town.build("union", kind="assembly")
    with pytest.raises(ReliefRefusal) as refused:
        check_fits(union.node, sized)

    assert refused.value.code == "relief-too-large"
    check_fits(union.node, {"rows": [0] * 9_000, "text": "x" * 900_000})
