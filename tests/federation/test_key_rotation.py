"""A body changes its keys: neighbours learn it by Update or blindly, and decisions before and across it hold (P25)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from federation.authoring import proven_now
from federation.fetch.actors import assertion_key, read_actor
from federation.peers import directory
from federation.vocabulary.reading import governance_kind
from identity.keys.multikey import read_multibase
from identity.proofs import eddsa_jcs_2022
from node.cli.audit import _recount_all
from node.governance.evidence import verify_bundle
from node.outbound import post
from node.outbound.positions import position
from node.services.house.keys import own_keys, rotate
from storage import activities, deliveries, jobs, memberships, peer_keys, positions, proposals, statutes, tables
from storage.records import FinishedRun
from tests.federation.test_catching_up import reported
from tests.federation.town import EARLY, House, Town, actor_of, cast, open_question, own_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

DAY = 86_400
_HOUR = timedelta(hours=1)


@dataclass
class Pair:
    """Alpha, an assembly whose only constituent is beta, a co-op of ada and blai."""

    town: Town
    alpha: House
    beta: House

    async def decide(self, question: dict[str, Any]) -> dict[str, Any]:
        """Everybody casts for; the outcome at alpha after some time for evidence."""
        for name in ("ada", "blai"):
            assert (await cast(self.beta, question, name, "for")).status == 201
        await self.town.pass_time(minutes=10)
        found: dict[str, Any] = (await self.alpha.ada.get(f"proposals/{question['key']}/outcome")).body
        return found

    async def evidence_holds(self, proposal_id: str, *, trusted_key: str | None = None) -> None:
        async with self.town.http.get(f"{proposal_id}/evidence") as answer:
            assert answer.status == 200
            report = verify_bundle(await answer.read(), trusted_key=trusted_key)
        assert report.valid, report.failure

    async def roster_key(self) -> str:
        async with self.alpha.node.store.read() as tx:
            latest = await statutes.latest(tx, self.alpha.node.body.did)
        assert latest is not None
        (constituent,) = latest.document["governance"]["constituents"]
        return str(constituent["key"])


@pytest.fixture
async def pair(town: Town) -> Pair:
    alpha = await town.build("alpha", kind="assembly")
    beta = await town.build("beta", "blai", rule=EARLY)
    await town.join(beta, alpha)
    return Pair(town, alpha, beta)


def listed(actor: Mapping[str, Any]) -> list[str]:
    return [entry["id"].partition("#")[2] for entry in actor["assertionMethod"]]


# --- what is published


async def test_p25_a_new_key_is_published_beside_the_old_for_48_hours(pair: Pair) -> None:
    beta, before = pair.beta, await actor_of(pair.beta)

    await rotate(beta.node, by="ada")
    during = [await actor_of(beta, path) for path in ("/body", "/actor")]
    await pair.town.pass_time(hours=47)
    shortly_before = await actor_of(beta)
    await pair.town.pass_time(hours=2)
    after = await actor_of(beta)

    assert [listed(actor) for actor in during] == [["ed25519-key-2", "ed25519-key"]] * 2
    assert listed(shortly_before) == listed(during[0])
    assert listed(after) == ["ed25519-key-2"]
    assert before["publicKey"]["id"].endswith("#main-key")
    assert after["publicKey"]["id"].endswith("#main-key-2")
    assert after["publicKey"]["publicKeyPem"] != before["publicKey"]["publicKeyPem"]


async def test_p25_the_did_document_still_names_retired_keys_but_lets_them_assert_nothing(pair: Pair) -> None:
    old = (await actor_of(pair.beta))["assertionMethod"][0]["publicKeyMultibase"]
    await rotate(pair.beta.node, by="ada")
    await pair.town.pass_time(hours=49)

    document = await actor_of(pair.beta, "/.well-known/did.json")

    did = pair.beta.node.body.did
    methods = {method["id"]: method for method in document["verificationMethod"]}
    assert document["assertionMethod"] == document["authentication"] == [f"{did}#ed25519-key-2"]
    assert methods[f"{did}#ed25519-key"]["publicKeyMultibase"] == old
    assert methods[f"{did}#ed25519-key"]["expires"] == "2026-11-23T12:00:00Z"
    assert "expires" not in methods[f"{did}#ed25519-key-2"]


async def test_stolen_keys_are_no_longer_shown_at_once(pair: Pair) -> None:
    await rotate(pair.beta.node, by="ada", at_once=True)

    actor = await actor_of(pair.beta)
    signed_again = await open_question(pair.beta)
    await pair.town.settle()

    assert listed(actor) == ["ed25519-key-2"]
    assert signed_again["state"] == "open"
    async with pair.alpha.node.store.read() as tx:
        assert await peer_keys.find(tx, f"{pair.beta.actor}#ed25519-key-2") is not None


async def test_keys_can_be_rotated_again_while_the_last_ones_are_still_shown(pair: Pair) -> None:
    await rotate(pair.beta.node, by="ada")
    await pair.town.pass_time(hours=1)
    await rotate(pair.beta.node, by="ada")

    assert listed(await actor_of(pair.beta)) == ["ed25519-key-3", "ed25519-key-2", "ed25519-key"]
    assert len({record.key_id for record in await own_keys(pair.beta.node)}) == 12
    await pair.town.pass_time(hours=49)
    assert listed(await actor_of(pair.beta)) == ["ed25519-key-3"]


async def test_new_keys_survive_a_restart_and_reach_other_processes(pair: Pair) -> None:
    await rotate(pair.beta.node, by="ada")
    await pair.beta.stop()
    await pair.beta.restart()
    await pair.town.settle()

    key_id, _ = pair.beta.node.keyring.ed25519(pair.beta.actor)
    rsa_id, _ = pair.beta.node.keyring.rsa(f"{pair.beta.node.origin}/actor")

    assert key_id.endswith("#ed25519-key-2")
    assert rsa_id.endswith("#main-key-2")
    assert await pair.roster_key() == assertion_key(await actor_of(pair.beta))


# --- how neighbours learn it


async def test_p25_an_update_brings_the_new_key_to_peers_and_onto_the_roster(pair: Pair) -> None:
    old = await pair.roster_key()

    await rotate(pair.beta.node, by="ada")
    await pair.town.settle()

    actor = await actor_of(pair.beta)
    assert await pair.roster_key() == assertion_key(actor) != old
    async with pair.alpha.node.store.read() as tx:
        membership = await memberships.find(tx, "below", pair.beta.actor)
        latest = await statutes.latest(tx, pair.alpha.node.body.did)
        known = await directory.known(pair.alpha.node.federation, pair.beta.actor)
    assert membership is not None
    assert latest is not None
    assert known is not None
    assert (membership.key_multibase, latest.version) == (assertion_key(actor), 2)
    assert {key.key_id for key in read_actor(known.document, now=pair.town.clock.now).keys} == {
        f"{pair.beta.actor}{fragment}" for fragment in ("#main-key-2", "#ed25519-key-2", "#ed25519-key")
    }


async def test_p25_neighbours_are_told_again_when_the_old_key_is_retired(pair: Pair) -> None:
    await rotate(pair.beta.node, by="ada")
    await pair.town.settle()
    async with pair.beta.node.store.read() as tx:
        waiting = await jobs.find(tx, "announce-actor", pair.beta.actor)
    await pair.town.pass_time(hours=49)

    known = await directory.known(pair.alpha.node.federation, pair.beta.actor)

    assert waiting is not None
    assert known is not None
    assert listed(known.document) == ["ed25519-key-2"]
    async with pair.beta.node.store.read() as tx:
        assert await jobs.find(tx, "announce-actor", pair.beta.actor) is None


async def test_p25_a_key_rotated_without_any_notice_is_found_when_it_is_first_used(pair: Pair) -> None:
    await rotate(pair.beta.node, by="ada")
    async with pair.beta.node.store.write() as tx:  # the notice is lost
        (announcing,) = await jobs.claim(
            tx, ["announce-actor"], now=pair.town.clock.now, limit=10, lease=_HOUR, worker="lost"
        )
        await jobs.finish_all(tx, [FinishedRun(announcing)])

    question = await open_question(pair.beta)
    await pair.town.settle()

    async with pair.alpha.node.store.read() as tx:
        assert await peer_keys.find(tx, f"{pair.beta.actor}#main-key-2") is not None
        received = await activities.find(tx, await _opening(pair.beta, question))
    assert received is not None
    assert received.state == "dispatched"


# --- what was said before is believed afterwards


async def test_p25_what_waited_for_a_node_that_was_away_over_a_rotation_is_believed(pair: Pair) -> None:
    await pair.beta.stop()
    question = await open_question(pair.alpha, window_seconds=10 * DAY)
    await pair.town.settle()

    await rotate(pair.alpha.node, by="ada")
    for _ in range(5):
        await pair.town.pass_time(hours=12)
    await pair.beta.restart()
    await pair.town.pass_time(hours=13)

    assert (await own_answer(pair.beta, question))["state"] == "open"


async def test_p25_what_was_passed_on_under_a_retired_key_is_had_from_its_author(town: Town) -> None:
    iberian, barcelona = await town.build("iberian", kind="assembly"), await town.build("barcelona", kind="assembly")
    await town.join(barcelona, iberian)
    questions = [await open_question(iberian, window_seconds=10 * DAY) for _ in range(2)]
    await town.settle()
    await rotate(iberian.node, by="ada")
    await town.pass_time(hours=49)
    gracia = await town.build("gracia")

    await town.join(gracia, barcelona)
    await town.pass_time(minutes=1)

    async with gracia.node.store.read() as tx:
        assert None not in [await proposals.find(tx, question["id"]) for question in questions]


async def test_p8_an_outbox_is_proven_by_keys_that_its_actor_lists(pair: Pair) -> None:
    before = await _oldest_page(pair.alpha)
    await rotate(pair.alpha.node, by="ada")
    await pair.town.pass_time(hours=49)

    pages = [await _oldest_page(pair.alpha) for _ in range(2)]
    one = await actor_of(pair.alpha, pages[0][0]["id"].removeprefix(pair.alpha.node.origin))

    key = read_multibase(assertion_key(await actor_of(pair.alpha)))
    statutes_in = [item["object"] for item in pages[0] if governance_kind(item["object"]) == "statute"]
    for document in (*pages[0], *statutes_in):
        eddsa_jcs_2022.verify(document, key=key, now=pair.town.clock.now, whole=True)
    assert pages[0] == pages[1]
    assert one == pages[0][0] != before[0]
    assert [bare(item) for item in pages[0][: len(before)]] == [bare(item) for item in before]
    assert statutes_in
    assert await actor_of(pair.alpha, "/statutes/1") == statutes_in[0]


def bare(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document without its proof and that of its object."""
    about = document.get("object")
    kept = {**document, "object": bare(about)} if isinstance(about, dict) else document
    return {name: value for name, value in kept.items() if name != "proof"}


