"""Offers published at one co-op are found at the others, and gone everywhere once withdrawn."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from storage.commons import offers as offer_rows
from tests.federation.neighbours.strangers import told

if TYPE_CHECKING:
    from tests.doors.peers import Peer
    from tests.federation.town import House, Town

HAMMER = {"purpose": "offer", "title": "Hammer", "summary": "To **borrow** for a weekend.", "place": "Valley"}


@pytest.fixture
async def market(town: Town) -> tuple[House, House]:
    """Two co-ops of one assembly, which relays between them."""
    alpha = await town.build("alpha", kind="assembly")
    beta, gamma = await town.build("beta"), await town.build("gamma")
    await town.join(beta, alpha)
    await town.join(gamma, alpha)
    return beta, gamma


async def found(house: House, **asked: str) -> list[tuple[str, str]]:
    """Title and ring of the offers somebody at that house sees."""
    listed: list[dict[str, Any]] = (await house.ada.get("offers", params=asked)).body["items"]
    return [(one["title"], one["ring"]) for one in listed]


async def test_an_offer_of_a_co_op_is_found_by_members_of_another(town: Town, market: tuple[House, House]) -> None:
    beta, gamma = market

    published = await beta.ada.post("offers", HAMMER)
    await town.settle()

    assert published.status == 201
    assert await found(beta, text="hammer") == [("Hammer", "own")]
    assert await found(gamma, text="hammer") == [("Hammer", "federation")]
    assert await found(gamma, text="piano") == []


async def test_an_offer_stands_where_the_newest_statute_has_its_owner(town: Town, market: tuple[House, House]) -> None:
    beta, gamma = market
    alpha = town.houses["alpha"]
    await beta.ada.post("offers", HAMMER)
    await town.settle()

    await beta.ada.post("memberships/leave", {"assembly": alpha.actor})
    await town.settle()
    apart = await found(gamma)
    await town.join(beta, alpha)

    assert apart == [("Hammer", "beyond")]
    assert await found(gamma) == [("Hammer", "federation")]
    assert await found(beta) == [("Hammer", "own")]


async def test_a_withdrawn_offer_is_gone_everywhere(town: Town, market: tuple[House, House]) -> None:
    beta, gamma = market
    published = await beta.ada.post("offers", HAMMER)
    await town.settle()

    withdrawn = await beta.ada.delete(f"offers/{published.body['key']}")
    await town.settle()

    assert withdrawn.status == 204, withdrawn.body
    assert await found(beta) == []
    assert await found(gamma) == []


async def test_only_its_owner_withdraws_an_offer(town: Town, market: tuple[House, House]) -> None:
    beta, gamma = market
    published = await beta.ada.post("offers", HAMMER)
    await town.settle()
    seen = (await gamma.ada.get("offers")).body["items"][0]

    refused = await gamma.ada.delete(f"offers/{seen['key']}")

    assert published.body["id"] == seen["id"]
    assert refused.status in {403, 404}
    assert await found(gamma) == [("Hammer", "federation")]


# --- what is said about an offer, and by whom


async def test_an_offer_travels_as_html_with_its_markdown_and_is_read_as_text(
    town: Town, market: tuple[House, House]
) -> None:
    beta, gamma = market
    await beta.ada.post("offers", HAMMER)
    await town.settle()

    sent = (await document_of(beta)).document
    seen = (await gamma.ada.get("offers")).body["items"][0]

    assert sent["content"] == "<p>To <strong>borrow</strong> for a weekend.</p>\n"
    assert sent["source"] == {"content": HAMMER["summary"], "mediaType": "text/markdown"}
    assert seen["summary"] == "To borrow for a weekend."


async def document_of(house: House) -> Any:
    async with house.node.store.read() as tx:
        return (await offer_rows.search(tx))[0]


async def test_hostile_html_of_a_peer_reaches_neither_the_api_nor_the_page(town: Town, stranger: Peer) -> None:
    alpha = await town.build("alpha")
    content = "<p>Good <b onclick='x()'>bread</b></p><script>alert(1)</script><img src=x onerror=alert(1)>"

    await told(town, alpha, stranger, "Create", 1, name="Bread", content=content)

    seen = (await alpha.ada.get("offers")).body["items"][0]
    async with town.http.get(f"{alpha.node.origin}/offers/elsewhere", params={"id": seen["id"]}) as answer:
        page = await answer.text()
    assert seen["summary"] == "Good bread"
    assert "<p>Good bread</p>" in page
    assert not [word for word in ("onclick", "alert(1)", "onerror") if word in page]


async def test_an_offer_is_changed_by_its_stored_owner_only(town: Town, stranger: Peer) -> None:
    alpha = await town.build("alpha")
    await told(town, alpha, stranger, "Create", 1, name="Bread")
    async with alpha.node.store.write() as tx:
        # As if another actor of the same origin had published it.
        [kept] = [one for one in await offer_rows.search(tx) if one.owner_actor == stranger.actor_id]
        await offer_rows.save(tx, replace(kept, owner_actor=f"{stranger.origin}/neighbour"))

    changed = await told(town, alpha, stranger, "Update", 2, name="Stale bread")
    withdrawn = await told(town, alpha, stranger, "Delete", 3)

    assert (changed, withdrawn) == ("forbidden", "forbidden")
    assert await found(alpha) == [("Bread", "beyond")]


async def test_an_offer_deleted_before_it_arrives_stays_away(town: Town, stranger: Peer) -> None:
    alpha = await town.build("alpha")

    await told(town, alpha, stranger, "Delete", 2)
    await told(town, alpha, stranger, "Create", 1, name="Bread")
    await told(town, alpha, stranger, "Update", 3, name="Fresh bread")

    assert await found(alpha) == []


@pytest.mark.parametrize("is_create_first", [True, False])
async def test_an_offer_and_its_update_that_both_come_late_end_as_the_update(
    town: Town, stranger: Peer, *, is_create_first: bool
) -> None:
    alpha = await town.build("alpha")
    made: dict[str, Any] = {"kind": "Create", "number": 1, "name": "Bread", "published": "2026-11-21T09:00:00Z"}
    changed = {**made, "kind": "Update", "number": 2, "name": "Fresh bread", "updated": "2026-11-21T10:00:00Z"}

    for said in (made, changed) if is_create_first else (changed, made):
        await told(town, alpha, stranger, **said)

    assert await found(alpha) == [("Fresh bread", "beyond")]


async def test_two_updates_of_one_moment_end_alike_in_every_order(town: Town, stranger: Peer) -> None:
    names = {2: "Fresh bread", 3: "Stale bread"}
    houses = [await town.build("alpha"), await town.build("beta")]

    for house, order in zip(houses, [(2, 3), (3, 2)], strict=True):
        await told(town, house, stranger, "Create", 1, name="Bread", published="2026-11-21T09:00:00Z")
        for number in order:
            await told(town, house, stranger, "Update", number, name=names[number], updated="2026-11-21T10:00:00Z")

    assert await found(houses[0]) == await found(houses[1]) != [("Bread", "beyond")]


async def test_an_update_that_overtook_the_create_or_a_later_update_stays(town: Town, stranger: Peer) -> None:
    alpha = await town.build("alpha")

    await told(town, alpha, stranger, "Update", 2, name="Fresh bread", updated="2026-11-21T11:00:00Z")
    await told(town, alpha, stranger, "Create", 1, name="Bread")
    await told(town, alpha, stranger, "Update", 3, name="Stale bread", updated="2026-11-21T10:00:00Z")

    assert await found(alpha) == [("Fresh bread", "beyond")]
