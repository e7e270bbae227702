"""Fedify, which nobody here wrote, and a node of ours understand each other over real HTTP, in both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.interop.coop import address, body_of, bring, document, opened_proposal, published
from tests.interop.fedify import CAVAGE, RFC9421, eventually

if TYPE_CHECKING:
    from collections.abc import Mapping

    from node.demo.client import Door
    from tests.interop.fedify import Fedify

SCHEME = {CAVAGE: "cavage", RFC9421: "rfc9421"}
OVEN = {"purpose": "offer", "title": "A bread oven", "summary": "Two decks, works."}


async def followers(coop: Door) -> list[str]:
    return list((await document(coop, "/body/followers?after=0")).get("orderedItems", ()))


async def is_followed(coop: Door, fedify: Fedify) -> None:
    await fedify.told("follow", **address(coop))
    await fedify.received("Accept", sender=body_of(coop))


async def logged(coop: Door, activity_id: str) -> Mapping[str, Any]:
    """The entry of an activity in the public log once a handler is done with it."""

    async def look() -> Mapping[str, Any] | None:
        entries = (await coop.get("activities"))["items"]
        return next((one for one in entries if one["id"] == activity_id and one["state"] != "recorded"), None)

    return await eventually(look)


async def test_fedify_follows_a_body_and_hears_that_it_may(coop: Door, fedify: Fedify) -> None:
    follow = await fedify.told("follow", **address(coop))

    accept = await fedify.received("Accept", sender=body_of(coop))

    assert accept["about"]["id"] == follow
    assert await followers(coop) == [fedify.actor]


async def test_fedify_takes_its_follow_back(coop: Door, fedify: Fedify) -> None:
    follow = await fedify.told("follow", **address(coop))
    await fedify.received("Accept", sender=body_of(coop))

    await fedify.told("unfollow", follow=follow, **address(coop))

    async def nobody_follows() -> bool:
        return await followers(coop) == []

    assert await eventually(nobody_follows)


async def test_a_note_by_fedify_is_taken_and_logged(coop: Door, fedify: Fedify) -> None:
    note = await fedify.told("note", content="<p>Good morning.</p>", **address(coop))

    entry = await logged(coop, note)

    assert (entry["type"], entry["actor"], entry["state"]) == ("Create", fedify.actor, "dispatched")


async def test_fedify_knocks_once_whichever_scheme_it_tries_first(coop: Door, fedify: Fedify) -> None:
    await fedify.told("note", content="<p>Good evening.</p>", **address(coop))

    assert await fedify.knocks(coop.origin) == [(SCHEME[fedify.first_knock], 202)]


async def test_we_answer_fedify_in_the_scheme_it_spoke(coop: Door, fedify: Fedify) -> None:
    before = len(await fedify.shown("asked"))

    await is_followed(coop, fedify)

    asked = (await fedify.shown("asked"))[before:]
    assert [(one["scheme"], one["status"]) for one in asked] == [(SCHEME[fedify.first_knock], 202)]


async def test_a_fediverse_vote_is_taken_and_changes_no_binding_count(coop: Door, fedify: Fedify) -> None:
    key = await opened_proposal(coop, window_seconds=2)

    await fedify.told("vote", question=f"{coop.origin}/proposals/{key}", name="For", **address(coop))

    async def final() -> Mapping[str, Any] | None:
        shown: Mapping[str, Any] = await coop.get(f"proposals/{key}")
        return shown if shown["is_final"] else None

    assert (await fedify.knocks(coop.origin))[-1][1] == 202
    tally = (await eventually(final))["tally"]
    assert (tally["for"], tally["against"], tally["abstain"]) == (0, 0, 0)


async def test_a_market_proposal_by_fedify_is_listed_among_our_offers(coop: Door, fedify: Fedify) -> None:
    await fedify.told("propose", purpose="request", name="A van on Saturdays", content="Driver too.", **address(coop))

    async def listed() -> list[Mapping[str, Any]]:
        return list((await coop.get("offers", text="van on Saturdays"))["items"])

    offer = (await eventually(listed))[0]
    assert (offer["title"], offer["purpose"], offer["summary"]) == ("A van on Saturdays", "request", "Driver too.")
    assert offer["ring"] == "beyond"


async def test_our_offer_reaches_fedify_as_a_market_proposal(coop: Door, fedify: Fedify) -> None:
    await is_followed(coop, fedify)

    await coop.post("offers", OVEN)

    about = (await fedify.received("Create", sender=body_of(coop)))["about"]
    assert (about["type"], about["name"], about["purpose"]) == ("Proposal", "A bread oven", "offer")
    assert (about["action"], about["quantity"]) == ("transfer", "1")


async def test_our_proposal_reaches_fedify_as_a_question_with_its_options(coop: Door, fedify: Fedify) -> None:
    await is_followed(coop, fedify)

    await opened_proposal(coop)

    about = (await fedify.received("Create", sender=body_of(coop)))["about"]
    assert (about["type"], about["name"]) == ("Question", "A new oven")
    assert about["options"] == ["For", "Against", "Abstain"]


async def test_our_proof_alone_convinces_fedify(coop: Door, fedify: Fedify) -> None:
    await coop.post("offers", OVEN)

    status = await bring(fedify.inbox, await published(coop))

    assert status == 202
    assert (await fedify.received("Create", sender=body_of(coop)))["about"]["name"] == "A bread oven"


async def test_fedify_refuses_our_activity_once_a_word_of_it_is_changed(coop: Door, fedify: Fedify) -> None:
    await coop.post("offers", OVEN)
    activity = await published(coop)

    activity["object"]["name"] = "A brick oven"

    assert await bring(fedify.inbox, activity) == 401
