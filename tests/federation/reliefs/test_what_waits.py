"""Operators read on their home page what a relief waits for from them, and nobody else is bothered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import ClientSession, CookieJar

from tests.doors.api import PASSPHRASE
from tests.federation.reliefs.flood import PAIR, flooded

if TYPE_CHECKING:
    from tests.federation.town import House, Town


async def home_of(house: House, name: str) -> str:
    """The home page as that member sees it."""
    async with ClientSession(house.node.origin, cookie_jar=CookieJar(unsafe=True)) as http:
        async with http.get("/sign-in") as answer:
            token = (await answer.text()).partition('name="csrf" value="')[2].partition('"')[0]
        signing_in = {"csrf": token, "name": name, "passphrase": PASSPHRASE, "next": "/"}
        async with http.post("/sign-in", data=signing_in) as answer:
            assert answer.status == 200
            return await answer.text()


async def test_the_home_page_says_what_a_relief_waits_for(town: Town) -> None:
    flood = await flooded(town, below=PAIR)
    union, ash = flood["union"], flood["ash"]
    await ash.enrol("blai")
    survey = (await flood.begin())["survey"]
    asked = [await home_of(ash, name) for name in ("ada", "blai")]
    await flood.report_stock()
    reported = await home_of(ash, "ada")
    await flood.cast(survey)
    town.clock.move(days=4)
    planless = await home_of(union, "ada")
    await flood.said(union, "plans")
    unendorsed = await home_of(ash, "ada")
    await flood.endorse()
    endorsed = await home_of(union, "ada")

    assert ["say what we have and need" in page for page in (*asked, reported)] == [True, False, False]
    assert "a plan can be drafted" in planless
    assert "our delegate has not spoken on the plan" in unendorsed
    assert "the plan can be put to the decision" in endorsed
