"""Nodes on four levels through power cuts, broken lines and wrong clocks: it ends as counted by hand."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession, CookieJar

from tests.engines import run_apart
from tests.federation.faults.four_levels import (
    BELOW,
    COOPS,
    COUNTED_BY_HAND,
    Continent,
    Founded,
    found_continent,
    open_continent,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory, _migrated_sqlite: Path) -> Founded:
    """On SQLite only: there are many nodes, and what they keep in rows is tried on both engines elsewhere."""
    folder, numbers = tmp_path_factory.mktemp("continent"), count(1)

    def fresh_url() -> str:
        return f"sqlite:///{shutil.copyfile(_migrated_sqlite, folder / f'{next(numbers)}.db')}"

    return run_apart(found_continent(folder, fresh_url))


@pytest.fixture
async def continent(founded: Founded, tmp_path: Path) -> AsyncIterator[Continent]:
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as http:
        opened = await open_continent(founded, tmp_path, http)
        yield opened
        await opened.town.close()


async def test_without_a_fault_four_levels_end_as_counted_by_hand(continent: Continent) -> None:
    await continent.ask()
    await continent.vote()
    await continent.town.pass_time(minutes=1)

    report = await continent.proven()

    assert await continent.tallies() == COUNTED_BY_HAND
    assert (await continent.outcome("continent"))["outcome"] == "passed"
    assert await continent.is_bound_alike()
    assert report.valid, report.failure


async def test_a_power_cut_at_every_node_between_any_two_steps_changes_nothing(continent: Continent) -> None:
    await continent.ask()
    for coop in COOPS:
        await continent.vote([coop])
        for handle in (coop, *BELOW):
            await continent.house(handle).stop()
            await continent.house(handle).restart()
    await continent.town.pass_time(minutes=1)

    assert await continent.tallies() == COUNTED_BY_HAND
    assert await continent.is_bound_alike()
    assert (await continent.proven()).valid


async def test_a_branch_cut_off_for_days_hears_the_question_late_and_counts_in_full(continent: Continent) -> None:
    south = ("south", "s1")
    for handle in south:
        await continent.house(handle).stop()
    await continent.ask()
    await continent.vote([coop for coop in COOPS if coop != "s1a"])
    await continent.town.pass_time(days=1)

    for handle in south:
        await continent.house(handle).restart()
    await continent.town.pass_time(days=1)
    await continent.vote(["s1a"])
    await continent.town.pass_time(minutes=1)

    assert await continent.tallies() == COUNTED_BY_HAND
    assert await continent.is_bound_alike()
    assert (await continent.proven()).valid


async def test_a_branch_cut_off_until_the_close_is_listed_as_missing_and_learns_the_decision(
    continent: Continent,
) -> None:
    await continent.ask()
    await continent.house("south").stop()
    await continent.vote()
    await continent.town.pass_time(days=4)
    await continent.house("south").restart()
    await continent.town.pass_time(days=1)

    top = await continent.outcome("continent")

    assert await continent.lines("continent") == {"north": "counted", "south": "missing"}
    assert await continent.lines("north") == {"n1": "counted", "n2": "counted"}
    assert (top["outcome"], top["tally"]["for"], top["tally"]["electorate"]) == ("passed", 2, 3)
    assert (await continent.outcome("n1a"))["decision"] == top["document"]
    assert (await continent.outcome("s1a"))["decision"] == top["document"]
    assert (await continent.proven()).valid


async def test_clocks_a_few_minutes_wrong_do_no_harm(continent: Continent) -> None:
    for handle, minutes in (("s1", -4), ("n1", 4)):
        house = continent.house(handle)
        await house.stop()
        house.clock = partial(wrong_by, continent.town.clock, timedelta(minutes=minutes))
        await house.restart()

    await continent.ask()
    await continent.vote()
    await continent.town.pass_time(minutes=10)

    assert await continent.tallies() == COUNTED_BY_HAND
    assert await continent.is_bound_alike()


def wrong_by(clock: Callable[[], datetime], by: timedelta) -> datetime:
    return clock() + by
