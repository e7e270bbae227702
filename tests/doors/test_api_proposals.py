"""A proposal from draft to outcome over the member door."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from node.services import closing
from tests.doors.api import DAY_SECONDS, Served, quick_settings, served_node

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

DRAFT = {"title": "A new oven", "text": "We buy it."}


@pytest.fixture
async def coop(database_url: str, tmp_path: Path) -> AsyncIterator[Served]:
    async with served_node(quick_settings(tmp_path, database_url=database_url)) as served:
        yield served


async def close(coop: Served, key: str) -> None:
    coop.clock.move(days=8)
    await closing.close_if_due(coop.node, coop.node.url("proposals", key))


async def test_a_draft_becomes_an_outcome(coop: Served) -> None:
    drafted = await coop.blai.post("proposals", DRAFT)
    key = drafted.body["key"]
    submitted = await coop.blai.post(f"proposals/{key}/submit")
    opened = await coop.ada.post(f"proposals/{key}/open")
    cast = await coop.blai.post(f"proposals/{key}/ballots", {"choice": "for"})
    standing = (await coop.ada.get(f"proposals/{key}")).body
    await close(coop, key)
    outcome = (await coop.ada.get(f"proposals/{key}/outcome")).body

    assert drafted.headers["Location"].endswith(f"/api/v1/proposals/{key}")
    assert [one.body["state"] for one in (drafted, submitted, opened)] == ["draft", "submitted", "open"]
    assert cast.status == 201
    assert cast.body["receipt"]["governance"]["ballot"] == cast.body["ballot"]["digest"]
    assert "choice" not in cast.body["receipt"]["governance"]
    assert (standing["tally"]["for"], standing["tally"]["electorate"], standing["is_final"]) == (1, 2, False)
    assert (outcome["state"], outcome["reason"], outcome["tally"]["for"]) == ("passed", "threshold_met", 1)
    assert outcome["document"]["proof"]["cryptosuite"] == "eddsa-jcs-2022"


async def test_an_outcome_is_empty_before_the_close(coop: Served) -> None:
    key = await coop.opened_proposal()

    outcome = await coop.blai.get(f"proposals/{key}/outcome")

    assert (outcome.status, outcome.body["outcome"], outcome.body["document"]) == (200, None, None)


async def test_only_the_last_ballot_before_the_close_counts(coop: Served) -> None:
    key = await coop.opened_proposal()

    await coop.blai.post(f"proposals/{key}/ballots", {"choice": "for"})
    await coop.blai.post(f"proposals/{key}/ballots", {"choice": "against"})
    listed = (await coop.ada.get(f"proposals/{key}/ballots")).body["items"]
    standing = (await coop.blai.get(f"proposals/{key}")).body

    assert {(one["choice"], one["status"]) for one in listed} == {("for", "superseded"), ("against", "counted")}
    assert (standing["tally"]["for"], standing["tally"]["against"], standing["my_choice"]) == (0, 1, "against")


async def test_ballots_outside_their_time_or_choices_are_refused(coop: Served) -> None:
    key = await coop.opened_proposal()

    unknown = await coop.blai.post(f"proposals/{key}/ballots", {"choice": "maybe"})
    coop.clock.move(days=8)
    late = await coop.blai.post(f"proposals/{key}/ballots", {"choice": "for"})

    assert (unknown.status, unknown.code) == (422, "body-invalid")
    assert late.status in {409, 410}
    assert (await coop.blai.get(f"proposals/{key}")).body["tally"]["for"] == 0


async def test_somebody_enrolled_after_the_opening_is_not_on_the_roll(coop: Served) -> None:
    key = await coop.opened_proposal()
    await coop.ada.post("members", {"name": "carla", "display_name": "Carla", "passphrase": "correct horse battery"})
    carla = await coop.anybody.sign_in("carla")

    answer = await carla.post(f"proposals/{key}/ballots", {"choice": "for"})

    assert (answer.status, answer.code) == (403, "not-on-roll")


async def test_members_do_not_open_and_steps_are_not_skipped(coop: Served) -> None:
    key = (await coop.blai.post("proposals", DRAFT)).body["key"]

    by_member = await coop.blai.post(f"proposals/{key}/open")
    skipping = await coop.ada.post(f"proposals/{key}/open")
    withdrawn = await coop.blai.post(f"proposals/{key}/withdraw")
    after = await coop.blai.post(f"proposals/{key}/submit")

    assert (by_member.status, by_member.code) == (403, "forbidden")
    assert (skipping.status, skipping.code) == (409, "state-wrong")
    assert withdrawn.body["state"] == "withdrawn"
    assert (after.status, after.code) == (409, "state-wrong")


async def test_a_rule_is_a_preset_or_a_whole_rule_and_nothing_else(coop: Served) -> None:
    preset = await coop.blai.post("proposals", {**DRAFT, "rule": "two-thirds"})
    whole = await coop.blai.post("proposals", {**DRAFT, "rule": preset.body["rule"]})
    unknown = await coop.blai.post("proposals", {**DRAFT, "rule": "dictatorship"})
    window = await coop.blai.post("proposals", {**DRAFT, "window_seconds": DAY_SECONDS - 1})

    assert preset.body["rule"]["threshold"] == "2/3"
    assert whole.body["rule"] == preset.body["rule"]
    assert (unknown.status, unknown.code) == (422, "rule-invalid")
    assert (window.status, window.code) == (422, "window-invalid")


async def test_proposals_are_listed_by_state_and_origin(coop: Served) -> None:
    await coop.blai.post("proposals", DRAFT)
    key = await coop.opened_proposal(title="Second")

    opened = (await coop.ada.get("proposals?state=open&origin=own")).body["items"]
    foreign = (await coop.ada.get("proposals?origin=peer")).body["items"]

    assert [one["key"] for one in opened] == [key]
    assert foreign == []
