"""Proposals: states, texts, windows, rules, and frozen terms read back (G7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from federation.assembly.decide import OutcomeState
from federation.assembly.rules import PRESETS
from identity.canonical import bytes_digest
from node.governance.proposals import (
    STATE_AFTER,
    TRANSITIONS,
    ElectorateKind,
    ProposalState,
    check_rule,
    check_text,
    check_transition,
    check_type,
    check_window,
    read_proposal,
)
from node.governance.refusals import Refusal
from tests.unit.governance.worlds import iberian_world, small_world

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "wanted"),
    [
        ("draft", "submitted"),
        ("submitted", "open"),
        ("submitted", "draft"),
        ("submitted", "withdrawn"),
        ("open", "passed"),
        ("open", "rejected"),
        ("open", "closed_without_quorum"),
    ],
)
def test_a_proposal_moves_along_its_lifecycle(state: str, wanted: str) -> None:
    assert check_transition(state, wanted) is ProposalState(wanted)


@pytest.mark.parametrize(
    ("state", "wanted"), [("draft", "open"), ("open", "draft"), ("open", "withdrawn"), ("passed", "open")]
)
def test_a_step_that_skips_or_goes_back_is_refused(state: str, wanted: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_transition(state, wanted)

    assert refused.value.code == "state-wrong"


def test_every_outcome_ends_a_proposal_for_good() -> None:
    assert set(STATE_AFTER) == set(OutcomeState)
    assert all(not TRANSITIONS[state] for state in STATE_AFTER.values())


@pytest.mark.parametrize(("title", "text"), [(" ", "text"), ("title", "\n"), ("", "")])
def test_a_proposal_without_title_or_text_is_refused(title: str, text: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_text(title, text)

    assert refused.value.code == "text-missing"


def test_texts_have_limits_and_reach_them() -> None:
    check_text("t" * 300, "x" * 50_000)

    for title, text in (("t" * 301, "x"), ("t", "x" * 50_001)):
        with pytest.raises(Refusal) as refused:
            check_text(title, text)
        assert refused.value.code == "text-too-long"


@pytest.mark.parametrize("length", [timedelta(days=1), timedelta(days=14)])
def test_a_window_of_one_to_fourteen_days_is_fine(length: timedelta) -> None:
    check_window(NOW, NOW + length)


@pytest.mark.parametrize("length", [timedelta(days=-1), timedelta(hours=23), timedelta(days=14, seconds=1)])
def test_a_window_outside_the_bounds_is_refused(length: timedelta) -> None:
    with pytest.raises(Refusal) as refused:
        check_window(NOW, NOW + length)

    assert refused.value.code == "window-invalid"
    assert "1 days to 14 days" in refused.value.public


def test_a_node_may_set_other_bounds() -> None:
    check_window(NOW, NOW + timedelta(seconds=5), shortest=timedelta(seconds=5))
    with pytest.raises(Refusal, match="5 seconds"):
        check_window(NOW, NOW + timedelta(seconds=4), shortest=timedelta(seconds=5))


@pytest.mark.parametrize("written", [None, "emergency", "by-laws", "a" * 40])
def test_a_type_is_one_word_or_none(written: str | None) -> None:
    check_type(written)


@pytest.mark.parametrize("written", ["", "Emergency", "two words", "-x", "a" * 41, "ratification"])
def test_other_types_are_refused(written: str) -> None:
    with pytest.raises(Refusal, match="type-invalid"):
        check_type(written)


def test_a_rule_is_checked_against_its_electorate() -> None:
    bodies = {"preset": "majority", "quorum": {"kind": "bodies", "share": "1/2"}}

    assert check_rule({"preset": "majority"}, "members") == PRESETS["majority"]
    assert check_rule(bodies, "constituents").quorum is not None
    for document, kind in ((bodies, "members"), (bodies, "roll"), ({"preset": "landslide"}, "members"), (None, "roll")):
        with pytest.raises(Refusal) as refused:
            check_rule(document, kind)
        assert refused.value.code == "rule-invalid"


def test_the_frozen_terms_of_a_coop_are_read_back() -> None:
    world = iberian_world()

    proposal = read_proposal(world.documents["proposal:gracia"])

    assert proposal.body == "did:web:gracia.example"
    assert (proposal.electorate.kind, proposal.electorate.count) == (ElectorateKind.MEMBERS, 25)
    assert proposal.rule == PRESETS["majority"]
    assert proposal.upstream is not None
    assert proposal.upstream.proposal.id == "https://barcelona.example/proposals/barcelona"
    assert proposal.upstream.root.id == "https://iberia.example/proposals/iberia"
    assert proposal.opens_at < proposal.closes_at


def test_the_frozen_terms_of_the_root_name_its_statute_and_nothing_above() -> None:
    proposal = read_proposal(small_world().documents["proposal:top"])

    assert proposal.electorate.kind is ElectorateKind.CONSTITUENTS
    assert proposal.upstream is None


def test_a_question_without_its_source_is_taken_at_its_digest() -> None:
    document: dict[str, Any] = dict(small_world().documents["proposal:leaf"])
    del document["source"]

    assert read_proposal(document).text_digest == document["governance"]["text_digest"]


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "outcome"},
        {"body": None},
        {"text_digest": bytes_digest(b"another text")},
        {"rule": {"preset": "landslide"}},
        {"rule": {"preset": "majority", "quorum": {"kind": "bodies", "share": "1/2"}}},
        {"opens_at": "soon"},
        {"closes_at": None},
        {"electorate": {"kind": "everybody"}},
        {"electorate": {"kind": "members", "count": 1, "weight": 1}},
        {"electorate": {"kind": "constituents"}},
        {"upstream": {"id": "x"}},
    ],
)
def test_a_question_that_cannot_be_decided_on_is_refused(changes: dict[str, Any]) -> None:
    document = small_world().documents["proposal:leaf"]

    with pytest.raises(Refusal) as refused:
        read_proposal({**document, "governance": document["governance"] | changes})

    assert refused.value.code == "proposal-invalid"
