"""The statute changes by what the constituents decide under the statute in force: its rules and its roster (G6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.federation.town import EARLY, cast, open_draft

if TYPE_CHECKING:
    from tests.federation.town import House, Town

DAY = 86_400


@pytest.fixture
async def union(town: Town) -> tuple[House, House, House]:
    """Alpha, an assembly of beta (weight 3) and gamma (weight 2)."""
    alpha = await town.build("alpha", kind="assembly")
    beta, gamma = await town.build("beta"), await town.build("gamma")
    await town.join(beta, alpha, weight=3)
    await town.join(gamma, alpha, weight=2)
    return alpha, beta, gamma


async def statute_at(house: House, assembly: House) -> dict[str, Any]:
    latest = await house.ada.get("statutes/latest", params={"assembly": assembly.node.body.did})
    said: dict[str, Any] = latest.body["document"]["governance"]
    return said


async def decided(town: Town, alpha: House, drafted: dict[str, Any], choices: dict[House, str]) -> dict[str, Any]:
    """The outcome after each body's only member has cast."""
    question = await open_draft(alpha, drafted)
    await town.settle()
    for house, choice in choices.items():
        answer = await cast(house, question, "ada", choice)
        assert answer.status == 201, answer.body
    await town.pass_time(seconds=5)
    found: dict[str, Any] = (await alpha.ada.get(f"proposals/{question['key']}/outcome")).body
    return found


async def test_a_change_that_passes_becomes_the_next_statute_everywhere(
    town: Town, union: tuple[House, House, House]
) -> None:
    alpha, beta, gamma = union
    changes = {"mode": "heads", "margin_seconds": 120}
    drafted = await alpha.ada.post("statutes/amendments", {"title": "Heads", "reasons": "Simpler.", "changes": changes})
    before = await statute_at(alpha, alpha)

    outcome = await decided(town, alpha, drafted.body, {beta: "for", gamma: "against"})
    after = [await statute_at(house, alpha) for house in union]

    assert outcome["outcome"] == "passed"
    assert [(one["version"], one["mode"], one["margin_seconds"]) for one in after] == [(3, "heads", 120)] * 3
    assert after[0]["adopted_by"] == {"id": outcome["document"]["id"], "digest": outcome["digest"]}
    assert after[0]["constituents"] == before["constituents"]


async def test_a_change_that_is_rejected_changes_nothing(town: Town, union: tuple[House, House, House]) -> None:
    alpha, beta, gamma = union
    drafted = await alpha.ada.post(
        "statutes/amendments", {"title": "Heads", "reasons": "Simpler.", "changes": {"mode": "heads"}}
    )

    outcome = await decided(town, alpha, drafted.body, {beta: "against", gamma: "for"})

    assert outcome["outcome"] == "rejected"
    assert (await statute_at(gamma, alpha))["version"] == 2


async def test_an_applicant_is_taken_in_by_decision(town: Town, union: tuple[House, House, House]) -> None:
    alpha, beta, gamma = union
    delta = await town.build("delta")
    await delta.ada.post("memberships", {"address": alpha.node.origin})
    await town.settle()
    drafted = await alpha.ada.post(
        "constituents/propose", {"actor": delta.actor, "weight": 4, "reasons": "Good neighbours."}
    )

    outcome = await decided(town, alpha, drafted.body, {beta: "for", gamma: "for"})
    roster = {entry["name"]: entry["weight"] for entry in (await statute_at(delta, alpha))["constituents"]}

    assert outcome["outcome"] == "passed"
    assert roster == {"Beta": 3, "Gamma": 2, "Delta": 4}
    assert [tie["state"] for tie in (await delta.ada.get("memberships")).body["items"]] == ["accepted"]


async def test_a_suspended_body_knows_it_and_is_not_asked_any_more(
    town: Town, union: tuple[House, House, House]
) -> None:
    alpha, beta, gamma = union
    drafted = await alpha.ada.post(
        "constituents/propose", {"actor": gamma.actor, "is_admission": False, "reasons": "Three years of silence."}
    )

    await decided(town, alpha, drafted.body, {beta: "for", gamma: "against"})
    next_question = await alpha.ada.post("proposals", {"title": "Next", "text": "Next.", "rule": EARLY})
    opened = await open_draft(alpha, next_question.body)
    await town.settle()
    asked = (await gamma.ada.get("proposals", params={"origin": "own"})).body["items"]

    assert [entry["name"] for entry in (await statute_at(gamma, alpha))["constituents"]] == ["Beta"]
    assert [tie["state"] for tie in (await gamma.ada.get("memberships")).body["items"]] == ["suspended"]
    assert opened["id"] not in {one["upstream_id"] for one in asked}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"mode": "by-size-of-shoe"}, "statute-mode"),
        ({"assembly": "did:web:elsewhere.example"}, "amendment-member"),
        ({"mode": "weights"}, "amendment-nothing"),
        ({}, "amendment-nothing"),
        (
            {"constituents": [{"body": "did:web:x.example", "actor": "https://x.example/body", "key": "z6Mk"}]},
            "not-a-constituent",
        ),
    ],
)
async def test_a_change_that_could_not_be_adopted_is_not_even_drafted(
    town: Town, union: tuple[House, House, House], changes: dict[str, Any], code: str
) -> None:
    refused = await union[0].ada.post(
        "statutes/amendments", {"title": "Odd", "reasons": "Why not.", "changes": changes}
    )

    assert (400 <= refused.status < 500, refused.code) == (True, code)


async def test_a_change_written_by_hand_is_checked_when_it_opens(town: Town, union: tuple[House, House, House]) -> None:
    alpha, _, _ = union
    text = 'Let us.\n\n```statute\n{"mode": "weights"}\n```\n'
    codes = []
    for type_ in ("statute", "emergency", None):
        written = {"title": "By hand", "text": text, **({"type": type_} if type_ else {})}
        drafted = (await alpha.ada.post("proposals", written)).body
        await alpha.ada.post(f"proposals/{drafted['key']}/submit")
        codes.append((await alpha.ada.post(f"proposals/{drafted['key']}/open")).code)

    assert codes[0] in {"amendment-rule", "amendment-nothing"}
    assert codes[1:] == ["type-invalid"] * 2


async def test_a_drafted_change_is_of_the_type_that_a_statute_can_name(
    town: Town, union: tuple[House, House, House]
) -> None:
    drafted = await union[0].ada.post(
        "statutes/amendments", {"title": "Heads", "reasons": "Simpler.", "changes": {"mode": "heads"}}
    )

    assert drafted.body["type"] == "statute"
