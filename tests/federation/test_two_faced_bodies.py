"""Somebody who signs two things for one place is exposed to everybody by a proof that each checks alone (G9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from federation.assembly.equivocation import check_equivocation
from federation.vocabulary.terms import EQUIVOCATION
from identity.canonical import content_digest
from identity.keys.multikey import ed25519_multibase
from identity.proofs import eddsa_jcs_2022
from node.outbound import post
from node.outbound.documents import signed
from storage import activities, positions, proposals, statutes
from tests.federation.town import cast, open_question

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.federation.town import House, Town

DAY = 86_400
LATER, STILL_LATER = "2026-11-21T12:00:01.000Z", "2026-11-21T12:00:02.000Z"


@dataclass
class Union:
    """Alpha, an assembly of beta (weight 3), gamma (2) and delta (2), which is not honest."""

    town: Town
    alpha: House
    beta: House
    gamma: House
    delta: House

    async def exposed_at(self, house: House) -> list[tuple[str, str]]:
        listed = (await house.ada.get("federation/equivocations")).body["items"]
        return [(one["what"], one["signer"]) for one in listed]


@pytest.fixture
async def union(town: Town) -> Union:
    alpha = await town.build("alpha", kind="assembly")
    below = [await town.build(handle) for handle in ("beta", "gamma", "delta")]
    for house, weight in zip(below, (3, 2, 2), strict=True):
        await town.join(house, alpha, weight=weight)
    return Union(town, alpha, *below)


def otherwise(house: House, document: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """The document with something else in it, signed by the same body again."""
    altered = {name: value for name, value in document.items() if name != "proof"}
    altered["id"] = f"{document['id']}-other"
    altered["governance"] = {**document["governance"], **changes}
    method, key = house.node.keyring.ed25519(house.actor)
    return eddsa_jcs_2022.sign(altered, key=key, verification_method=method, created=house.node.clock())


async def say(house: House, document: dict[str, Any], *, to: House) -> None:
    async with house.node.store.write() as tx:
        await post.create_for(tx, house.node, document, ordering_key=document["id"], to=[to.actor])


async def test_two_positions_of_one_number_are_exposed_everywhere_and_neither_counts(union: Union) -> None:
    question = await open_question(union.alpha, window_seconds=2 * DAY)
    await union.town.settle()
    await cast(union.delta, question, "ada", "for")
    await union.town.settle()
    async with union.alpha.node.store.read() as tx:
        (said,) = await positions.for_proposal(tx, question["id"])
    await say(union.delta, otherwise(union.delta, said.document, signed_at=LATER), to=union.alpha)
    await union.town.settle()
    for house in (union.beta, union.gamma):
        await cast(house, question, "ada", "against")
    await union.town.settle()

    await union.town.pass_time(days=3)
    outcome = (await union.alpha.ada.get(f"proposals/{question['key']}/outcome")).body
    lines = {line["body"]: line["status"] for line in outcome["document"]["governance"]["constituents"]}
    did = union.delta.node.body.did

    assert lines[did] == "equivocation"
    assert (outcome["tally"]["for"], outcome["tally"]["against"]) == (0, 5)
    assert [await union.exposed_at(house) for house in (union.alpha, union.beta, union.gamma)] == [
        [("position", did)]
    ] * 3


async def test_two_statutes_of_one_version_are_exposed_to_those_who_heard_only_one(union: Union) -> None:
    async with union.beta.node.store.read() as tx:
        latest = await statutes.latest(tx, union.alpha.node.body.did)
    assert latest is not None

    await say(union.alpha, otherwise(union.alpha, latest.document, margin_seconds=5), to=union.beta)
    await union.town.pass_time(seconds=5)

    assert await union.exposed_at(union.beta) == [("statute", union.alpha.node.body.did)]


async def test_what_could_prove_no_two_faces_is_not_taken(union: Union) -> None:
    alpha, question = union.alpha, await open_question(union.alpha, window_seconds=2 * DAY)
    await union.town.settle()
    async with union.beta.node.store.read() as tx:
        latest = await statutes.latest(tx, alpha.node.body.did)
        asked = await proposals.find(tx, question["id"])
    assert latest is not None
    assert asked is not None
    unproven = [
        {name: value for name, value in otherwise(alpha, document).items() if name != "proof"}
        for document in (latest.document, asked.document or {})
    ]
    extended = otherwise(alpha, latest.document) | {"signature": {"type": "RsaSignature2017"}}
    broken = otherwise(alpha, latest.document)
    broken["governance"] |= {"margin_seconds": 7}
    by_another = otherwise(union.gamma, latest.document)

    for document in (*unproven, extended, broken, by_another):
        await say(alpha, document, to=union.beta)
    await union.town.settle()

    async with union.beta.node.store.read() as tx:
        refused = [one.reason for one in await activities.recent(tx) if one.state == "refused"]
        assert await statutes.latest(tx, alpha.node.body.did) == latest
    assert refused == ["document-unproven"] * 5


async def test_the_proof_is_served_under_its_id_and_needs_nobody_to_believe_it(union: Union) -> None:
    question = await open_question(union.alpha, window_seconds=2 * DAY)
    await union.town.settle()
    await cast(union.delta, question, "ada", "for")
    await union.town.settle()
    async with union.alpha.node.store.read() as tx:
        (said,) = await positions.for_proposal(tx, question["id"])
    await say(union.delta, otherwise(union.delta, said.document, signed_at=LATER), to=union.alpha)
    await union.town.settle()
    (listed,) = (await union.beta.ada.get("federation/equivocations")).body["items"]

    async with union.town.http.get(listed["id"], headers={"Accept": "application/activity+json"}) as answer:
        served = await answer.json(content_type=None)

    assert served == listed["document"]
    assert check_equivocation(served).place.signer == union.delta.node.body.did


async def test_a_proof_with_somebody_elses_key_accuses_nobody(union: Union) -> None:
    question = await open_question(union.alpha, window_seconds=2 * DAY)
    await union.town.settle()
    await cast(union.delta, question, "ada", "for")
    await union.town.settle()
    async with union.alpha.node.store.read() as tx:
        (said,) = await positions.for_proposal(tx, question["id"])
    pair = [otherwise(union.gamma, said.document, signed_at=at) for at in (LATER, STILL_LATER)]
    pair.sort(key=content_digest)
    _, key = union.gamma.node.keyring.ed25519(union.gamma.actor)
    accusation = {
        "kind": "equivocation",
        "what": "position",
        "signer": union.delta.node.body.did,
        "key": ed25519_multibase(key.public_key()),
        "place": {name: pair[0]["governance"][name] for name in ("proposal", "body", "seq")},
        "documents": pair,
    }
    proof = signed(
        union.gamma.node, EQUIVOCATION, union.gamma.node.url("equivocations", "1"), accusation, now=union.town.clock.now
    )

    await say(union.gamma, proof, to=union.alpha)
    await union.town.settle()

    async with union.alpha.node.store.read() as tx:
        refused = [one.reason for one in await activities.recent(tx) if one.state == "refused"]
        counted = [one.status for one in await positions.for_proposal(tx, question["id"])]
    assert refused == ["equivocation-other-key"]
    assert counted == ["counted"]
    assert await union.exposed_at(union.alpha) == []