async def test_nobody_has_a_body_sign_again_what_it_never_said(pair: Pair) -> None:
    node, (said, *_) = pair.beta.node, await _oldest_page(pair.alpha)
    mine = {**said, "actor": pair.beta.actor}
    ours = eddsa_jcs_2022.sign(
        mine,
        key=pair.alpha.node.keyring.ed25519(pair.alpha.actor)[1],
        verification_method=f"{pair.beta.actor}#ed25519-key",
        created=node.clock(),
    )
    theirs = {"type": "Announce", "object": said}
    await rotate(node, by="ada")

    assert proven_now(node.federation, ours) is ours
    assert proven_now(node.federation, theirs) is theirs
    assert proven_now(node.federation, {**ours, "proof": [ours["proof"]]})["proof"] == [ours["proof"]]
    named = {**ours["proof"], "verificationMethod": f"{pair.beta.actor}#unknown"}
    assert proven_now(node.federation, {**ours, "proof": named})["proof"] == named


async def _oldest_page(house: House) -> list[dict[str, Any]]:
    """The oldest activities of the outbox, in the order in which they were said."""
    return list((await actor_of(house, "/body/outbox?after=0"))["orderedItems"])[::-1]


# --- a node that is lost


async def test_p25_a_body_that_lost_its_node_is_taken_back_and_its_decisions_hold(pair: Pair) -> None:
    past, town = await open_question(pair.alpha, window_seconds=2 * DAY), pair.town
    await town.settle()
    await pair.decide(past)
    before = await pair.roster_key()
    await pair.beta.stop()

    beta = await town.build("beta-again", "blai", rule=EARLY, at=pair.beta)
    asked = [await beta.ada.post("memberships", {"address": pair.alpha.node.origin}) for _ in range(2)]
    await town.pass_time(minutes=6)
    question = await open_question(pair.alpha, window_seconds=2 * DAY)
    await town.settle()
    for name in ("ada", "blai"):
        assert (await cast(beta, question, name, "for")).status == 201
    await town.pass_time(minutes=10)

    assert [answer.status for answer in asked] == [202, 409]
    assert await pair.roster_key() == assertion_key(await actor_of(beta)) != before
    outcome = (await pair.alpha.ada.get(f"proposals/{question['key']}/outcome")).body
    assert (outcome["outcome"], outcome["tally"]["for"]) == ("passed", 1)
    for one in (past, question):
        await pair.evidence_holds(one["id"], trusted_key=assertion_key(await actor_of(pair.alpha)))
    assert await _recount_all(pair.alpha.node) == 2


