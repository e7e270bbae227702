"""Members and sessions over the member door."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.doors.api import PASSPHRASE, Served, quick_settings, served_node

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def coop(database_url: str, tmp_path: Path) -> AsyncIterator[Served]:
    async with served_node(quick_settings(tmp_path, database_url=database_url)) as served:
        yield served


async def test_members_are_listed_without_what_is_theirs_alone(coop: Served) -> None:
    listed = (await coop.blai.get("members")).body["items"]

    assert [one["name"] for one in listed] == ["ada", "blai"]
    assert all(one["did"].startswith("did:key:z6Mk") for one in listed)
    assert not {"passphrase_hash", "key_id"} & set(listed[0])


async def test_a_name_is_taken_once_and_must_be_a_name(coop: Served) -> None:
    again = await coop.ada.post("members", {"name": "blai", "display_name": "Another", "passphrase": PASSPHRASE})
    odd = await coop.ada.post("members", {"name": "../blai", "display_name": "Odd", "passphrase": PASSPHRASE})
    weak = await coop.ada.post("members", {"name": "carla", "display_name": "Carla", "passphrase": "short"})

    assert (again.status, again.code) == (409, "name-taken")
    assert (odd.status, odd.code) == (422, "name-invalid")
    assert (weak.status, weak.code) == (422, "passphrase-weak")


async def test_a_member_enrolled_without_a_passphrase_cannot_sign_in(coop: Served) -> None:
    await coop.ada.post("members", {"name": "carla", "display_name": "Carla"})

    answer = await coop.anybody.post("session", {"name": "carla", "passphrase": PASSPHRASE})

    assert answer.status == 401


async def test_a_new_passphrase_ends_every_session(coop: Served) -> None:
    wrong = await coop.blai.post("members/me/passphrase", {"old": "not this one", "new": "four or five words do"})
    right = await coop.blai.post("members/me/passphrase", {"old": PASSPHRASE, "new": "four or five words do"})

    assert (wrong.status, wrong.code) == (401, "passphrase-wrong")
    assert right.status == 204
    assert (await coop.blai.get("members/me")).status == 401
    assert (await (await coop.anybody.sign_in("blai", "four or five words do")).get("members/me")).status == 200


async def test_sessions_are_listed_and_ended_by_their_owner_only(coop: Served) -> None:
    second = await coop.anybody.sign_in("blai")
    listed = (await coop.blai.get("sessions")).body["items"]
    others = next(one for one in listed if not one["is_current"])

    by_stranger = await coop.ada.delete(f"sessions/{others['id']}")
    by_owner = await coop.blai.delete(f"sessions/{others['id']}")

    assert len(listed) == 2
    assert by_stranger.status == 404
    assert by_owner.status == 204
    assert (await second.get("session")).status == 401
    assert (await coop.blai.get("session")).body["member"]["name"] == "blai"


async def test_lists_come_in_pages_that_link_to_the_next(coop: Served) -> None:
    for name in ("carla", "dario", "elena"):
        await coop.ada.post("members", {"name": name, "display_name": name.title()})
    seen, path = [], "members?limit=2"

    while path:
        answer = await coop.blai.get(path)
        seen.append([one["name"] for one in answer.body["items"]])
        assert ("Link" in answer.headers) == (answer.body["next"] is not None)
        path = f"members?limit=2&after={answer.body['next']}" if answer.body["next"] else ""

    assert seen == [["ada", "blai"], ["carla", "dario"], ["elena"]]
