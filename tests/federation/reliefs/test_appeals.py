"""An appeal is answered once; one that is upheld holds its transfer until a later plan is in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.federation.reliefs.flood import DAY, PAIR, flooded

if TYPE_CHECKING:
    from tests.federation.town import Town

MISTAKE = "We counted the neighbour's sacks."


async def test_an_appeal_that_is_upheld_holds_the_transfer_until_a_later_plan_is_in_force(town: Town) -> None:
    flood = await flooded(town, below=PAIR)
    union, ash, birch = flood["union"], flood["ash"], flood["birch"]
    await flood.in_force()
    appealed = await flood.said(ash, "appeals", transfer=1, reason=MISTAKE)
    waits = (await flood.seen(union))["to_do"]
    foreign = await flood.say(birch, "answers", appeal=appealed["id"], upheld=True, reason="Yes.")
    town.clock.move(minutes=1)
    await flood.said(union, "answers", appeal=appealed["id"], upheld=True, reason="The new plan goes without it.")
    again = await flood.say(union, "answers", appeal=appealed["id"], upheld=False, reason="No.")
    town.clock.move(minutes=1)
    held = [(await flood.seen(house))["in_force"]["transfers"][0]["state"] for house in (union, ash, birch)]
    sent = await flood.say(ash, "deliveries", transfer=1, state="sent", amount=10)

    assert (waits, foreign.code, again.code) == (["answer"], "relief-not-the-assembly", "relief-answered")
    assert (held, sent.code) == (["held"] * 3, "relief-transfer-held")

    adjustment = {"body": birch.node.body.did, "good": "flour", "amount": 20, "reason": "Ash holds less."}
    await flood.said(union, "plans", adjustments=[adjustment])
    await flood.endorse()
    put = await flood.said(union, "put", window_seconds=2 * DAY)
    await flood.decide(put["id"])
    freed = await flood.said(ash, "deliveries", transfer=1, state="sent", amount=20)
    seen = await flood.seen(birch)
    assert freed["document"]["governance"]["transfer"] == 1
    assert (seen["in_force"]["version"], seen["in_force"]["transfers"][0]["state"]) == (2, "sent")
    assert [(one["reason"], one["upheld"]) for one in seen["appeals"]] == [(MISTAKE, True)]
    assert seen["to_do"] == ["deliver"]


async def test_only_the_giver_says_what_left_and_only_the_taker_what_came(town: Town) -> None:
    flood = await flooded(town, below=PAIR)
    await flood.in_force()
    told = {"transfer": 1, "amount": 30}
    refused = [
        await flood.say(flood["birch"], "deliveries", state="sent", **told),
        await flood.say(flood["ash"], "deliveries", state="arrived", **told),
        await flood.say(flood["ash"], "deliveries", state="sent", transfer=1, amount=31),
        await flood.say(flood["ash"], "deliveries", state="sent", transfer=2, amount=1),
        await flood.say(flood["union"], "deliveries", state="sent", **told),
    ]

    assert [(one.status, one.code) for one in refused] == [
        (422, "relief-delivery-state"),
        (422, "relief-delivery-state"),
        (422, "relief-delivery-amount"),
        (422, "relief-transfer-unknown"),
        (422, "relief-body-unknown"),
    ]


async def test_what_left_under_one_plan_arrives_under_it_when_another_is_in_force(town: Town) -> None:
    flood = await flooded(town, below=PAIR)
    union, ash, birch = flood["union"], flood["ash"], flood["birch"]
    await flood.in_force()
    await flood.said(ash, "deliveries", transfer=1, state="sent", amount=10)
    await flood.said(union, "plans", text="The rest goes by boat.")
    await flood.endorse()
    put = await flood.said(union, "put", window_seconds=2 * DAY)
    await flood.decide(put["id"])
    following = (await flood.seen(birch))["in_force"]
    waits = (await flood.seen(birch))["to_do"]
    older = await flood.say(ash, "deliveries", transfer=1, state="sent", amount=30, version=1)
    await flood.said(birch, "deliveries", transfer=1, state="arrived", amount=9, version=1)

    assert [(one["amount"], one["state"]) for one in following["transfers"]] == [(20, "planned")]
    assert (waits, older.code) == (["deliver"], "relief-not-in-force")
    assert (await flood.seen(birch))["to_do"] == []
    assert (await flood.seen(ash))["to_do"] == ["deliver"]