async def test_p25_a_body_that_only_forgot_its_assembly_is_told_again(pair: Pair) -> None:
    before = await pair.roster_key()
    async with pair.beta.node.store.write() as tx:
        await tx.execute(sa.delete(tables.memberships))
        await tx.execute(sa.delete(tables.statutes))
        await tx.execute(sa.delete(tables.follows))

    await pair.beta.ada.post("memberships", {"address": pair.alpha.node.origin})
    await pair.town.settle()

    async with pair.beta.node.store.read() as tx:
        tie = await memberships.find(tx, "above", pair.alpha.actor)
        latest = await statutes.latest(tx, pair.alpha.node.body.did)
    assert tie is not None
    assert latest is not None
    assert (tie.state, latest.version, await pair.roster_key()) == ("accepted", 1, before)


# --- decisions


async def test_p25_a_decision_taken_before_stays_verifiable(pair: Pair) -> None:
    question = await open_question(pair.alpha, window_seconds=2 * DAY)
    await pair.town.settle()
    await pair.decide(question)
    trusted = assertion_key(await actor_of(pair.alpha))

    await rotate(pair.alpha.node, by="ada")
    await rotate(pair.beta.node, by="ada")
    await pair.town.pass_time(hours=49)

    await pair.evidence_holds(question["id"], trusted_key=trusted)
    for house in (pair.alpha, pair.beta):
        assert await _recount_all(house.node) == 1


