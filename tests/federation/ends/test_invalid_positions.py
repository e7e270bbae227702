"""A position that does not follow from its own tally is kept, counts as not reported, and may be corrected (G6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from federation.assembly.equivocation import equivocation_governance
from federation.vocabulary.terms import EQUIVOCATION, POSITION
from identity.keys.multikey import ed25519_multibase
from identity.proofs import eddsa_jcs_2022
from node.governance.evidence import documents_in, verify_bundle
from node.outbound.documents import signed
from storage import positions
from tests.federation.ends.saying import DAY, evidence_of, lines_of, page_of, refused_at, say, signed_by
from tests.federation.town import cast, open_question

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.federation.town import House, Town


@dataclass
class Union:
    """Alpha, an assembly of the co-ops beta, gamma and delta; beta's position is not sent by itself here."""

    town: Town
    alpha: House
    beta: House
    gamma: House
    question: dict[str, Any]
    honest: Mapping[str, Any]

    async def statuses(self) -> list[tuple[int, str, str | None]]:
        listed = (await self.alpha.ada.get(f"proposals/{self.question['key']}/positions")).body["items"]
        did = self.beta.node.body.did
        return [(one["seq"], one["status"], one["reason"]) for one in listed if one["body"] == did]

    async def close(self) -> dict[str, Any]:
        await self.town.pass_time(days=3)
        found: dict[str, Any] = (await self.alpha.ada.get(f"proposals/{self.question['key']}/outcome")).body
        return found


@pytest.fixture
async def union(town: Town) -> Union:
    """The moment at which gamma has reported `for`, and alpha has heard nothing of beta, whose honest word is known."""
    alpha = await town.build("alpha", kind="assembly")
    beta, gamma, delta = [await town.build(handle) for handle in ("beta", "gamma", "delta")]
    for house in (beta, gamma, delta):
        await town.join(house, alpha)
    question = await open_question(alpha, window_seconds=2 * DAY)
    await town.settle()
    await cast(gamma, question, "ada", "for")
    await town.settle()
    async with gamma.node.store.read() as tx:
        (said,) = await positions.for_proposal(tx, question["id"])
    honest = {**said.document, "governance": {**said.document["governance"], "body": beta.node.body.did}}
    return Union(town, alpha, beta, gamma, question, honest)


async def test_an_invalid_position_is_kept_with_its_reason_and_counts_as_not_reported(union: Union) -> None:
    await say(union.beta, signed_by(union.beta, union.honest, choice="against"), to=union.alpha)
    kept = await union.statuses()
    page = await page_of(union.alpha, f"/proposals/{union.question['key']}")
    outcome = await union.close()

    assert kept == [(1, "invalid", "position-invalid")]
    assert "The reported position does not follow from the tally and rule it states." in page
    assert await lines_of(union.alpha, union.question) == {
        "beta": ("invalid", None), "gamma": ("counted", "for"), "delta": ("missing", None),
    }  # fmt: skip
    assert (outcome["outcome"], outcome["tally"]["for"], outcome["tally"]["against"]) == ("passed", 1, 0)
    await union.town.pass_time(minutes=10)
    bundle = await evidence_of(union.alpha, union.question)
    report = verify_bundle(bundle)
    assert report.valid, report.failure
    assert reported_in(bundle, by=union.beta) == [(1, "against")]


def reported_in(bundle: bytes, *, by: House) -> list[tuple[int, str]]:
    """Number and choice of that body's positions in the evidence."""
    said = [one["governance"] for one in documents_in(bundle) if one["type"] == POSITION]
    return sorted((one["seq"], one["choice"]) for one in said if one["body"] == by.node.body.did)


async def test_a_valid_position_with_a_higher_number_takes_its_place_before_the_close(union: Union) -> None:
    await say(union.beta, signed_by(union.beta, union.honest, choice="against"), to=union.alpha)
    await say(union.beta, signed_by(union.beta, union.honest, seq=2), to=union.alpha)

    assert await union.statuses() == [(1, "invalid", "position-invalid"), (2, "counted", None)]
    await union.close()
    assert (await lines_of(union.alpha, union.question))["beta"] == ("counted", "for")


async def test_an_invalid_position_never_takes_the_place_of_one_that_counts(union: Union) -> None:
    await say(union.beta, signed_by(union.beta, union.honest), to=union.alpha)
    await say(union.beta, signed_by(union.beta, union.honest, choice="abstain", seq=2), to=union.alpha)

    assert await union.statuses() == [(1, "counted", None), (2, "invalid", "position-invalid")]
    await union.close()
    assert (await lines_of(union.alpha, union.question))["beta"] == ("counted", "for")


