"""Positions: derived from a body's outcome, and refused when they do not follow (G6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from federation.assembly.decide import Outcome, OutcomeState, Reason
from federation.assembly.positions import (
    Asked,
    Bodies,
    Placement,
    PositionChoice,
    PositionRefusal,
    check_position,
    derive_choice,
    place,
    position_governance,
    read_position,
)
from federation.assembly.references import Reference
from federation.assembly.rules import PRESETS, rule_document
from federation.assembly.statute import Constituent
from federation.assembly.tally import Tally
from identity.canonical import content_digest

NOON = datetime(2026, 3, 8, 12, tzinfo=UTC)
ASKED = Asked(proposal=Reference("https://above/proposals/1", "sha256:" + "a" * 64), statute="sha256:" + "b" * 64)
GRACIA = Constituent(
    body="did:web:gracia", actor="https://gracia/body", name="Gràcia", kind="coop", key="z6Mkgracia", weight=10
)
QUESTION: dict[str, Any] = {
    "id": "https://gracia/proposals/1",
    "governance": {"kind": "proposal", "rule": rule_document(PRESETS["majority"])},
}
OUTCOME: dict[str, Any] = {
    "id": "https://gracia/outcomes/1",
    "proof": {"any": "proof"},
    "governance": {
        "kind": "outcome",
        "body": "did:web:gracia",
        "proposal": {"id": "https://gracia/proposals/1", "digest": "sha256:" + "c" * 64},
        "level": 1,
        "outcome": "passed",
        "reason": "threshold_met",
        "tally": Tally(23, 2, 0, 25).to_document(),
        "members": Tally(23, 2, 0, 25).to_document(),
        "constituents": None,
    },
}


def reported(question: dict[str, Any] = QUESTION, outcome: dict[str, Any] = OUTCOME) -> dict[str, Any]:
    governance = position_governance(asked=ASKED, question=question, outcome=outcome, seq=1, signed_at=NOON)
    return {
        "id": "https://gracia/positions/1",
        "attributedTo": "https://gracia/body",
        "governance": governance,
    }


def changed(changes: dict[str, Any]) -> dict[str, Any]:
    document = reported()
    return {**document, "governance": document["governance"] | changes}


def check(document: dict[str, Any]) -> None:
    check_position(read_position(document), asked=ASKED, constituent=GRACIA)


@pytest.mark.parametrize(
    ("state", "reason", "choice"),
    [
        (OutcomeState.PASSED, Reason.THRESHOLD_MET, "for"),
        (OutcomeState.PASSED, Reason.REJECTION_QUORUM_NOT_REACHED, "for"),
        (OutcomeState.REJECTED, Reason.THRESHOLD_NOT_MET, "against"),
        (OutcomeState.REJECTED, Reason.REJECTION_QUORUM, "against"),
        (OutcomeState.REJECTED, Reason.TIE, "abstain"),
        (OutcomeState.REJECTED, Reason.NO_DECISIVE_VOTES, "abstain"),
        (OutcomeState.NO_QUORUM, Reason.QUORUM_NOT_MET, "no_quorum"),
        (OutcomeState.EMPTY, Reason.EMPTY_ELECTORATE, "no_quorum"),
        (OutcomeState.VETOED, Reason.VETO, "no_quorum"),
    ],
)
def test_a_position_follows_from_the_outcome_below(state: OutcomeState, reason: Reason, choice: str) -> None:
    assert derive_choice(Outcome(state, reason)) == choice


def test_a_position_repeats_its_outcome_and_cites_what_it_rests_on() -> None:
    position = read_position(reported())

    assert position.choice is PositionChoice.FOR
    assert position.tally == position.members == Tally(23, 2, 0, 25)
    assert position.rule == PRESETS["majority"]
    assert (position.level, position.seq, position.bodies) == (1, 1, None)
    assert position.asked == ASKED
    assert position.basis_proposal == Reference("https://gracia/proposals/1", "sha256:" + "c" * 64)
    assert position.basis_outcome == Reference("https://gracia/outcomes/1", content_digest(OUTCOME))
    assert (position.signed_at, position.actor) == (NOON, "https://gracia/body")
    check(reported())


def test_an_assembly_says_how_many_of_its_bodies_reported() -> None:
    lines = [{"status": status} for status in ("counted", "no_quorum", "late", "missing")]
    outcome = {**OUTCOME, "governance": OUTCOME["governance"] | {"constituents": lines, "members": None}}

    position = read_position(reported(outcome=outcome))

    assert position.bodies == Bodies(reached=2, of=4)
    assert position.members is None


def test_a_position_of_an_assembly_is_recomputed_with_its_bodies_quorum() -> None:
    rule = {**rule_document(PRESETS["majority"]), "quorum": {"kind": "bodies", "share": "2/3"}}

    check(changed({"rule": rule, "bodies": {"reached": 2, "of": 3}}))
    with pytest.raises(PositionRefusal) as short:
        check(changed({"rule": rule, "bodies": {"reached": 1, "of": 3}}))
    with pytest.raises(PositionRefusal) as silent:
        check(changed({"rule": rule}))
    assert {short.value.code, silent.value.code} == {"position-invalid"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"proposal": {"id": "https://above/proposals/2", "digest": "sha256:" + "a" * 64}}, "position-other-proposal"),
        ({"proposal": {"id": ASKED.proposal.id, "digest": "sha256:" + "0" * 64}}, "position-other-proposal"),
        ({"statute": "sha256:" + "0" * 64}, "position-other-statute"),
        ({"body": "did:web:eixample"}, "position-not-a-constituent"),
        ({"choice": "against"}, "position-invalid"),
        ({"outcome": "rejected"}, "position-invalid"),
        ({"reason": "tie"}, "position-invalid"),
        ({"tally": Tally(2, 23, 0, 25).to_document()}, "position-invalid"),
        ({"rule": rule_document(PRESETS["unanimity"])}, "position-invalid"),
    ],
)
def test_a_report_that_does_not_follow_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(PositionRefusal) as refused:
        check(changed(changes))

    assert refused.value.code == code


def test_a_position_published_by_somebody_else_is_refused() -> None:
    with pytest.raises(PositionRefusal) as refused:
        check({**reported(), "attributedTo": "https://eixample/body"})

    assert refused.value.code == "position-other-actor"


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "outcome"},
        {"proposal": "https://above/proposals/1"},
        {"proposal": {**ASKED.proposal.to_document(), "version": 2}},
        {"statute": "md5:0"},
        {"level": 0},
        {"seq": 0},
        {"seq": True},
        {"choice": "maybe"},
        {"tally": {}},
        {"tally": Tally(1, 0, 0, 1).to_document() | {"for": 2}},
        {"members": Tally(1, 0, 0, 1).to_document() | {"for": 2}},
        {"members": []},
        {"outcome": "won"},
        {"reason": "luck"},
        {"rule": {"preset": "landslide"}},
        {"bodies": {"reached": 4, "of": 3}},
        {"bodies": {"reached": 1, "of": 3, "asleep": 2}},
        {"basis": {"proposal": ASKED.proposal.to_document()}},
        {"basis": {"proposal": ASKED.proposal.to_document(), "outcome": ASKED.proposal.to_document(), "more": 1}},
        {"signed_at": 0},
        {"weight": 10},
        {"split": {"for": 5, "against": 4}},
    ],
)
def test_a_position_with_anything_we_do_not_understand_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(PositionRefusal) as refused:
        read_position(changed(changes))

    assert refused.value.code == "position-malformed"


def test_a_position_is_made_of_a_proposal_and_its_outcome_only() -> None:
    with pytest.raises(PositionRefusal) as refused:
        reported(question=OUTCOME)

    assert refused.value.code == "position-malformed"


@pytest.mark.parametrize(
    ("milliseconds", "placement"), [(-1, Placement.COUNTS), (0, Placement.COUNTS), (1, Placement.LATE)]
)
def test_a_position_received_exactly_at_the_close_is_in_time(milliseconds: int, placement: Placement) -> None:
    received_at = NOON + timedelta(milliseconds=milliseconds)

    assert place(1, "sha256:1", current=None, received_at=received_at, closes_at=NOON) is placement


@pytest.mark.parametrize(
    ("seq", "digest", "placement"),
    [
        (3, "sha256:new", Placement.COUNTS),
        (2, "sha256:old", Placement.REPLAY),
        (2, "sha256:new", Placement.EQUIVOCATION),
        (1, "sha256:new", Placement.STALE),
    ],
)
def test_a_further_position_counts_by_its_sequence(seq: int, digest: str, placement: Placement) -> None:
    assert place(seq, digest, current=(2, "sha256:old"), received_at=NOON, closes_at=NOON) is placement


def test_the_counted_position_again_after_the_close_is_only_a_replay() -> None:
    after = NOON + timedelta(days=1)

    assert place(2, "sha256:old", current=(2, "sha256:old"), received_at=after, closes_at=NOON) is Placement.REPLAY