async def test_p25_a_decision_during_which_everybody_rotates_is_taken_and_proven(pair: Pair) -> None:
    question = await open_question(pair.alpha, window_seconds=2 * DAY)
    await pair.town.settle()
    roster_key = await pair.roster_key()

    await rotate(pair.beta.node, by="ada")
    await rotate(pair.alpha.node, by="ada")
    await pair.town.settle()
    outcome = await pair.decide(question)

    assert (outcome["outcome"], outcome["tally"]["for"]) == ("passed", 1)
    async with pair.alpha.node.store.read() as tx:
        (reported,) = await positions.for_proposal(tx, question["id"])
    old_method = f"{pair.beta.actor}#ed25519-key"
    assert eddsa_jcs_2022.proof_method(reported.document) == old_method  # the key of the roster it was asked under
    assert roster_key != await pair.roster_key()
    await pair.evidence_holds(question["id"], trusted_key=assertion_key(await actor_of(pair.alpha)))
    await pair.evidence_holds((await own_answer(pair.beta, question))["id"], trusted_key=roster_key)
    for house in (pair.alpha, pair.beta):
        assert await _recount_all(house.node) == 1


async def test_p25_a_decision_opened_after_a_rotation_is_asked_under_the_new_roster(pair: Pair) -> None:
    await rotate(pair.beta.node, by="ada")
    await rotate(pair.alpha.node, by="ada")
    await pair.town.pass_time(hours=49)

    question = await open_question(pair.alpha, window_seconds=2 * DAY)
    await pair.town.settle()
    outcome = await pair.decide(question)

    assert outcome["outcome"] == "passed"
    async with pair.alpha.node.store.read() as tx:
        (reported,) = await positions.for_proposal(tx, question["id"])
    assert eddsa_jcs_2022.proof_method(reported.document) == f"{pair.beta.actor}#ed25519-key-2"
    await pair.evidence_holds(question["id"], trusted_key=assertion_key(await actor_of(pair.alpha)))


