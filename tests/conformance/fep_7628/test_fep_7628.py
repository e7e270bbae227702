"""FEP-7628: a Move is believed only when the new actor names the old one; what followed the old follows the new."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from storage import activities
from tests.federation.community.test_neighbours import coop, follow_back, follow_of, mia, server
from tests.federation.conftest import town

if TYPE_CHECKING:
    from tests.federation.community.fediverse import Person, Server
    from tests.federation.town import House

__all__ = ["coop", "mia", "server", "town"]  # fixtures


async def reasons(house: House) -> list[str | None]:
    async with house.node.store.read() as tx:
        return [one.reason for one in await activities.recent(tx) if one.state == "refused"]


async def test_we_follow_an_actor_to_its_new_address_once_that_says_so_too(
    coop: House, mia: Person, server: Server
) -> None:
    new = server.person("mia2")
    server.peer.pages["/users/mia2"] = {**new.document, "alsoKnownAs": [mia.id]}
    await follow_back(coop, mia.id)

    await mia.say(coop, mia.activity("Move", mia.id, target=new.id))

    there, before = await follow_of(coop, "out", new.id), await follow_of(coop, "out", mia.id)
    assert there is not None
    assert there.state == "accepted"
    assert before is not None
    assert before.state == "rejected"
    (asked,) = [one for one in server.heard() if one["type"] == "Follow"]
    assert (asked["actor"], asked["object"]) == (coop.actor, new.id)


@pytest.mark.parametrize("claimed", [[], ["https://elsewhere.example/users/mia"], "x", None])
async def test_a_move_to_somebody_who_knows_nothing_of_it_is_refused(
    coop: House, mia: Person, server: Server, claimed: Any
) -> None:
    new = server.person("mia2")
    server.peer.pages["/users/mia2"] = {**new.document, "alsoKnownAs": claimed}
    await follow_back(coop, mia.id)

    await mia.say(coop, mia.activity("Move", mia.id, target=new.id))

    before = await follow_of(coop, "out", mia.id)
    assert before is not None
    assert before.state == "accepted"
    assert await follow_of(coop, "out", new.id) is None
    assert await reasons(coop) == ["move-unproven"]


async def test_a_strangers_move_makes_us_ask_nobody(coop: House, mia: Person, server: Server) -> None:
    new = server.person("mia2")
    server.peer.pages["/users/mia2"] = {**new.document, "alsoKnownAs": [mia.id]}

    await mia.say(coop, mia.activity("Move", mia.id, target=new.id))

    assert server.peer.asked["/users/mia2"] == 0
    assert await follow_of(coop, "out", new.id) is None
    assert await reasons(coop) == []


async def test_nobody_moves_somebody_else(coop: House, mia: Person, server: Server) -> None:
    gus, new = server.person("gus"), server.person("mia2")
    server.peer.pages["/users/mia2"] = {**new.document, "alsoKnownAs": [mia.id, gus.id]}
    await follow_back(coop, mia.id)

    await gus.say(coop, gus.activity("Move", mia.id, target=new.id))

    before = await follow_of(coop, "out", mia.id)
    assert before is not None
    assert before.state == "accepted"
    assert await reasons(coop) == ["move-unproven"]
