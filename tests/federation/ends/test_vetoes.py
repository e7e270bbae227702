"""A constituent vetoes with a reason before the close, where the statute allows it; everybody can recount it (G6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from node.governance.evidence import Anchor, assemble, documents_in, verify_bundle
from node.governance.evidence.bundle import read_bundle
from storage import vetoes
from tests.federation.ends.saying import DAY, evidence_of, lines_of, page_of, posted, refused_at, say, signed_by
from tests.federation.town import cast, open_question, own_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.federation.town import House, Town

REASON = "Our only well runs dry."
ON_EMERGENCIES = {"veto": {"types": ["emergency"]}}


@dataclass
class Union:
    """Alpha, an assembly whose statute allows vetoes on emergencies, of the co-ops beta, gamma and delta."""

    town: Town
    alpha: House
    beta: House
    gamma: House
    delta: House

    async def ask(self, type_: str | None = "emergency") -> dict[str, Any]:
        question = await open_question(self.alpha, window_seconds=2 * DAY, **({"type": type_} if type_ else {}))
        await self.town.settle()
        for house in (self.beta, self.gamma, self.delta):
            await cast(house, question, "ada", "for")
        await self.town.settle()
        return question

    async def veto(self, house: House, question: Mapping[str, Any], reason: str = REASON) -> tuple[int, str]:
        """What the door answers to the operator: status and status of the veto, or the code of the refusal."""
        answer = await own_answer(house, dict(question))
        said = await house.ada.post(f"proposals/{answer['key']}/vetoes", {"reason": reason})
        await self.town.settle()
        return said.status, said.body.get("status") if said.status == 201 else said.code

    async def vetoes_at(self, house: House, question: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        one = question if house is self.alpha else await own_answer(house, dict(question))
        handles = {other.node.body.did: handle for handle, other in self.town.houses.items()}
        listed = (await house.ada.get(f"proposals/{one['key']}/vetoes")).body["items"]
        return [(handles[line["body"]], line["status"], line["reason"]) for line in listed]

    async def close(self, question: Mapping[str, Any]) -> dict[str, Any]:
        await self.town.pass_time(days=3)
        await self.town.pass_time(minutes=10)
        found: dict[str, Any] = (await self.alpha.ada.get(f"proposals/{question['key']}/outcome")).body
        return found


async def assembled(town: Town, terms: Mapping[str, Any]) -> Union:
    alpha = await town.build("alpha", kind="assembly", terms=terms)
    below = [await town.build(handle) for handle in ("beta", "gamma", "delta")]
    for house in below:
        await town.join(house, alpha)
    return Union(town, alpha, *below)


@pytest.fixture
async def union(town: Town) -> Union:
    return await assembled(town, ON_EMERGENCIES)


async def test_a_veto_stops_what_all_were_for_and_everybody_reads_and_recounts_why(union: Union) -> None:
    question = await union.ask()
    vetoed = await union.veto(union.gamma, question)
    outcome = await union.close(question)
    report = verify_bundle(await evidence_of(union.alpha, question))

    assert vetoed == (201, "counted")
    assert (outcome["outcome"], outcome["reason"], outcome["tally"]["for"]) == ("vetoed", "veto", 3)
    assert outcome["document"]["governance"]["vetoes"]["by"] == [union.gamma.node.body.did]
    for house in (union.alpha, union.beta, union.gamma, union.delta):
        assert await union.vetoes_at(house, question) == [("gamma", "counted", REASON)]
    assert REASON in await page_of(union.alpha, f"/proposals/{question['key']}")
    assert REASON in await page_of(union.beta, f"/proposals/{(await own_answer(union.beta, question))['key']}")
    assert report.valid, report.failure
    assert report.levels is not None
    assert report.levels.decided is not None
    assert report.levels.decided.outcome.state == "vetoed"


async def test_evidence_without_the_veto_or_with_another_reason_does_not_hold(union: Union) -> None:
    question = await union.ask()
    await union.veto(union.gamma, question)
    await union.close(question)
    bundle = await evidence_of(union.alpha, question)
    read, documents = read_bundle(bundle), documents_in(bundle)
    (veto,) = [one for one in documents if one["type"] == "rochdale:Veto"]
    others = [one for one in documents if one is not veto]
    softened: Mapping[str, Any] = {**veto, "governance": {**veto["governance"], "reason": "No reason."}}

    def failure(changed: list[Mapping[str, Any]]) -> str | None:
        found = verify_bundle(assemble(changed, read.decision, read.anchor)).failure
        return found.code if found else None

    assert veto["governance"]["reason"] == REASON
    assert isinstance(read.anchor, Anchor)
    assert failure(documents) is None
    assert failure(others) == "evidence-missing"
    assert failure([*others, softened]) == "evidence-missing"


async def test_enough_of_all_weight_goes_past_a_veto_which_the_decision_still_carries(town: Town) -> None:
    union = await assembled(town, {"veto": {"types": ["emergency"], "override": "3/4"}})
    question = await union.ask()
    await union.veto(union.gamma, question)
    outcome = await union.close(question)

    assert outcome["outcome"] == "passed"
    assert outcome["document"]["governance"]["vetoes"] == {"by": [union.gamma.node.body.did], "override": "3/4"}
    assert verify_bundle(await evidence_of(union.alpha, question)).valid


async def test_the_assembly_stays_open_to_its_close_where_vetoes_are_possible(union: Union) -> None:
    """Everybody has reported and the rule lets it close early; a veto must still find it open."""
    emergency, motion = await union.ask(), await union.ask(None)

    states = [(await union.alpha.ada.get(f"proposals/{one['key']}")).body["state"] for one in (emergency, motion)]

    assert states == ["open", "passed"]


async def test_the_door_refuses_what_is_no_veto(union: Union) -> None:
    emergency, motion = await union.ask(), await union.ask("motion-like")
    await union.beta.enrol("blai")
    answer = await own_answer(union.beta, emergency)
    by_member = await union.beta.people["blai"].post(f"proposals/{answer['key']}/vetoes", {"reason": REASON})

    assert by_member.status == 403
    assert await union.veto(union.beta, emergency, "  ") == (422, "veto-reason")
    assert await union.veto(union.beta, emergency, "x" * 5_001) == (422, "veto-reason")
    assert await union.veto(union.beta, motion) == (422, "veto-not-allowed")
    assert await union.veto(union.beta, emergency) == (201, "counted")
    assert await union.veto(union.beta, emergency) == (422, "veto-twice")
    by_assembly = await union.alpha.ada.post(f"proposals/{emergency['key']}/vetoes", {"reason": REASON})
    assert (by_assembly.status, by_assembly.code) == (422, "position-not-a-constituent")
    await union.town.pass_time(days=3)
    assert await union.veto(union.gamma, emergency) == (422, "veto-late")


async def test_an_operator_vetoes_on_the_page(union: Union) -> None:
    question = await union.ask()
    answer = await own_answer(union.beta, question)

    silent = await posted(union.beta, f"/proposals/{answer['key']}/vetoes", reason=" ")
    sent = await posted(union.beta, f"/proposals/{answer['key']}/vetoes", reason=REASON)
    await union.town.settle()

    assert (silent, sent) == (422, 303)
    assert await union.vetoes_at(union.alpha, question) == [("beta", "counted", REASON)]


async def test_the_form_of_an_assembly_offers_the_types_that_may_be_vetoed(union: Union) -> None:
    written = {"title": "A drill", "text": "We train on Saturday.", "days": "2", "type": "emergency"}
    status = await posted(union.alpha, "/proposals/new", **written)
    (drafted,) = (await union.alpha.ada.get("proposals")).body["items"]

    assert status == 303
    assert (await union.alpha.ada.get(f"proposals/{drafted['key']}")).body["type"] == "emergency"


async def test_hostile_vetoes_are_refused_each_with_its_code(union: Union) -> None:
    stranger = await union.town.build("mallory")
    question = await union.ask()
    other = await union.ask("drill")
    await union.veto(union.gamma, question)
    async with union.alpha.node.store.read() as tx:
        (honest,) = [one.document for one in await vetoes.for_proposal(tx, question["id"])]
    mallory, beta, gamma = (house.node.body.did for house in (stranger, union.beta, union.gamma))

    await say(stranger, signed_by(stranger, honest, body=mallory), to=union.alpha)
    await say(union.beta, signed_by(union.beta, honest, body=gamma), to=union.alpha)
    await say(stranger, {**signed_by(stranger, honest, body=beta), "attributedTo": union.beta.actor}, to=union.alpha)
    await say(union.beta, signed_by(union.beta, honest, body=beta, reason=" "), to=union.alpha)
    await say(union.beta, signed_by(union.beta, honest, body=beta, statute="sha256:" + "0" * 64), to=union.alpha)
    about_other = {"id": other["id"], "digest": other["digest"]}
    await say(union.beta, signed_by(union.beta, honest, body=beta, proposal=about_other), to=union.alpha)
    await say(union.gamma, signed_by(union.gamma, honest, reason="Another one."), to=union.alpha)
    await say(union.beta, {**signed_by(union.beta, honest, body=beta), "name": "changed"}, to=union.alpha)

    refused = await refused_at(union.alpha)
    assert [code for code in refused if code] == [
        "position-not-a-constituent", "position-not-a-constituent", "veto-reason", "veto-other-proposal",
        "veto-not-allowed", "veto-twice", "veto-signature",
    ]  # fmt: skip
    assert await union.vetoes_at(union.alpha, question) == [("gamma", "counted", REASON)]


async def test_a_late_veto_is_kept_as_late_and_changes_nothing(union: Union) -> None:
    question = await union.ask()
    await union.gamma.stop()
    before = await union.close(question)
    await union.gamma.restart()
    did, closes = union.gamma.node.body.did, union.town.clock.now - timedelta(days=2)
    governance = {
        "kind": "veto",
        "proposal": {"id": question["id"], "digest": question["digest"]},
        "statute": question["statute_digest"],
        "body": did,
        "reason": REASON,
        "signed_at": f"{closes:%Y-%m-%dT%H:%M:%SZ}",
    }
    document = {"type": "rochdale:Veto", "governance": governance, "@context": before["document"]["@context"]}
    await say(union.gamma, signed_by(union.gamma, document), to=union.alpha)

    after = (await union.alpha.ada.get(f"proposals/{question['key']}/outcome")).body
    assert await union.vetoes_at(union.alpha, question) == [("gamma", "late", REASON)]
    assert (before["outcome"], after["document"]) == ("passed", before["document"])
    assert "Late, not counted" in await page_of(union.alpha, f"/proposals/{question['key']}")


async def test_a_veto_further_down_leaves_the_assembly_there_without_a_decision_to_report(town: Town) -> None:
    top = await town.build("top", kind="assembly")
    middle = await town.build("middle", kind="assembly", terms=ON_EMERGENCIES)
    beta, gamma = [await town.build(handle) for handle in ("beta", "gamma")]
    for below, above in ((beta, middle), (gamma, middle), (middle, top)):
        await town.join(below, above)
    question = await open_question(top, window_seconds=2 * DAY, type="emergency")
    await town.settle()
    between = await own_answer(middle, question)
    for house in (beta, gamma):
        await cast(house, between, "ada", "for")
    await town.settle()
    vetoed = await gamma.ada.post(f"proposals/{(await own_answer(gamma, between))['key']}/vetoes", {"reason": REASON})
    await town.settle()
    await town.pass_time(hours=47, minutes=1)
    await town.pass_time(hours=2)
    await town.pass_time(minutes=10)

    assert vetoed.status == 201, vetoed.body
    assert await lines_of(top, question) == {"middle": ("no_quorum", "no_quorum")}
    report = verify_bundle(await evidence_of(top, question))
    assert report.valid, report.failure
