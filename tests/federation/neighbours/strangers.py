"""A scripted peer beside the town: it signs whatever a test lets it say about its one offer.

Called by the tests of offers and of peer policies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storage.work import activities
from tests.doors.peers import NOON, Answer, Clock, Peer, Wire

if TYPE_CHECKING:
    from tests.federation.town import House, Town


def about_its_offer(by: Peer, kind: str, number: int, **members: Any) -> dict[str, Any]:
    """An activity of the stranger about its offer, unsigned."""
    offer = {"id": f"{by.origin}/offers/1", "type": "Proposal", "purpose": "offer", **members}
    about = {"id": offer["id"], "type": "Tombstone"} if kind == "Delete" else offer
    public = "https://www.w3.org/ns/activitystreams#Public"
    return by.activity(id=f"{by.origin}/activities/{number}", type=kind, object=about, to=[public])


async def posted(town: Town, house: House, by: Peer, document: dict[str, Any]) -> Answer:
    """What the inbox answered to the signed activity."""
    return await by.send(Wire(house.node.federation, Clock(NOON), town.http), document)


async def told(town: Town, house: House, by: Peer, kind: str, number: int, **members: Any) -> str:
    """The state in which dispatch left a signed activity of the stranger about its offer."""
    document = about_its_offer(by, kind, number, **members)
    assert (await posted(town, house, by, document)).status == 202
    await town.settle()
    async with house.node.store.read() as tx:
        row = await activities.find(tx, document["id"])
    assert row is not None
    return row.reason or row.state
