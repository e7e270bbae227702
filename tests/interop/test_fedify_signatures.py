"""Fedify and a node of ours check each other's signatures and proofs one at a time (P5, P8).

Where an activity has a proof Fedify asks no further; so what shows that our HTTP signatures are good has none here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from federation.errors import FetchFailure
from federation.fetch.signing import Outgoing, Scheme
from federation.receive.origins import host_of
from federation.vocabulary.terms import AS2, PUBLIC
from node.services.house.keys import rotate
from tests.interop.coop import ACTIVITY, address, body_of, bring
from tests.interop.fedify import eventually

if TYPE_CHECKING:
    from collections.abc import Mapping

    from federation.fetch.client import PeerAnswer
    from node.context import Node
    from node.demo.client import Door
    from tests.interop.fedify import Fedify

WIRE = {Scheme.CAVAGE: "cavage", Scheme.MESSAGE_RSA: "rfc9421"}
"""Fedify 2.3 looks for keys of HTTP signatures in `publicKey` alone, and so for none of Ed25519 in a Multikey."""


def unproven(node: Node) -> dict[str, Any]:
    """A Create of ours without the proof that everything of ours has."""
    body, number = node.federation.actor_id, node.federation.new_id()
    note = {"id": f"{node.origin}/notes/{number}", "type": "Note", "attributedTo": body, "content": "Good morning."}
    said = {"@context": AS2, "id": f"{node.origin}/activities/{number}", "type": "Create", "actor": body}
    return {**said, "to": [PUBLIC], "object": note}


async def learn(node: Node, fedify: Fedify, scheme: Scheme) -> None:
    await node.federation.ephemeral.put(f"scheme-learnt:{host_of(fedify.origin)}", scheme, 60)


async def send(node: Node, fedify: Fedify, activity: Mapping[str, Any]) -> PeerAnswer:
    return await node.federation.signing.send(
        Outgoing(
            method="POST",
            url=fedify.inbox,
            actor_id=node.federation.actor_id,
            headers={"content-type": ACTIVITY},
            body=json.dumps(activity).encode(),
        )
    )


async def asked_since(fedify: Fedify, before: int) -> list[tuple[str, int]]:
    return [(one["scheme"], one["status"]) for one in (await fedify.shown("asked"))[before:]]


@pytest.mark.parametrize("scheme", list(WIRE))
async def test_p5_fedify_believes_our_http_signature_alone(node: Node, fedify: Fedify, scheme: Scheme) -> None:
    await learn(node, fedify, scheme)
    before = len(await fedify.shown("asked"))

    answer = await send(node, fedify, unproven(node))
    nobody = await bring(fedify.inbox, unproven(node))

    assert (answer.status, nobody) == (202, 401)
    assert await asked_since(fedify, before) == [(WIRE[scheme], 202), ("none", 401)]


@pytest.mark.parametrize("scheme", list(WIRE))
async def test_p5_fedify_in_secure_mode_shows_itself_to_our_fetches(node: Node, fedify: Fedify, scheme: Scheme) -> None:
    secret = f"{fedify.origin}/secrets/1"
    await learn(node, fedify, scheme)

    shown = await node.federation.fetcher.get_own(secret)

    assert shown["content"] == "For signers."
    with pytest.raises(FetchFailure, match="answered 401"):
        await node.federation.fetcher.get_json(secret, signed=False)


async def test_a_challenge_of_fedify_is_answered(node: Node, wary_fedify: Fedify) -> None:
    await learn(node, wary_fedify, Scheme.MESSAGE_RSA)

    answer = await send(node, wary_fedify, unproven(node))

    assert answer.status == 202
    assert await asked_since(wary_fedify, 0) == [("rfc9421", 401), ("rfc9421", 202)]


async def test_p8_a_proof_by_fedify_alone_convinces_us(coop: Door, fedify: Fedify) -> None:
    proven = await fedify.proven(actor=body_of(coop), content="<p>Good morning.</p>")
    altered = {**proven, "object": {**proven["object"], "content": "<p>Good night.</p>"}}

    answers = [await bring(f"{coop.origin}/inbox", one) for one in (altered, proven)]

    assert answers == [401, 202]


async def test_p25_fedify_believes_our_new_keys_at_once(node: Node, coop: Door, fedify: Fedify) -> None:
    await fedify.told("follow", **address(coop))
    await fedify.received("Accept", sender=body_of(coop))

    await rotate(node, by="ada")
    await coop.post("offers", {"purpose": "offer", "title": "A bread oven", "summary": "Two decks, works."})

    async def heard() -> Mapping[str, Any] | None:
        rows = await fedify.shown("received")
        return next((row for row in rows if row["type"] == "Create" and row["body"]["actor"] == body_of(coop)), None)

    assert (await eventually(heard))["body"]["proof"]["verificationMethod"].endswith("#ed25519-key-2")
    answer = await send(node, fedify, unproven(node))
    assert answer.status == 202
