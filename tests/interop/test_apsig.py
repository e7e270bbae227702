"""apsig, a signature library nobody here wrote, and our node accept each other's signatures and proofs."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from apsig.draft import Signer, Verifier
from apsig.exceptions import VerificationFailedError
from apsig.proof import ProofVerifier

from tests.doors.peers import Peer, as_bytes, peer, rsa_key
from tests.interop.coop import ACTIVITY, body_of, document, published
from tests.interop.fedify import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import web

    from node.demo.client import Door


@pytest.fixture
async def follower() -> AsyncIterator[Peer]:
    """A peer that does not say it knows RFC 9421: apsig 0.6 reads it, but without the component `@target-uri`."""
    async with peer("follower") as served:
        served.pages["/body"] = {name: value for name, value in served.actor().items() if name != "generator"}
        yield served


async def follow(coop: Door, follower: Peer, *, altered: bytes = b"") -> int:
    """The answer to a Follow that apsig signed; `altered` goes behind the body after it was signed."""
    body = as_bytes(follower.activity(type="Follow", object=body_of(coop)))
    inbox = f"{body_of(coop)}/inbox"
    headers = Signer(
        headers={"Content-Type": ACTIVITY},
        private_key=rsa_key(follower.name),
        method="POST",
        url=inbox,
        key_id=follower.keys.rsa_id,
        body=body,
    ).sign()
    async with coop.http.post(inbox, data=body + altered, headers=headers) as answer:
        return answer.status


async def accepted(coop: Door, follower: Peer) -> tuple[web.Request, bytes]:
    """The request that brought our Accept."""
    assert await follow(coop, follower) == 202

    async def came() -> bool:
        return bool(follower.received)

    await eventually(came)
    return follower.received[0]


def verify(request: web.Request, body: bytes, key: str) -> str | None:
    checked = Verifier(
        public_pem=key, method=request.method, url=str(request.url), headers=dict(request.headers), body=body
    )
    signer: str | None = checked.verify(raise_on_fail=True)
    return signer


def proven(said: dict[str, Any], key: str) -> str | bool | None:
    # apsig takes the proof out of what it is given.
    by: str | bool | None = ProofVerifier(key).verify_proof(copy.deepcopy(said), raise_on_fail=True)
    return by


async def test_we_refuse_what_apsig_signed_once_it_is_altered(coop: Door, follower: Peer) -> None:
    assert await follow(coop, follower, altered=b" ") == 401


async def test_apsig_verifies_the_signature_of_what_we_send(coop: Door, follower: Peer) -> None:
    request, body = await accepted(coop, follower)

    key = (await document(coop, "/body"))["publicKey"]

    assert verify(request, body, key["publicKeyPem"]) == key["id"]
    with pytest.raises(VerificationFailedError):
        verify(request, body + b" ", key["publicKeyPem"])


async def test_apsig_verifies_the_proof_of_what_we_send(coop: Door, follower: Peer) -> None:
    _, body = await accepted(coop, follower)
    said = json.loads(body)

    key = (await document(coop, "/body"))["assertionMethod"][0]

    assert proven(said, key["publicKeyMultibase"]) == key["id"]
    with pytest.raises(VerificationFailedError):
        proven(said | {"type": "Reject"}, key["publicKeyMultibase"])


async def test_apsig_verifies_the_proof_of_an_offer_in_our_outbox(coop: Door) -> None:
    await coop.post("offers", {"purpose": "offer", "title": "A bread oven", "summary": "Two decks, works."})
    said = await published(coop)

    key = (await document(coop, "/body"))["assertionMethod"][0]

    assert proven(said, key["publicKeyMultibase"]) == key["id"]
    assert proven(said["object"], key["publicKeyMultibase"]) == key["id"]
