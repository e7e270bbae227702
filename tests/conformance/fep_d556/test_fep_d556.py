"""FEP-d556: the server's own actor is found by asking WebFinger for the base URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.doors.peers import wire

if TYPE_CHECKING:
    from storage.engine import Store

SERVICE = "https://www.w3.org/ns/activitystreams#Service"


@pytest.mark.parametrize("ending", ["/", ""])
async def test_the_base_url_leads_to_an_actor_that_anybody_may_read(store: Store, ending: str) -> None:
    async with wire(store) as here:
        answer = await here.get(f"/.well-known/webfinger?resource={here.federation.origin}{ending}")

        (link,) = [link for link in answer.document["links"] if link["rel"] == SERVICE]
        actor = await here.get(link["href"].removeprefix(here.federation.origin), Accept="application/activity+json")

        assert link["type"] == "application/activity+json"
        assert actor.document["id"] == link["href"]
        assert actor.document["type"] == "Application"


async def test_the_body_and_strangers_are_not_the_servers_own_actor(store: Store) -> None:
    async with wire(store) as here:
        host = here.authority
        body = await here.get(f"/.well-known/webfinger?resource=acct:{here.federation.profile.handle}@{host}")
        other = await here.get("/.well-known/webfinger?resource=https://elsewhere.example/")

        assert [link["rel"] for link in body.document["links"] if link["rel"] == SERVICE] == []
        assert other.status == 404
