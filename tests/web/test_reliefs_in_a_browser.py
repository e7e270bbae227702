"""An emergency from the first form to the last delivery, in front of real nodes, without JavaScript, on a phone too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession, CookieJar

from tests.federation.reliefs.flood import STOCKS, Flood, flooded
from tests.federation.town import Town
from tests.web.test_in_a_browser import sign_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from playwright.async_api import Browser, Page, ViewportSize

    from tests.federation.town import House

DESK: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture
async def flood(tmp_path: Path, fresh_sqlite_url: Callable[[], str]) -> AsyncIterator[Flood]:
    """A union of two assemblies and five co-ops, each a node on its own port."""
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as http:
        town = Town(tmp_path, fresh_sqlite_url, http)
        yield await flooded(town)
        await town.close()


async def at(browser: Browser, flood: Flood, house: House) -> Page:
    """The operator of that node on the relief's page there, or on its list before there is one."""
    context = await browser.new_context(java_script_enabled=False, viewport=DESK)
    page = await context.new_page()
    await sign_in(page, house, "ada")
    await page.goto(address(flood, house))
    return page


def address(flood: Flood, house: House) -> str:
    if not flood.key:
        return f"{house.node.origin}/reliefs"
    own = house is flood["union"]
    return f"{house.node.origin}/reliefs/{flood.key if own else f'elsewhere?id={flood.relief_id}'}"


async def picture(page: Page, folder: Path, name: str) -> None:
    """As it looks on a desk and on a phone; nothing may be wider than the screen."""
    for kind, size in (("desk", DESK), ("phone", PHONE)):
        await page.set_viewport_size(size)
        await page.screenshot(path=folder / f"relief-{name}-{kind}.png", full_page=True)
        width = await page.locator("main").bounding_box()
        assert width is not None
        assert width["width"] <= size["width"]
    await page.set_viewport_size(DESK)


async def test_an_emergency_is_handled_in_forms_from_the_survey_to_the_last_delivery(
    browser: Browser, flood: Flood, pictures: Path
) -> None:
    union = await at(browser, flood, flood["union"])
    await union.get_by_role("link", name="Open a relief").click()
    await union.get_by_label("What happened, in a line").fill("The flood")
    await union.get_by_label("What everybody should know").fill("The river took three villages.\nRoads are open.")
    await union.get_by_label("Thing 1").fill("Flour")
    await union.get_by_label("Unit").first.fill("kg")
    await union.get_by_label("Days for the survey").fill("2")
    await picture(union, pictures, "form")
    await union.get_by_role("button", name="Open the relief").click()
    await union.get_by_text("The relief is open.").wait_for()
    flood.key = union.url.partition("?")[0].rsplit("/", 1)[1]
    await flood.town.settle()

    await _stock_is_reported(browser, flood, pictures)
    survey = (await flood.seen(flood["union"]))["survey"]
    assert await flood.decide(survey) == "passed"

    await _plan_is_decided(browser, flood, pictures)
    await _things_move(browser, flood, pictures)
    await _an_appeal_is_answered(browser, flood, pictures)


async def _stock_is_reported(browser: Browser, flood: Flood, pictures: Path) -> None:
    ash = await at(browser, flood, flood["ash"])
    await ash.get_by_label("We have", exact=True).fill("100")
    await ash.get_by_label("We need").fill("20")
    await ash.get_by_label("People affected").fill("many")
    await ash.get_by_label("How urgent, from 0 to 10").fill("5")
    await ash.get_by_label("Days you can hold out").fill("3")
    await ash.get_by_label("Who speaks for us in the council").fill("Ada")
    await ash.get_by_label("What matters most here").fill("The school kitchen.")
    await picture(ash, pictures, "stock")
    await ash.get_by_role("button", name="Report our stock").click()
    await ash.get_by_role("alert").wait_for()
    assert await ash.get_by_label("We have", exact=True).input_value() == "100"
    await ash.get_by_label("People affected").fill("30")
    await ash.get_by_role("button", name="Report our stock").click()
    await ash.get_by_text("80 kg too much").wait_for()
    await flood.town.settle()
    await flood.report_stock(*(handle for handle in STOCKS if handle != "ash"))


