"""A request repeated with its Idempotency-Key has one effect and one answer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.doors.api import Served, quick_settings, served_node

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

DRAFT = {"title": "A new oven", "text": "We buy it."}
KEY = {"Idempotency-Key": "8f2d"}


@pytest.fixture
async def coop(database_url: str, tmp_path: Path) -> AsyncIterator[Served]:
    async with served_node(quick_settings(tmp_path, database_url=database_url)) as served:
        yield served


async def test_fifty_repeats_at_once_have_one_effect_and_one_answer(coop: Served) -> None:
    answers = await asyncio.gather(*(coop.blai.post("proposals", DRAFT, headers=KEY) for _ in range(50)))

    assert {one.status for one in answers} == {201}
    assert len({one.body["key"] for one in answers}) == 1
    assert len({one.headers["Location"] for one in answers}) == 1
    assert sum("Idempotency-Replayed" not in one.headers for one in answers) == 1
    assert len((await coop.blai.get("proposals")).body["items"]) == 1


async def test_a_ballot_sent_again_is_not_cast_again(coop: Served) -> None:
    key = await coop.opened_proposal()

    first = await coop.blai.post(f"proposals/{key}/ballots", {"choice": "for"}, headers=KEY)
    again = await coop.blai.post(f"proposals/{key}/ballots", {"choice": "for"}, headers=KEY)

    assert again.body == first.body
    assert len((await coop.blai.get(f"proposals/{key}/ballots")).body["items"]) == 1


async def test_one_key_with_another_body_or_path_is_refused(coop: Served) -> None:
    await coop.blai.post("proposals", DRAFT, headers=KEY)

    other_body = await coop.blai.post("proposals", {**DRAFT, "title": "Two ovens"}, headers=KEY)
    other_path = await coop.blai.post("offers", DRAFT, headers=KEY)

    assert (other_body.status, other_body.code) == (409, "idempotency-conflict")
    assert other_path.status in {409, 422}
    assert len((await coop.blai.get("proposals")).body["items"]) == 1


async def test_two_members_may_use_the_same_key(coop: Served) -> None:
    await coop.blai.post("proposals", DRAFT, headers=KEY)
    await coop.ada.post("proposals", DRAFT, headers=KEY)

    assert len((await coop.blai.get("proposals")).body["items"]) == 2


async def test_a_refusal_is_repeated_too(coop: Served) -> None:
    key = (await coop.blai.post("proposals", DRAFT)).body["key"]

    early = await coop.blai.post(f"proposals/{key}/ballots", {"choice": "for"}, headers=KEY)
    again = await coop.blai.post(f"proposals/{key}/ballots", {"choice": "for"}, headers=KEY)

    assert (early.status, early.code) == (404, "not-found")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Content-Type"].startswith("application/problem+json")
    assert (again.status, again.code) == (404, "not-found")


@pytest.mark.parametrize("key", ["k" * 201, "bell\x07"], ids=["long", "unprintable"])
async def test_a_key_that_is_none_is_refused(coop: Served, key: str) -> None:
    quoted = key.replace("\x07", "\x80")

    answer = await coop.blai.post("proposals", DRAFT, headers={"Idempotency-Key": quoted})

    assert (answer.status, answer.code) == (400, "idempotency-key-invalid")


async def test_without_a_key_each_request_stands_for_itself(coop: Served) -> None:
    await coop.blai.post("proposals", DRAFT)
    await coop.blai.post("proposals", DRAFT)

    assert len((await coop.blai.get("proposals")).body["items"]) == 2
