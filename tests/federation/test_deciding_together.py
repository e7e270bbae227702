"""An assembly's question goes down, positions come up by weight, the decision comes down; some late, some never."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest

from federation.fetch.actors import read_actor
from federation.vocabulary.reading import addresses, first_type, governance_kind, is_public
from identity.dids.did_key import public_key
from identity.keys.multikey import read_multibase
from identity.proofs.eddsa_jcs_2022 import proof_method, verify
from node.governance.evidence import verify_bundle
from storage.work import activities
from tests.architecture.repository import text_of
from tests.doors.peers import NOON
from tests.federation.town import EARLY, House, Town, actor_of, cast, open_question, own_answer

DAY = 86_400
HOUR_OF_MARGIN = 3600
QUORUM = {**EARLY, "quorum": {"kind": "participation", "share": "1/2"}}


@dataclass
class Union:
    """Alpha, an assembly of beta (weight 3) and gamma (weight 2); each co-op has ada, blai and carme."""

    town: Town
    alpha: House
    beta: House
    gamma: House

    async def outcome_at(self, house: House, question: dict[str, Any]) -> dict[str, Any]:
        """What the house itself decided on the question, with the assembly's decision."""
        one = question if house is self.alpha else await own_answer(house, question)
        found: dict[str, Any] = (await house.ada.get(f"proposals/{one['key']}/outcome")).body
        return found

    async def lines(self, question: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
        """How the assembly's signed outcome lists its constituents: status and choice by handle."""
        document = (await self.outcome_at(self.alpha, question))["document"]
        names = {self.beta.node.body.did: "beta", self.gamma.node.body.did: "gamma"}
        return {
            names[line["body"]]: (line["status"], line["choice"]) for line in document["governance"]["constituents"]
        }


@pytest.fixture
async def union(town: Town) -> Union:
    alpha = await town.build("alpha", kind="assembly", margin_seconds=HOUR_OF_MARGIN)
    beta = await town.build("beta", "blai", "carme")
    gamma = await town.build("gamma", "blai", "carme", rule=QUORUM)
    await town.join(beta, alpha, weight=3)
    await town.join(gamma, alpha, weight=2)
    return Union(town, alpha, beta, gamma)


async def all_cast(union: Union, house: House, question: dict[str, Any], *choices: str) -> None:
    for name, choice in zip(("ada", "blai", "carme"), choices, strict=False):
        answer = await cast(house, question, name, choice)
        assert answer.status == 201, answer.body
    await union.town.settle()


async def test_positions_add_up_by_weight_and_the_decision_binds_everybody(union: Union) -> None:
    question = await open_question(union.alpha, window_seconds=2 * DAY)
    await union.town.settle()

    await all_cast(union, union.beta, question, "for", "for", "against")
    await all_cast(union, union.gamma, question, "against", "against", "abstain")
    await union.town.pass_time(seconds=1)
    top, *below = [await union.outcome_at(house, question) for house in (union.alpha, union.beta, union.gamma)]

    assert (top["outcome"], top["tally"]["for"], top["tally"]["against"]) == ("passed", 3, 2)
    assert [one["outcome"] for one in below] == ["passed", "rejected"]
    assert [one["decision"] for one in below] == [top["document"]] * 2


async def test_p8_all_that_is_said_in_a_decision_carries_one_proof_by_a_key_its_actor_lists(union: Union) -> None:
    question = await open_question(union.alpha, window_seconds=2 * DAY)
    await union.town.settle()
    await all_cast(union, union.beta, question, "for", "for", "against")
    await all_cast(union, union.gamma, question, "against", "against", "abstain")
    await union.town.pass_time(seconds=1)

    said: Counter[str] = Counter()
    for house in (union.alpha, union.beta, union.gamma):
        listed = {key.key_id: key.public_text for key in read_actor(await actor_of(house), now=NOON).keys}
        async with house.node.store.read() as tx:
            ours = [json.loads(row.raw) for row in await activities.recent(tx, limit=500) if row.direction == "out"]
        for document in ours:
            about = document["object"]
            # What is announced has its author's proof, and what is created its own besides.
            if document["type"] == "Create":
                by_member = about["proof"]["verificationMethod"].startswith("did:key:")
                check(about, {} if by_member else listed)
            check(document, listed)
            said[f"{document['type']} {governance_kind(about)}".strip()] += 1

    assert said.keys() >= {
        "Create proposal",
        "Create ballot",
        "Create position",
        "Create outcome",
        "Announce",
        "Accept",
    }


async def test_what_is_said_in_a_decision_is_addressed_as_federation_md_says(union: Union) -> None:
    question = await open_question(union.alpha, window_seconds=2 * DAY)
    await union.town.pass_time(hours=25)
    await all_cast(union, union.beta, question, "for", "for", "against")
    await all_cast(union, union.gamma, question, "against", "against", "abstain")
    await union.town.pass_time(seconds=1)
    rows, seen = said_to(text_of("FEDERATION.md") or ""), set()

    for house in (union.alpha, union.beta, union.gamma):
        async with house.node.store.read() as tx:
            ours = [json.loads(row.raw) for row in await activities.recent(tx, limit=500) if row.direction == "out"]
        for document in ours:
            about = document["object"]
            kind = (document["type"], first_type(about) if document["type"] in {"Create", "Update"} else "")
            public, followers = is_public(document), f"{house.actor}/followers" in addresses(document)
            assert (public, followers) in rows[kind], kind
            seen.add(kind)

    assert {about for _, about in seen} >= {"Question", *(f"rochdale:{name}" for name in SAID_IN_A_DECISION)}
    assert {kind for kind, _ in seen} >= {"Create", "Update", "Announce", "Join", "Accept"}


SAID_IN_A_DECISION = ("Ballot", "Outcome", "Position", "Reminder", "Statute")


def said_to(page: str) -> dict[tuple[str, str], set[tuple[bool, bool]]]:
    """(Activity, object) to whether it goes to everybody and to followers, as the rows of "What we send" have it."""
    table = page.partition("## What we send")[2].partition("\n\n## ")[0]
    rows: dict[tuple[str, str], set[tuple[bool, bool]]] = {}
    for kinds, objects, to in re.findall(r"^\| (`[^|]+) \| ([^|]+) \| ([^|]+) \|", table, re.MULTILINE):
        addressed = to.partition(";")[0].split(", ")
        for kind in re.findall(r"`(\w+)`", kinds):
            named = re.findall(r"`(Question|Note|Proposal|rochdale:\w+)`", objects)
            for about in (named or ["Group"]) if kind in {"Create", "Update"} else [""]:
                rows.setdefault((kind, about), set()).add(("public" in addressed, "followers" in addressed))
    return rows


def check(document: dict[str, Any], listed: dict[str, str]) -> None:
    """Fail unless the document carries one proof, by one of these keys or else by the member that it names."""
    method = proof_method(document)
    key = read_multibase(listed[method]) if listed else public_key(method)
    verify(document, key=key, now=None)


async def test_everybody_can_fetch_the_evidence_and_recount_it(union: Union) -> None:
    question = await open_question(union.alpha, window_seconds=2 * DAY)
    await union.town.settle()
    await all_cast(union, union.beta, question, "for", "for", "for")
    await all_cast(union, union.gamma, question, "against", "for", "for")
    await union.town.pass_time(minutes=10)

    async with union.town.http.get(f"{question['id']}/evidence") as answer:
        report = verify_bundle(await answer.read())

    assert report.valid, report.failure
    assert report.levels is not None
    assert {level.name: level.decided.tally.in_favour for level in report.levels.below if level.decided} == {
        "Beta": 3, "Gamma": 2,
    }  # fmt: skip


async def test_a_body_without_quorum_reached_its_members_but_counts_for_neither_side(union: Union) -> None:
    question = await open_question(union.alpha, window_seconds=2 * DAY)
    await union.town.settle()
    await all_cast(union, union.beta, question, "for", "for", "for")
    await all_cast(union, union.gamma, question, "against")

    await union.town.pass_time(days=2)
    top = await union.outcome_at(union.alpha, question)

    assert await union.lines(question) == {"beta": ("counted", "for"), "gamma": ("no_quorum", "no_quorum")}
    assert (top["outcome"], top["tally"]["for"], top["tally"]["against"]) == ("passed", 3, 0)


async def test_a_silent_node_is_listed_as_missing_and_the_rest_decide(union: Union) -> None:
    question = await open_question(union.alpha, window_seconds=2 * DAY)
    await union.town.settle()
    await union.gamma.stop()
    await all_cast(union, union.beta, question, "for", "for", "for")

    await union.town.pass_time(days=2)
    top = await union.outcome_at(union.alpha, question)

    assert await union.lines(question) == {"beta": ("counted", "for"), "gamma": ("missing", None)}
    assert top["tally"] == {"for": 3, "against": 0, "abstain": 0, "electorate": 5, "unresolved": 0}


async def test_a_late_position_is_kept_and_changes_nothing(union: Union) -> None:
    question = await open_question(union.alpha, window_seconds=2 * DAY)
    await union.town.settle()
    await all_cast(union, union.beta, question, "for", "for", "for")
    await all_cast(union, union.gamma, question, "against", "against")
    await union.alpha.stop()
    await union.town.pass_time(days=1)
    await union.gamma.ada.post(
        f"proposals/{(await own_answer(union.gamma, question))['key']}/ballots", {"choice": "for"}
    )
    await union.gamma.stop()
    await union.alpha.restart()
    await union.town.pass_time(days=1)
    decided = await union.outcome_at(union.alpha, question)

    await union.gamma.restart()
    await union.town.pass_time(hours=1)
    after = await union.outcome_at(union.alpha, question)
    reported = (await union.alpha.ada.get(f"proposals/{question['key']}/positions")).body["items"]

    assert decided["document"] == after["document"]
    assert {(one["actor"], one["status"]) for one in reported} == {
        (union.beta.actor, "counted"), (union.gamma.actor, "late"),
    }  # fmt: skip


async def test_members_close_a_margin_before_the_assembly(union: Union) -> None:
    question = await open_question(union.alpha, window_seconds=2 * DAY)
    await union.town.settle()

    answers = [await own_answer(house, question) for house in (union.beta, union.gamma)]
    closings = {json.dumps(one["closes_at"]) for one in answers}

    assert len(closings) == 1
    assert answers[0]["closes_at"] < question["closes_at"]


async def test_a_body_that_was_down_answers_when_it_is_back_in_time(union: Union) -> None:
    await union.gamma.stop()
    question = await open_question(union.alpha, window_seconds=2 * DAY)
    await union.town.settle()
    await union.gamma.restart()
    await union.town.pass_time(hours=13)

    await all_cast(union, union.beta, question, "against", "against", "against")
    await all_cast(union, union.gamma, question, "for", "for", "for")
    await union.town.pass_time(seconds=1)

    assert await union.lines(question) == {"beta": ("counted", "against"), "gamma": ("counted", "for")}
