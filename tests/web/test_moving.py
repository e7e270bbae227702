"""An operator moves the body on the page: looks first, is told what stays behind, confirms, and takes it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.doors.peers import Peer, peer
from tests.web.test_in_a_browser import sign_in
from tests.web.test_security import post, token, visitor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playwright.async_api import Browser

    from tests.doors.api import Served

PLACE = "/operator/address"


@pytest.fixture
async def there() -> AsyncIterator[Peer]:
    async with peer("newhome") as served:
        yield served


async def test_a_move_is_looked_at_confirmed_and_taken_back_without_javascript(
    browser: Browser, house: Served, there: Peer, pictures: Path
) -> None:
    key = await house.opened_proposal()
    there.pages["/body"] = there.actor(alsoKnownAs=[house.node.body.actor_id], name="Gràcia at its new home")
    page = await (
        await browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 900})
    ).new_page()
    await sign_in(page, house, "ada")
    await page.goto(f"{house.node.origin}/operator")
    await page.get_by_role("link", name="Address").click()
    await page.screenshot(path=pictures / "moving-390.png", full_page=True)

    await page.get_by_label("New address of this body").fill(there.actor_id)
    await page.get_by_role("button", name="Look at what will happen").click()
    assert await page.get_by_role("heading", name="Move to Gràcia at its new home?").is_visible()
    assert "1 is open" in await page.locator("main").inner_text()
    await page.screenshot(path=pictures / "moving-confirm-390.png", full_page=True)
    assert (await house.ada.get("addresses")).body["moved_to"] is None
    await page.get_by_label("I know what does not move.").check()
    await page.get_by_role("button", name="Move now").click()

    assert await page.get_by_text("Everybody who follows is told now.").is_visible()
    assert (await house.ada.get("addresses")).body["moved_to"] == there.actor_id
    await page.screenshot(path=pictures / "moving-moved-390.png", full_page=True)
    await page.get_by_role("button", name="It is here after all").click()
    assert (await house.ada.get("addresses")).body["moved_to"] is None
    assert (await house.ada.get(f"proposals/{key}")).status == 200


async def test_nothing_moves_without_a_word_of_the_new_address_or_of_the_operator(house: Served, there: Peer) -> None:
    async with visitor(house, "ada") as http:
        form = {"csrf": await token(http, PLACE), "actor": there.actor_id, "understood": "yes"}
        unproven = [await post(http, f"{PLACE}/{step}", **form) for step in ("look", "move")]
        there.pages["/body"] = there.actor(alsoKnownAs=[house.node.body.actor_id])
        unread = await post(http, f"{PLACE}/move", **{**form, "understood": ""})
        own = await post(http, f"{PLACE}/look", **{**form, "actor": house.node.body.actor_id})

    assert [status for status, _ in (*unproven, unread, own)] == [403, 403, 422, 422]
    assert "does not say that it is the old one" in unproven[0][1]
    assert f'value="{there.actor_id}"' in unproven[0][1]
    assert (await house.ada.get("addresses")).body["moved_to"] is None


async def test_the_new_node_says_on_the_page_where_it_was_and_takes_it_back(house: Served, there: Peer) -> None:
    async with visitor(house, "ada") as http:
        form = {"csrf": await token(http, PLACE), "earlier": there.actor_id}
        added = await post(http, f"{PLACE}/earlier", **form)
        nonsense = await post(http, f"{PLACE}/earlier", **{**form, "earlier": "old.example"})
        async with http.get(PLACE) as answer:
            shown = await answer.text()
        said = (await house.ada.get("addresses")).body["earlier"]
        forgotten = await post(http, f"{PLACE}/forget", **form)

    assert (added[0], nonsense[0], forgotten[0]) == (303, 422, 303)
    assert said == [there.actor_id]
    assert there.actor_id in shown
    assert (await house.ada.get("addresses")).body["earlier"] == []


async def test_only_operators_move_the_body(house: Served, there: Peer) -> None:
    async with visitor(house, "blai") as http:
        form = {"csrf": await token(http, "/profile"), "actor": there.actor_id, "understood": "yes"}
        answers = [
            await post(http, f"{PLACE}/{step}", **form) for step in ("look", "move", "stay", "earlier", "forget")
        ]

    assert {status for status, _ in answers} == {403}
