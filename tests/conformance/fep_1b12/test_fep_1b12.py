"""FEP-1b12: the body is a Group, and what it announces is the member's activity, unchanged."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federation.vocabulary.activities import Envelope, announce, create
from federation.vocabulary.strict_json import parse
from federation.vocabulary.terms import PUBLIC
from identity.proofs.eddsa_jcs_2022 import sign, verify
from tests.doors.peers import Clock, Wire, peer, wire
from tests.federation.community.fediverse import fediverse
from tests.federation.conftest import town
from tests.federation.neighbours.strangers import about_its_offer

if TYPE_CHECKING:
    from storage.engine import Store
    from tests.federation.town import Town

__all__ = ["town"]

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MEMBER = "https://coop.example/body"
GROUP = "https://assembly.example/body"


async def test_the_body_is_a_group_with_followers_and_takes_them_at_once(store: Store) -> None:
    async with wire(store) as here:
        actor = (await here.get("/body", Accept="application/activity+json")).document

        assert actor["type"] == "Group"
        assert actor["followers"].startswith(actor["id"])
        assert actor["manuallyApprovesFollowers"] is False


def test_the_announced_activity_is_the_member_s_own_with_its_proof() -> None:
    key = Ed25519PrivateKey.generate()
    envelope = Envelope(activity_id="https://coop.example/activities/1", actor=MEMBER, published=NOON, to=[PUBLIC])
    inner = sign(
        create(envelope, {"id": "https://coop.example/notes/1", "type": "Note", "attributedTo": MEMBER}),
        key=key,
        verification_method=f"{MEMBER}#ed25519-key",
        created=NOON,
    )
    outer = announce(
        Envelope(
            activity_id="https://assembly.example/activities/1",
            actor=GROUP,
            published=NOON,
            to=[PUBLIC],
            cc=[f"{GROUP}/followers"],
        ),
        inner,
    )

    received = parse(json.dumps(outer).encode())

    assert received["type"] == "Announce"
    assert received["actor"] == GROUP
    assert received["cc"] == [f"{GROUP}/followers"]
    assert received["object"] == inner
    verify(received["object"], key=key.public_key(), now=NOON)


async def test_what_is_announced_is_byte_for_byte_what_came_also_after_two_bodies(town: Town) -> None:
    above, below = await town.build("above", kind="assembly"), await town.build("below")
    await town.join(below, above)
    async with fediverse() as server, peer("author") as author:
        mia = server.person("mia")
        await mia.say(below, mia.activity("Follow", below.actor))
        offer = about_its_offer(author, "Create", 1, name="Br\u00f6tchen, \u4e00", content="<p>]}, {[</p>", size=1e2)
        # As somebody else writes JSON: with room, with escapes, with a number that is spelled in another way.
        body = json.dumps(author.proven(offer), indent=1).replace(": 100.0", ": 1.00E+2").encode()
        target = Wire(above.node.federation, Clock(NOON), town.http)

        assert (await target.post(body, author.signed_headers(target, body))).status == 202
        await town.settle()

        announced = [raw for _, raw in server.peer.received if json.loads(raw)["type"] == "Announce"]
    assert [body in raw for raw in announced] == [True]
    outer = parse(announced[0])
    assert (outer["actor"], outer["object"]) == (below.actor, json.loads(body))
    verify(outer, key=below.node.federation.keyring.ed25519(below.actor)[1].public_key(), now=NOON)
