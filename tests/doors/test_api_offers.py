"""Offers and requests over the member door."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.doors.api import Served, quick_settings, served_node

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

HAMMER = {"purpose": "offer", "title": "Hammer, to borrow", "summary": "Bring it back.", "place": "Gràcia"}


@pytest.fixture
async def coop(database_url: str, tmp_path: Path) -> AsyncIterator[Served]:
    async with served_node(quick_settings(tmp_path, database_url=database_url)) as served:
        yield served


async def test_an_offer_is_found_until_it_is_withdrawn(coop: Served) -> None:
    published = await coop.blai.post("offers", HAMMER)
    await coop.ada.post("offers", {"purpose": "request", "title": "Flour", "reciprocal": "Bread"})
    found = (await coop.ada.get("offers?text=HAMMER")).body["items"]
    by_other = (await coop.blai.get("offers?purpose=request&ring=own")).body["items"]
    withdrawn = await coop.blai.delete(f"offers/{published.body['key']}")

    assert published.status == 201
    assert published.headers["Location"].endswith(published.body["key"])
    assert [(one["id"], one["is_mine"]) for one in found] == [(published.body["id"], False)]
    assert [one["title"] for one in by_other] == ["Flour"]
    assert withdrawn.status == 204
    assert (await coop.ada.get("offers?text=hammer")).body["items"] == []


async def test_only_its_author_or_an_operator_withdraws_an_offer(coop: Served) -> None:
    of_ada = (await coop.ada.post("offers", HAMMER)).body["key"]
    of_blai = (await coop.blai.post("offers", HAMMER)).body["key"]

    by_stranger = await coop.blai.delete(f"offers/{of_ada}")
    by_operator = await coop.ada.delete(f"offers/{of_blai}")
    again = await coop.ada.delete("offers/00000000-0000-0000-0000-000000000000")

    assert (by_stranger.status, by_stranger.code) == (403, "forbidden")
    assert by_operator.status == 204
    assert (again.status, again.code) == (404, "offer-unknown")


async def test_an_offer_without_a_title_or_with_an_unknown_purpose_is_refused(coop: Served) -> None:
    untitled = await coop.blai.post("offers", {**HAMMER, "title": "   "})
    gift = await coop.blai.post("offers", {**HAMMER, "purpose": "gift"})

    assert (untitled.status, gift.status) == (422, 422)
    assert gift.body["errors"][0]["pointer"] == "/purpose"
