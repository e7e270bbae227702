"""Decisions on paper: read, rolled up at any depth, and replayed under other rules (F4)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from federation.assembly.on_paper.paper import DEEPEST, read_paper
from federation.assembly.on_paper.simulation import Replay, simulate, variants_of
from federation.assembly.refusals import AssemblyRefusal
from federation.assembly.tally import Tally

BARCELONA = {
    "statute": {
        "name": "Barcelona Federation",
        "mode": "weights",
        "weight_denominator": 10,
        "constituents": [
            {"name": "Gràcia", "weight": 10, "members": 25},
            {"name": "Eixample", "weight": 9, "members": 23},
            {"name": "Sagrada", "weight": 8, "members": 23},
        ],
        "leaves": True,
    },
    "positions": [
        {"body": "Gràcia", "tally": {"for": 23, "against": 2}},
        {"body": "Eixample", "tally": {"for": 18, "against": 5}},
        {"body": "Sagrada", "tally": {"for": 15, "against": 8}},
    ],
}


def iberia(**changes: Any) -> dict[str, Any]:
    """S4's case, with invented tallies for Madrid and Lisbon that net 41 against."""
    statute = {
        "name": "Iberian Commons",
        "mode": "weights",
        "weight_denominator": 10,
        "rule": "supermajority-66",
        "constituents": [
            {"name": "Barcelona", "weight": 10, "members": 71, "kind": "assembly"},
            {"name": "Madrid", "weight": 9, "members": 64},
            {"name": "Lisbon", "weight": 7, "members": 60},
        ],
    }
    positions = [
        {"body": "Barcelona", "below": BARCELONA},
        {"body": "Madrid", "tally": {"for": 33, "against": 31}},
        {"body": "Lisbon", "tally": {"for": 8, "against": 52}},
    ]
    return {"format": "rochdale-roll-up/1", "statute": statute | changes, "positions": positions}


def refusal(document: object) -> str:
    with pytest.raises(AssemblyRefusal) as refused:
        read_paper(document).rolled_up()
    return refused.value.code


def test_a_paper_of_three_levels_is_rolled_up() -> None:
    rolled = read_paper(iberia()).rolled_up()

    assert rolled.tally == Tally(19, 7, 0, 26)
    assert (rolled.level, rolled.outcome.state) == (3, "passed")
    assert rolled.members == Tally(97, 98, 0, 195)


def test_members_mode_counts_people_across_the_levels() -> None:
    rolled = read_paper(iberia(mode="members")).rolled_up()

    assert rolled.tally == Tally(97, 98, 0, 195)
    assert rolled.outcome.state == "rejected"


def test_choices_splits_silence_and_vetoes_can_be_written_by_hand() -> None:
    paper = iberia(may_split=True, veto={"types": ["emergency"]})
    paper["positions"] = [
        {"body": "Barcelona", "choice": "for", "veto": "The only well runs dry."},
        {"body": "Madrid", "choice": "for", "split": {"for": 5, "against": 4}},
        {"body": "Lisbon", "status": "late"},
    ]
    paper["rule"] = "majority"

    rolled = read_paper(paper).rolled_up()

    assert rolled.tally == Tally(15, 4, 0, 26)
    assert rolled.outcome.state == "vetoed"
    assert [line.status for line in rolled.lines] == ["counted", "counted", "late"]


def test_a_position_follows_from_its_tally_by_its_own_rule() -> None:
    paper = iberia()
    paper["positions"][1]["rule"] = "two-thirds"

    assert read_paper(paper).reports["Madrid"].choice == "against"


def test_naming_a_preset_of_law_is_enough() -> None:
    statute = read_paper(iberia(jurisdiction="es-second-degree", amendment="two-thirds")).statute

    assert statute.terms.cap is not None
    assert statute.terms.cap.share_among(3) == Fraction(2, 5)
    assert statute.terms.amendment is not None


def broken(place: int, **changes: Any) -> dict[str, Any]:
    paper = iberia()
    paper["positions"][place] |= changes
    return paper