async def _plan_is_decided(browser: Browser, flood: Flood, pictures: Path) -> None:
    union = await at(browser, flood, flood["union"])
    await union.get_by_label("What the council says to it").fill("Flour first.")
    await union.get_by_text("Lay down something by hand").click()
    await union.get_by_label("Co-op", exact=True).first.select_option(label="Birch")
    await union.get_by_label("Gets, or gives at most").first.fill("29")
    await union.get_by_label("Reason").first.fill("It feeds the school.")
    await union.get_by_role("button", name="Draft the next version").click()
    await union.get_by_role("heading", name="Plan, version 1").wait_for()
    await union.get_by_text("Laid down by the council: It feeds the school.").wait_for()
    await flood.town.settle()

    ash = await at(browser, flood, flood["ash"])
    await picture(ash, pictures, "council")
    await ash.get_by_label("Why").fill("It is fair.")
    await ash.get_by_role("button", name="For the plan").click()
    await ash.get_by_text("1 of 5 delegates are for it, 0 against.").wait_for()
    await flood.town.settle()
    await flood.endorse(*(handle for handle in STOCKS if handle != "ash"))

    await union.reload()
    await union.get_by_role("button", name="Put it to the decision").click()
    await union.get_by_role("link", name="The decision on version 1").click()
    question = union.url.partition("?")[0]
    await flood.town.settle()
    await flood.decide(f"{flood['union'].node.origin}/proposals/{question.rsplit('/', 1)[1]}")
    await union.goto(address(flood, flood["union"]))
    await union.get_by_text("In force", exact=True).wait_for()


async def _things_move(browser: Browser, flood: Flood, pictures: Path) -> None:
    ash, birch = await at(browser, flood, flood["ash"]), await at(browser, flood, flood["birch"])
    to_birch = ash.locator("li.card", has_text="We give 29 kg of Flour to Birch.")
    await to_birch.get_by_text("Say what was sent").click()
    await to_birch.get_by_role("button", name="It is sent").click()
    await ash.get_by_text("on its way", exact=True).wait_for()
    await flood.town.settle()
    await birch.reload()
    await birch.get_by_text("Say what arrived").click()
    await birch.get_by_label("In all so far").fill("27")
    await birch.get_by_role("button", name="It arrived").click()
    await birch.get_by_text("2 did not arrive").wait_for()
    await flood.town.settle()
    await picture(birch, pictures, "moving")


async def _an_appeal_is_answered(browser: Browser, flood: Flood, pictures: Path) -> None:
    date, union = await at(browser, flood, flood["date"]), await at(browser, flood, flood["union"])
    await date.get_by_text("Make an appeal").click()
    to_date = date.locator("li.card", has_text="gives us").first
    number = (await to_date.get_by_text("Transfer").first.inner_text()).removeprefix("Transfer ")
    await date.get_by_label("Number of the transfer").fill(number)
    await date.get_by_label("Reason").fill("The road to us is closed.")
    await date.get_by_role("button", name="Appeal").click()
    await flood.town.settle()
    await union.reload()
    await union.get_by_label("Our reason").fill("We plan again.")
    await union.get_by_role("button", name="Uphold it").click()
    await union.get_by_text("held until a later plan").wait_for()
    await picture(union, pictures, "held")


async def test_who_is_no_operator_reads_everything_and_is_offered_no_form(
    browser: Browser, flood: Flood, pictures: Path
) -> None:
    await flood.begin()
    await flood.report_stock("ash")
    page = await (await browser.new_context(java_script_enabled=False)).new_page()
    await page.goto(f"{flood['ash'].node.origin}/federation")
    await page.get_by_role("link", name="Emergencies").click()
    await picture(page, pictures, "list")
    await page.get_by_role("link", name="The flood").click()
    await page.get_by_text("Ash reports its stock (number 1); Ada speaks for it in the council.").wait_for()
    assert await page.locator("main form").count() == 0