async def test_a_split_that_the_statute_does_not_allow_is_kept_as_invalid(union: Union) -> None:
    split = {"for": 0, "against": 1, "abstain": 0}
    await say(union.beta, signed_by(union.beta, union.honest, split=split), to=union.alpha)

    assert await union.statuses() == [(1, "invalid", "position-split")]


async def test_two_positions_of_one_number_are_an_equivocation_even_if_one_is_invalid(union: Union) -> None:
    await say(union.beta, signed_by(union.beta, union.honest, choice="against"), to=union.alpha)
    await say(union.beta, signed_by(union.beta, union.honest), to=union.alpha)

    assert [status for _, status, _ in await union.statuses()] == ["equivocation"] * 2
    exposed = (await union.gamma.ada.get("federation/equivocations")).body["items"]
    assert [(one["what"], one["signer"]) for one in exposed] == [("position", union.beta.node.body.did)]
    await union.close()
    await union.town.pass_time(minutes=10)
    bundle = await evidence_of(union.alpha, union.question)
    assert (await lines_of(union.alpha, union.question))["beta"] == ("equivocation", None)
    assert verify_bundle(bundle).failure is None
    assert reported_in(bundle, by=union.beta) == [(1, "against"), (1, "for")]


async def test_what_is_not_of_the_type_of_a_position_is_refused_and_holds_up_no_decision(union: Union) -> None:
    for choice in ("for", "against"):
        await say(union.beta, signed_by(union.beta, {**union.honest, "type": "Note"}, choice=choice), to=union.alpha)

    assert await refused_at(union.alpha) == ["position-malformed"] * 2
    assert await union.statuses() == []
    await union.close()
    assert (await lines_of(union.alpha, union.question))["beta"] == ("missing", None)


async def test_a_pair_that_others_exposed_is_in_the_evidence_though_one_of_it_came_only_there(union: Union) -> None:
    counted, other = signed_by(union.beta, union.honest), signed_by(union.beta, union.honest, level=7)
    await say(union.beta, counted, to=union.alpha)
    key = ed25519_multibase(union.beta.node.keyring.ed25519(union.beta.actor)[1].public_key())
    said = equivocation_governance(counted, other, key=key)
    proof = signed(union.gamma.node, EQUIVOCATION, f"{union.gamma.actor}/proof", said, now=union.town.clock())
    await say(union.gamma, proof, to=union.alpha)
    await union.close()
    await union.town.pass_time(minutes=10)
    bundle = await evidence_of(union.alpha, union.question)

    assert (await lines_of(union.alpha, union.question))["beta"] == ("equivocation", None)
    assert verify_bundle(bundle).failure is None
    assert reported_in(bundle, by=union.beta) == [(1, "for")] * 2


async def test_an_invalid_position_after_the_close_is_kept_and_changes_nothing(union: Union) -> None:
    await union.beta.stop()
    before = await union.close()
    await union.beta.restart()
    await say(union.beta, signed_by(union.beta, union.honest, choice="against"), to=union.alpha)

    assert (1, "invalid", "position-invalid") in await union.statuses()
    after = (await union.alpha.ada.get(f"proposals/{union.question['key']}/outcome")).body
    assert after["document"] == before["document"]


async def test_nobody_can_make_anothers_position_invalid(union: Union) -> None:
    forged = signed_by(union.gamma, union.honest, choice="against")
    await say(union.gamma, forged, to=union.alpha)
    stranger = await union.town.build("mallory")
    did = stranger.node.body.did
    await say(stranger, signed_by(stranger, union.honest, choice="against", body=did), to=union.alpha)

    assert await refused_at(union.alpha) == ["position-invalid", "position-not-a-constituent"]
    assert await union.statuses() == []


async def test_a_position_signed_in_the_name_of_another_actor_is_refused(union: Union) -> None:
    method, key = union.beta.node.keyring.ed25519(union.beta.actor)
    written = {name: value for name, value in signed_by(union.beta, union.honest).items() if name != "proof"}
    elsewhere = method.replace(union.beta.actor, union.gamma.actor)
    lent = eddsa_jcs_2022.sign(written, key=key, verification_method=elsewhere, created=union.town.clock())
    await say(union.beta, lent, to=union.alpha)

    assert await refused_at(union.alpha) == ["position-invalid"]
    assert await union.statuses() == []
