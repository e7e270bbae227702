"""Members in front of a real node with a real browser: by keyboard, without JavaScript, on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.doors.api import PASSPHRASE, Served

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser, Page

    from tests.federation.town import House

TEXT = "We buy the oven of the bakery that closes."


async def sign_in(page: Page, house: Served | House, name: str = "blai") -> None:
    await page.goto(f"{house.node.origin}/sign-in")
    await page.get_by_label("Your name here").fill(name)
    await page.get_by_label("Passphrase").fill(PASSPHRASE)
    await page.get_by_role("button", name="Sign in").click()


async def press_until(page: Page, key: str, focused: str) -> None:
    """Press a key until the element a selector names has the focus."""
    for _ in range(60):
        await page.keyboard.press(key)
        if await page.evaluate("wanted => document.activeElement?.matches(wanted)", focused):
            return
    raise AssertionError(f"{focused} cannot be reached with {key}")


async def test_a_ballot_is_cast_with_the_keyboard_alone(browser: Browser, house: Served, pictures: Path) -> None:
    key = await house.opened_proposal()
    page = await browser.new_page()
    await sign_in(page, house)
    await page.goto(f"{house.node.origin}/proposals/{key}")

    await press_until(page, "Tab", "input[name=choice]")
    await page.keyboard.press("ArrowDown")
    await press_until(page, "Tab", "#ballot button")
    await page.keyboard.press("Enter")

    await page.get_by_role("heading", name="Your receipt").wait_for()
    assert await page.get_by_text("is signed and counted").is_visible()
    assert "0 for, 1 against" in await page.locator("#live .lede").inner_text()
    await page.screenshot(path=pictures / "receipt.png", full_page=True)


async def test_everything_needed_to_decide_works_without_javascript(browser: Browser, house: Served) -> None:
    context = await browser.new_context(java_script_enabled=False)
    member, operator = await context.new_page(), await (await browser.new_context(java_script_enabled=False)).new_page()
    await sign_in(member, house)
    await member.goto(f"{house.node.origin}/proposals/new")
    await member.get_by_label("Title").fill("A second oven")
    await member.get_by_label("Text").fill(TEXT)
    await member.get_by_label("Two thirds of those for or against").check()
    await member.get_by_role("button", name="Save the draft").click()
    await member.get_by_role("button", name="Submit").click()
    address = member.url.partition("?")[0]

    await sign_in(operator, house, "ada")
    await operator.goto(address)
    await operator.get_by_role("button", name="Open for ballots").click()
    await member.goto(address)
    await member.get_by_role("radio", name="For").check()
    await member.get_by_role("button", name="Cast my ballot").click()

    assert "1 for, 0 against; 1 of 2 took part" in await member.locator("#live .lede").inner_text()
    assert await member.get_by_text("at least 2/3 of those who choose").is_visible()
    await member.get_by_role("radio", name="Abstain").check()
    await member.get_by_role("button", name="Change my ballot").click()
    assert "0 for, 0 against, 1 abstained" in await member.locator("#live .lede").inner_text()


async def test_the_standing_renews_itself_while_somebody_looks(browser: Browser, house: Served) -> None:
    key = await house.opened_proposal()
    page = await browser.new_page()
    await page.goto(f"{house.node.origin}/proposals/{key}")
    assert "no ballot yet" in await page.locator("#live .lede").inner_text()

    await house.ada.post(f"proposals/{key}/ballots", {"choice": "for"})

    await page.get_by_text("So far 1 for, 0 against").wait_for(timeout=20_000)


async def test_an_anonymous_reader_sees_the_decision_and_is_asked_to_sign_in(browser: Browser, house: Served) -> None:
    key = await house.opened_proposal()
    page = await browser.new_page()
    await page.goto(f"{house.node.origin}/proposals/{key}")

    await page.locator("main").get_by_role("link", name="Sign in").click()
    await page.get_by_label("Your name here").fill("blai")
    await page.get_by_label("Passphrase").fill(PASSPHRASE)
    await page.get_by_role("button", name="Sign in").click()

    assert page.url == f"{house.node.origin}/proposals/{key}"
    assert await page.get_by_role("button", name="Cast my ballot").is_visible()


async def test_a_wrong_passphrase_keeps_the_name_and_says_so(browser: Browser, house: Served) -> None:
    page = await browser.new_page()
    await page.goto(f"{house.node.origin}/sign-in")
    await page.get_by_label("Your name here").fill("blai")
    await page.get_by_label("Passphrase").fill("not this one")
    await page.get_by_role("button", name="Sign in").click()

    assert await page.get_by_role("alert").is_visible()
    assert await page.get_by_label("Your name here").input_value() == "blai"


async def test_an_offer_is_published_found_and_withdrawn(browser: Browser, house: Served, pictures: Path) -> None:
    page = await browser.new_page()
    await sign_in(page, house)
    await page.goto(f"{house.node.origin}/offers/new")
    await page.get_by_label("Title").fill("Cargo bike for weekends")
    await page.get_by_label("Description").fill("A *Bullitt* with a rain cover.")
    await page.get_by_label("Place").fill("Plaça de la Virreina")
    await page.get_by_role("button", name="Publish").click()
    assert await page.locator("em", has_text="Bullitt").is_visible()

    await page.goto(f"{house.node.origin}/offers")
    await page.get_by_label("Words").fill("BIKE")
    await page.get_by_role("button", name="Search").click()
    await page.screenshot(path=pictures / "offers.png", full_page=True)
    await page.get_by_role("link", name="Cargo bike for weekends").click()
    await page.get_by_role("button", name="Withdraw").click()
    await page.goto(f"{house.node.origin}/offers?text=bike")

    assert await page.get_by_text("Nothing found.").is_visible()


async def test_an_operator_enrols_a_member_who_changes_the_passphrase(browser: Browser, house: Served) -> None:
    operator = await browser.new_page()
    await sign_in(operator, house, "ada")
    await operator.goto(f"{house.node.origin}/members")
    await operator.get_by_label("Short name").fill("carla")
    await operator.get_by_label("Name as people know it").fill("Carla Mas")
    await operator.get_by_label("First passphrase").fill(PASSPHRASE)
    await operator.get_by_role("button", name="Enrol").click()
    assert await operator.get_by_role("rowheader", name="Carla Mas").is_visible()

    carla = await (await browser.new_context()).new_page()
    await sign_in(carla, house, "carla")
    await carla.goto(f"{house.node.origin}/profile")
    await carla.get_by_label("Passphrase now").fill(PASSPHRASE)
    await carla.get_by_label("New passphrase").fill("four or five words do")
    await carla.get_by_role("button", name="Change").click()

    assert await carla.get_by_role("status").inner_text() == (
        "Your passphrase is changed. Every other device is signed out."
    )
    assert await carla.get_by_role("link", name="Carla Mas").is_visible()


async def test_a_session_on_another_device_is_ended_from_the_profile(browser: Browser, house: Served) -> None:
    here, there = await browser.new_page(), await (await browser.new_context()).new_page()
    await sign_in(here, house)
    await sign_in(there, house)
    await here.goto(f"{house.node.origin}/profile")

    for _ in range(await here.get_by_role("button", name="End").count()):
        await here.get_by_role("button", name="End").first.click()
    await there.goto(f"{house.node.origin}/profile")

    assert there.url.startswith(f"{house.node.origin}/sign-in")
    assert await here.get_by_text("this device").is_visible()


PLACES = (
    "/",
    "/proposals",
    "/federation",
    "/offers",
    "/activity",
    "/members",
    "/operator",
    "/operator/address",
    "/assemblies",
    "/profile",
)


@pytest.mark.parametrize("width", [390, 1280])
async def test_no_page_is_wider_than_its_screen_or_breaks_its_own_content_policy(
    browser: Browser, house: Served, pictures: Path, width: int
) -> None:
    key = await house.opened_proposal()
    page = await browser.new_page(viewport={"width": width, "height": 900})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await sign_in(page, house, "ada")

    wide = []
    for place in (*PLACES, f"/proposals/{key}", "/proposals/new", "/offers/new"):
        answer = await page.goto(f"{house.node.origin}{place}")
        assert answer is not None
        assert answer.status == 200, place
        await page.screenshot(
            path=pictures / f"{place.strip('/').replace('/', '-') or 'home'}-{width}.png", full_page=True
        )
        if await page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wide.append(place)

    assert wide == []
    assert complaints == []


async def test_a_name_longer_than_the_screen_is_broken_and_leaves_the_links_beside_it_whole(
    browser: Browser, long_named_house: Served
) -> None:
    page = await browser.new_page(viewport={"width": 390, "height": 900})
    await sign_in(page, long_named_house, "ada")

    wide = []
    for place in PLACES:
        await page.goto(f"{long_named_house.node.origin}{place}")
        if await page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wide.append(place)

    assert wide == []
    sign_out = await page.get_by_role("button", name="Sign out").bounding_box()
    assert sign_out is not None
    assert sign_out["height"] < 60, "on one line"


async def test_a_table_on_a_phone_names_each_value_and_is_still_a_table(browser: Browser, house: Served) -> None:
    page = await browser.new_page(viewport={"width": 390, "height": 900})
    await sign_in(page, house, "ada")
    await page.goto(f"{house.node.origin}/members")

    cell = page.get_by_role("row", name="Blai").get_by_role("cell", name="Member")

    assert await cell.is_visible()
    assert await cell.evaluate("it => getComputedStyle(it, '::before').content") == '"Roles"'
    assert await page.evaluate(
        "document.querySelector('.scroll').scrollWidth <= document.querySelector('.scroll').clientWidth"
    )


async def test_every_control_can_be_hit_with_a_thumb(browser: Browser, house: Served) -> None:
    key = await house.opened_proposal()
    page = await browser.new_page(viewport={"width": 390, "height": 900})
    await sign_in(page, house, "ada")

    small = []
    for place in (*PLACES, f"/proposals/{key}"):
        await page.goto(f"{house.node.origin}{place}")
        heights = await page.evaluate(
            "[...document.querySelectorAll('button, .button, input:not([type=hidden]), select, .option, .places a')]"
            ".filter(one => one.checkVisibility() && !one.closest('.option:has(input)') || one.matches('.option'))"
            ".map(one => [one.textContent.trim() || one.name, one.getBoundingClientRect().height])"
        )
        small += [(place, name, height) for name, height in heights if height < 44]

    assert small == []