def deep() -> dict[str, Any]:
    paper: dict[str, Any] = {"statute": {"name": "end", "mode": "heads", "constituents": []}, "positions": []}
    for number in range(DEEPEST):
        statute = {"name": f"level {number}", "mode": "heads", "constituents": [{"name": "below"}]}
        paper = {"statute": statute, "positions": [{"body": "below", "below": paper}]}
    return paper


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ([], "paper-malformed"),
        ({}, "paper-malformed"),
        (iberia() | {"format": "another/1"}, "paper-malformed"),
        (iberia() | {"colour": "red"}, "paper-malformed"),
        (iberia() | {"positions": "none"}, "paper-malformed"),
        (iberia() | {"positions": [{"body": "Porto", "choice": "for"}]}, "paper-malformed"),
        (iberia() | {"positions": [{"body": "Lisbon", "choice": "for"}] * 2}, "paper-malformed"),
        (iberia() | {"positions": [{"body": "Lisbon"}]}, "paper-malformed"),
        (iberia() | {"rule": 7}, "paper-malformed"),
        (iberia() | {"rule": "landslide"}, "rule-preset"),
        (iberia(colour="red"), "paper-malformed"),
        (iberia(mode="loudest"), "statute-mode"),
        (iberia(cap={"share": "1/4"}), "statute-cap"),
        (iberia(jurisdiction="atlantis"), "statute-jurisdiction"),
        (iberia(amendment=7), "paper-malformed"),
        (broken(2, choice="for"), "paper-malformed"),
        (broken(2, choice="perhaps"), "paper-malformed"),
        (broken(2, status="asleep"), "paper-malformed"),
        (broken(2, tally={"for": 9, "electorate": 3}), "tally-malformed"),
        (broken(2, tally={"for": -1}), "paper-malformed"),
        (broken(2, tally={"for": 0.5}), "paper-malformed"),
        (broken(2, split={"for": 8}), "position-split"),
        (deep(), "paper-malformed"),
    ],
)
def test_a_paper_that_cannot_be_read_is_refused(document: object, code: str) -> None:
    assert refusal(document) == code


def replays() -> dict[str, Replay]:
    paper = read_paper(iberia())
    return {f"{each.what} {each.name}": each for each in simulate(paper, variants_of(paper))}


def state(replay: Replay) -> str:
    assert replay.rolled is not None
    return replay.rolled.outcome.state


def test_a_replay_shows_every_mode_rule_and_cap_beside_what_was_decided() -> None:
    found = replays()

    assert next(iter(found)) == "decided weights"
    assert len(found) == 1 + 7 + 6 + 3
    assert state(found["decided weights"]) == "passed"
    assert state(found["mode members"]) == "rejected"
    assert state(found["mode heads"]) == "passed"
    assert state(found["mode double"]) == "passed"
    assert state(found["rule three-quarters"]) == "rejected"
    assert state(found["rule unanimity"]) == "rejected"


def test_a_replay_names_who_could_have_turned_the_decision() -> None:
    found = replays()

    assert found["decided weights"].pivotal == ("Barcelona", "Madrid")
    assert found["rule three-quarters"].pivotal == ("Lisbon",)
    assert found["mode members"].pivotal == ("Lisbon",)


def test_a_replay_says_how_much_power_the_weights_give() -> None:
    power = replays()["rule majority"].power

    assert power is not None
    assert power.banzhaf == power.shapley == (Fraction(1, 3),) * 3
    assert replays()["mode members"].power is None
    assert replays()["mode proportional"].power is None


def test_a_replay_shows_what_a_cap_changes() -> None:
    rolled = replays()["cap 1/3"].rolled

    assert rolled is not None
    assert [line.weight for line in rolled.lines] == [7, 7, 7]


def test_a_replay_warns_where_members_and_bodies_disagree() -> None:
    beside = replays()["decided weights"].divergence

    assert beside is not None
    assert beside.differs


def test_a_change_that_cannot_be_applied_says_why() -> None:
    paper = iberia()
    paper["positions"] = [{"body": "Barcelona", "choice": "for"}]
    for constituent in paper["statute"]["constituents"]:
        del constituent["members"]
    read = read_paper(paper)
    refused = {each.name: each.refusal for each in simulate(read, variants_of(read)) if each.refusal}

    assert set(refused) == {"members", "proportional", "double", "sqrt", "degressive", "delegates"}
    assert all(refused.values())


def test_turning_every_body_is_left_out_where_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("federation.assembly.on_paper.simulation.MOST_PIVOTAL", 2)

    assert replays()["decided weights"].pivotal is None
