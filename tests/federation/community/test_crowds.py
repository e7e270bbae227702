"""A domain with many inboxes of its own does not multiply what is published without end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from node.services import follows as service
from storage import memberships
from storage.records import MembershipRecord
from tests.federation.community.fediverse import Person, Server, fediverse
from tests.federation.community.test_neighbours import hears

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.federation.town import House, Town


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with fediverse() as made:
        yield made


@pytest.fixture
async def coop(town: Town, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr(service, "MOST_INBOXES_OF_DOMAIN", 3)
    return await town.build("gracia")


async def follow(coop: House, person: Person, *, apart: bool) -> None:
    if apart:
        person.server.peer.pages[f"/users/{person.name}"] = person.document | {"endpoints": {}}
    await person.say(coop, person.activity("Follow", coop.actor))


async def test_one_inbox_too_many_is_rejected(coop: House, server: Server) -> None:
    people = [server.person(f"p{number}") for number in range(4)]

    for person in people:
        await follow(coop, person, apart=True)
    await people[0].say(coop, people[0].activity("Follow", coop.actor))

    assert [await hears(coop, person) is not None for person in people] == [True, True, True, False]
    answers = [one["type"] for one in server.heard() if one["type"] in {"Accept", "Reject"}]
    assert sorted(answers) == ["Accept"] * 4 + ["Reject"]


async def test_a_body_that_belongs_to_us_is_never_one_too_many(coop: House, server: Server) -> None:
    people = [server.person(f"p{number}") for number in range(4)]
    async with coop.node.store.write() as tx:
        tie: dict[str, Any] = {
            "id": "tie",
            "did": "did:web:p3.example",
            "name": "P3",
            "kind": "coop",
            "key_multibase": "z",
        }
        await memberships.save(
            tx,
            MembershipRecord(
                direction="below",
                actor_id=people[3].id,
                activity_id="tie",
                state="accepted",
                created_at=coop.node.clock(),
                **tie,
            ),
        )

    for person in people:
        await follow(coop, person, apart=True)

    assert None not in [await hears(coop, person) for person in people]


async def test_a_shared_inbox_is_one_however_many_it_stands_for(coop: House, server: Server) -> None:
    people = [server.person(f"p{number}") for number in range(5)]

    for person in people:
        await follow(coop, person, apart=False)

    assert None not in [await hears(coop, person) for person in people]


async def test_other_domains_are_counted_apart(coop: House, server: Server) -> None:
    for number in range(3):
        await follow(coop, server.person(f"p{number}"), apart=True)
    async with fediverse() as elsewhere:
        eva = elsewhere.person("eva")

        await follow(coop, eva, apart=True)

        assert await hears(coop, eva) is not None