async def test_p9_a_position_that_says_more_than_its_proof_covers_is_refused(pair: Pair) -> None:
    question = await open_question(pair.alpha, window_seconds=2 * DAY)
    await pair.town.settle()
    await pair.decide(question)
    node = pair.beta.node
    async with node.store.read() as tx:
        (sent,) = await positions.for_proposal(tx, question["id"])
    stated = {**sent.document["governance"], "seq": 2}
    second = position(node, governance=stated, key=await pair.roster_key(), now=node.clock())

    arrived = []
    for document in (second | {"signature": {"type": "RsaSignature2017"}}, second):
        async with node.store.write() as tx:
            await post.create(tx, node, document, ordering_key=document["id"], to=[pair.alpha.actor])
        await pair.town.settle()
        async with pair.alpha.node.store.read() as tx:
            (last, *_) = await activities.recent(tx)
            arrived.append((last.state, last.reason))

    assert arrived == [("refused", "position-invalid"), ("dispatched", None)]


async def _opening(house: House, question: dict[str, Any]) -> str:
    async with house.node.store.read() as tx:
        out = await activities.outbox(tx, limit=50, after=0)
    return next(row.id for row in out if row.object_id == question["id"] and row.type == "Create")


# --- neighbours that were away meanwhile


@pytest.mark.parametrize("are_lost", [True, False])
async def test_p16_who_was_away_while_keys_were_changed_reads_what_was_said_before(pair: Pair, are_lost: bool) -> None:
    gamma = await pair.town.build("gamma")
    await pair.town.join(gamma, pair.alpha)
    await gamma.stop()
    question = await open_question(pair.alpha, window_seconds=2 * DAY)
    await pair.town.settle()
    await pair.decide(question)
    await pair.town.pass_time(days=2)
    for house in (pair.alpha, pair.beta):
        await rotate(house.node, by="ada")
    await pair.town.pass_time(hours=49)
    async with pair.alpha.node.store.write() as tx:
        if are_lost:
            await tx.execute(sa.delete(tables.deliveries))

    await gamma.restart()
    await pair.town.pass_time(hours=1)
    await pair.town.pass_time(hours=12)

    assert await _settled(gamma, question["id"]) == await _settled(pair.alpha, question["id"])
    assert await reported(gamma, question["id"]) == await reported(pair.alpha, question["id"])
    async with pair.alpha.node.store.read() as tx:
        summary = await deliveries.summary(tx)
    assert (summary.due, summary.failed) == (0, 0)


async def _settled(house: House, proposal_id: str) -> bytes:
    """Tally, outcome and state as the house holds them, whatever key proves the outcome."""
    async with house.node.store.read() as tx:
        found = await proposals.find(tx, proposal_id)
    assert found is not None
    assert found.outcome_document is not None
    said = {name: value for name, value in found.outcome_document.items() if name != "proof"}
    return json.dumps([found.tally, said, found.outcome_digest, found.state], sort_keys=True).encode()
