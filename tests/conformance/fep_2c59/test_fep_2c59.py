"""FEP-2c59: the actor says its WebFinger address, and the address leads back to the actor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.doors.peers import wire

if TYPE_CHECKING:
    from storage.engine import Store

ACTIVITY = "application/activity+json"


async def test_actor_and_webfinger_name_each_other(store: Store) -> None:
    async with wire(store) as here:
        actor = (await here.get("/body", Accept=ACTIVITY)).document

        answer = await here.get(f"/.well-known/webfinger?resource=acct:{actor['webfinger']}")

        assert answer.status == 200
        descriptor = answer.document
        assert descriptor["subject"] == f"acct:{actor['webfinger']}"
        links = [link["href"] for link in descriptor["links"] if link["rel"] == "self" and link["type"] == ACTIVITY]
        assert links == [actor["id"]]
