"""What a body of the town signs and sends by hand, true or not, and what became of it at the other side.

Called by the tests of this folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import ClientSession, CookieJar

from federation.peers.directory import known_or_fetched
from identity.proofs import eddsa_jcs_2022
from node.outbound import post
from storage import activities
from tests.doors.api import PASSPHRASE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.records import ActivityRecord
    from tests.federation.town import House

DAY = 86_400


def signed_by(house: House, document: Mapping[str, Any], *, under: str = "", **changes: Any) -> dict[str, Any]:
    """The document with these members of its `governance` changed, under another id, signed by that body now."""
    written = {name: value for name, value in document.items() if name != "proof"}
    written |= {"id": under or house.node.url("papers", house.node.new_id()), "attributedTo": house.actor}
    written["governance"] = {**document["governance"], **changes}
    method, key = house.node.keyring.ed25519(house.actor)
    return eddsa_jcs_2022.sign(written, key=key, verification_method=method, created=house.node.clock())


async def say(house: House, document: Mapping[str, Any], *, to: House) -> None:
    """Create{document} from that body to another, whether they know each other or not."""
    await known_or_fetched(house.node.federation, to.actor)
    async with house.node.store.write() as tx:
        await post.create_for(tx, house.node, document, ordering_key=str(document["id"]), to=[to.actor])
    await house.town.settle()


async def refused_at(house: House) -> list[str | None]:
    """The codes of all activities that this body refused, oldest first."""
    async with house.node.store.read() as tx:
        return [one.reason for one in reversed(await activities.recent(tx)) if one.state == "refused"]


async def undispatched(house: House) -> list[ActivityRecord]:
    """What this body received and has not done with, oldest first."""
    async with house.node.store.read() as tx:
        return [one for one in reversed(await activities.recent(tx)) if one.state in {"recorded", "queued"}]


async def page_of(house: House, path: str) -> str:
    """A page of the node as somebody sees it who is not signed in."""
    async with house.town.http.get(f"{house.node.origin}{path}") as answer:
        assert answer.status == 200, await answer.text()
        return await answer.text()


async def lines_of(house: House, question: Mapping[str, Any]) -> dict[str, tuple[str, str | None]]:
    """How the signed outcome lists its constituents: status and choice by handle."""
    outcome = (await house.ada.get(f"proposals/{question['key']}/outcome")).body
    handles = {other.node.body.did: handle for handle, other in house.town.houses.items()}
    lines = outcome["document"]["governance"]["constituents"]
    return {handles[line["body"]]: (line["status"], line["choice"]) for line in lines}


async def posted(house: House, path: str, **form: str) -> int:
    """The status of a form that ada, signed in on the pages of this body, fills in and sends."""
    async with ClientSession(house.node.origin, cookie_jar=CookieJar(unsafe=True)) as http:
        signing_in = {"csrf": await _token(http, "/sign-in"), "name": "ada", "passphrase": PASSPHRASE, "next": "/"}
        async with http.post("/sign-in", data=signing_in) as answer:
            assert answer.status == 200
        filled = {"csrf": await _token(http, "/profile"), **form}
        async with http.post(path, data=filled, allow_redirects=False) as answer:
            return answer.status


async def evidence_of(house: House, question: Mapping[str, Any]) -> bytes:
    """The bundle that the deciding body serves for its decision."""
    async with house.town.http.get(f"{question['id']}/evidence") as answer:
        assert answer.status == 200, await answer.text()
        return await answer.read()


async def _token(http: ClientSession, path: str) -> str:
    async with http.get(path) as answer:
        return (await answer.text()).partition('name="csrf" value="')[2].partition('"')[0]
