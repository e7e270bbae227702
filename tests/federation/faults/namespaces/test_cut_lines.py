"""Nodes on machines of their own decide together while lines are cut and power fails, as counted by hand."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from node.governance.evidence import verify_bundle
from tests.federation.faults.namespaces.country import HOSTS_FILES, NAMESPACES, build_country, missing, missing_netem
from tests.federation.faults.namespaces.valley import COOPS, HOSTS, Valley, founded_valley, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

WHY_NOT, WHY_NO_NETEM = missing(), missing_netem()
COUNTED_BY_HAND = {
    "ash": (2, 0, 0), "birch": (0, 2, 0), "south": (0, 1, 1), "north": (2, 1, 0), "union": (2, 1, 0),
}  # fmt: skip
"""For, against, abstained. Ash counts double in the north, and the north in the union."""

pytestmark = [
    pytest.mark.skipif(WHY_NOT is not None, reason=f"NOT TRIED: nodes in namespaces of their own. {WHY_NOT}"),
    pytest.mark.timeout(120),
]


@pytest.fixture
async def valley(tmp_path: Path, _migrated_sqlite: Path) -> AsyncIterator[Valley]:
    async with founded_valley(tmp_path, _migrated_sqlite) as founded:
        yield founded


async def check_end(valley: Valley) -> None:
    """One decision everywhere, counted once, and proven wherever one asks from."""
    await until(valley.is_bound_alike)
    told = {handle: (await house.outcome())["tally"] for handle, house in valley.houses.items()}
    top = await valley.houses["union"].outcome()

    assert top["outcome"] == "passed"
    assert {name: (one["for"], one["against"], one["abstain"]) for name, one in told.items()} == COUNTED_BY_HAND
    assert [line["status"] for line in top["document"]["governance"]["constituents"]] == ["counted"] * 2
    for handle in HOSTS:
        bundle = await until(lambda handle=handle: valley.evidence_seen_from(handle))  # type: ignore[misc]
        report = verify_bundle(bundle)
        assert report.valid, (handle, report.failure)
        assert report.levels is not None
        assert [below.name for below in report.levels.below] == ["North", "South"]


async def test_a_cut_branch_and_a_killed_node_come_back_to_one_decision(valley: Valley) -> None:
    country, houses = valley.country, valley.houses
    country.line("birch", "down")
    await valley.ask()
    for handle in ("ash", "south"):
        await until(houses[handle].own)
    assert await houses["birch"].own() is None

    await houses["ash"].vote(ada="for", blai="for")
    houses["north"].kill()
    await houses["south"].vote(ada="against", blai="abstain")
    houses["north"].start()
    await until(houses["north"].answers)
    country.line("birch", "up")
    await until(houses["birch"].own)
    country.line("north", "down")
    await houses["birch"].vote(ada="against", blai="against")
    await until(houses["birch"].outcome)
    assert not (await houses["union"].outcome()).get("document")
    country.line("north", "up")

    await check_end(valley)


@pytest.mark.skipif(WHY_NO_NETEM is not None, reason=f"NOT TRIED: delayed and lost packets. {WHY_NO_NETEM}")
async def test_delayed_and_lost_packets_change_nothing(valley: Valley) -> None:
    for handle in ("north", "south"):
        valley.country.disturb(handle, "delay", "60ms", "30ms", "loss", "8%", "duplicate", "3%")
    await valley.ask()
    for handle in COOPS:
        await until(valley.houses[handle].own)
    await valley.houses["ash"].vote(ada="for", blai="for")
    await valley.houses["birch"].vote(ada="against", blai="against")
    await valley.houses["south"].vote(ada="against", blai="abstain")
    valley.country.calm("south")

    await check_end(valley)


def test_a_country_that_cannot_be_finished_leaves_nothing_behind() -> None:
    with pytest.raises(RuntimeError, match="a-name-too-long-for-a-line"):
        build_country({"union": HOSTS["union"], "a-name-too-long-for-a-line": "long.valley-federation.org"})

    left = [name for folder in (NAMESPACES, HOSTS_FILES) if folder.exists() for name in folder.iterdir()]
    assert [name for name in left if name.name.startswith(f"rochdale-{os.getpid()}-")] == []
