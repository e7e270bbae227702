"""FEP-2677: NodeInfo's list of links leads to the application actor that signs our fetches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.doors.peers import wire

if TYPE_CHECKING:
    from storage.engine import Store

APPLICATION = "https://www.w3.org/ns/activitystreams#Application"


async def test_the_application_actor_is_linked_and_served_unsigned(store: Store) -> None:
    async with wire(store) as here:
        links = (await here.get("/.well-known/nodeinfo")).document["links"]
        (href,) = [link["href"] for link in links if link["rel"] == APPLICATION]

        actor = await here.get(href.removeprefix(here.federation.origin), Accept="application/activity+json")

        assert href == here.federation.instance_actor_id
        assert actor.status == 200
        assert actor.document["type"] == "Application"
        assert actor.document["publicKey"]["publicKeyPem"].startswith("-----BEGIN PUBLIC KEY-----")
