"""What stands in no document we write, and what a peer may write all the same: refused, each with its code."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from federation.assembly.bylaws.amendments import amended, read_amendment
from federation.assembly.bylaws.clauses import read_ratification
from federation.assembly.fields import LONGEST_SECONDS, Fields
from federation.assembly.positions import read_position
from federation.assembly.quorums import (
    Quorum,
    QuorumKind,
    SecondCall,
    Slope,
    at_second_call,
    quorum_document,
    read_quorum,
)
from federation.assembly.refusals import AmendmentRefusal, PositionRefusal
from federation.assembly.reporting.besides import further_document, read_further
from federation.assembly.reporting.vetoes import read_veto
from federation.assembly.rules import RuleError, read_rule
from federation.assembly.statute import StatuteError
from federation.assembly.tally import Tally, count_document, read_count
from federation.assembly.weighing.caps import capped
from federation.assembly.weighing.leaves import read_leaves
from identity.canonical import content_digest
from identity.instants import read_instant
from identity.keys.multikey import ed25519_multibase
from identity.keys.pairs import generate_ed25519
from identity.proofs.eddsa_jcs_2022 import sign
from node.governance.evidence import documents_in
from node.governance.evidence.failures import EvidenceRefusal
from node.governance.evidence.signatures import check_body_signature, signer
from node.governance.proposals import read_proposal
from node.governance.refusals import Refusal
from tests.unit.assembly.test_positions_upward import reported
from tests.unit.governance.worlds import OPENS, small_world

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = ed25519_multibase(generate_ed25519().private.public_key())
HALF, THIRD = Fraction(1, 2), Fraction(1, 3)
DIGEST = "sha256:" + "a" * 64


def fields(**members: object) -> Fields:
    return Fields(members, ValueError)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": QuorumKind.REJECTION, "share": Fraction(0)},
        {"kind": QuorumKind.DYNAMIC, "share": HALF},
        {"kind": QuorumKind.PARTICIPATION, "share": HALF, "dynamic": Slope(HALF, HALF)},
        {"kind": QuorumKind.DYNAMIC, "share": HALF, "dynamic": Slope(THIRD, HALF)},
        {"kind": QuorumKind.PARTICIPATION, "share": THIRD, "second_call": SecondCall(60, HALF)},
        {"kind": QuorumKind.REJECTION, "share": HALF, "second_call": SecondCall(60, THIRD)},
        {"kind": QuorumKind.PARTICIPATION, "share": Fraction(3, 2)},
    ],
)
def test_a_quorum_that_cannot_be_applied_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(RuleError) as refused:
        Quorum(**wrong)

    assert refused.value.code == "rule-quorum"


@pytest.mark.parametrize(
    "quorum",
    [
        Quorum(QuorumKind.DYNAMIC, THIRD, dynamic=Slope(HALF, Fraction(1, 4))),
        Quorum(QuorumKind.PARTICIPATION, HALF, abstain_counts=False, second_call=SecondCall(3600, THIRD)),
    ],
)
def test_a_quorum_is_read_as_it_was_written(quorum: Quorum) -> None:
    assert read_quorum(fields(**(quorum_document(quorum) or {}))) == quorum


def test_a_second_call_asks_less_or_nothing_and_there_is_no_third() -> None:
    first = Quorum(QuorumKind.PARTICIPATION, HALF, second_call=SecondCall(60, THIRD))

    assert at_second_call(first) == Quorum(QuorumKind.PARTICIPATION, THIRD)
    assert at_second_call(Quorum(QuorumKind.PARTICIPATION, HALF, second_call=SecondCall(60, Fraction(0)))) is None
    with pytest.raises(LookupError):
        at_second_call(Quorum(QuorumKind.PARTICIPATION, HALF))


@pytest.mark.parametrize("by", [[], "did:web:a", [1], None])
def test_vetoes_by_nobody_in_particular_are_refused(by: object) -> None:
    with pytest.raises(ValueError, match="who vetoed"):
        read_further(fields(vetoes={"by": by}), None)


@pytest.mark.parametrize(
    "written",
    [
        {"lot": {"proposal": DIGEST, "beacon": DIGEST}},
        {"vetoes": {"by": ["did:web:a", "did:web:b"], "override": "3/4"}},
        {"second": {"tally": Tally(1, 2, 0, 3).to_document(), "share": "1/2", "blocking": 2}},
    ],
)
def test_what_a_decision_rests_on_is_read_as_it_was_written(written: dict[str, object]) -> None:
    assert further_document(read_further(fields(**written), None)) == written


@pytest.mark.parametrize("tie", [7, ["lot", 1], {"lot": True}])
def test_a_tie_rule_is_a_word_or_a_list_of_words(tie: object) -> None:
    rule = {"method": "threshold", "preset": "majority", "tie": tie}

    with pytest.raises(RuleError) as refused:
        read_rule(rule)

    assert refused.value.code == "rule-malformed"


@pytest.mark.parametrize("count", [5, Fraction(7, 3), 2**60, Fraction(2**30000, 3**9000)])
def test_a_count_is_read_as_it_was_written(count: int | Fraction) -> None:
    assert read_count(fields(n=count_document(count)), "n") == count


@pytest.mark.parametrize("text", ["2/4", "x", "1/0x3", "0x0a/3", "4/1"])
def test_a_count_in_another_spelling_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="'n' must be"):
        read_count(fields(n=text), "n")


def test_a_cap_that_nobody_can_stay_below_is_refused() -> None:
    with pytest.raises(ValueError, match="so few"):
        capped([5, 4], THIRD)


LEAF: Mapping[str, Any] = {
    "body": "did:web:a",
    "at": "2026-05-01T12:00:00Z",
    "outcome": DIGEST,
    "tally": Tally(1, 0, 0, 3).to_document(),
    "counts": True,
}


@pytest.mark.parametrize(
    "leaves",
    [
        [LEAF, LEAF],
        [{**LEAF, "body": "did:web:b"}, LEAF],
        [{**LEAF, "outcome": None, "at": None}],
        [{**LEAF, "outcome": None, "counts": False, "tally": Tally(0, 0, 0, 3).to_document()}],
    ],
    ids=["twice", "out of order", "silent and counting", "silent at a moment"],
)
def test_leaves_that_no_roll_up_writes_are_refused(leaves: object) -> None:
    with pytest.raises(ValueError, match=r"leaves|silent"):
        read_leaves(fields(leaves=leaves), "leaves")


@pytest.mark.parametrize("block", ['{"mode": "heads", "mode": "weights"}', "[1]", "{", '{"a": {"b": 1, "b": 2}}'])
def test_a_change_that_says_two_things_or_none_is_malformed(block: str) -> None:
    with pytest.raises(AmendmentRefusal) as refused:
        read_amendment(f"We change it.\n\n```statute\n{block}\n```\n")

    assert refused.value.code == "amendment-malformed"


def test_what_is_no_statute_is_not_changed() -> None:
    with pytest.raises(StatuteError) as refused:
        amended({"governance": {"kind": "proposal"}}, {"mode": "heads"})

    assert refused.value.code == "statute-malformed"


@pytest.mark.parametrize("seconds", [-1, LONGEST_SECONDS + 1, 2**53 - 1, True, 1.5, "60"])
def test_a_span_that_no_calendar_holds_is_refused(seconds: object) -> None:
    quorum = {"kind": "participation", "share": "1/2", "second_call": {"after_seconds": seconds, "share": "1/3"}}

    with pytest.raises(ValueError, match="after_seconds"):
        read_quorum(fields(**quorum))
    with pytest.raises(ValueError, match="within_seconds"):
        read_ratification(fields(kind="unanimity", within_seconds=seconds))


@pytest.mark.parametrize("text", ["9000-01-01T00:00:00Z", "8999-12-31T23:30:00-01:00", "9999-12-31T23:59:59-12:00"])
def test_a_moment_at_the_end_of_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="moment"):
        read_instant(text)


def test_a_veto_in_another_shape_is_malformed() -> None:
    with pytest.raises(PositionRefusal) as refused:
        read_veto({"governance": {"kind": "veto", "more": 1}, "id": "https://a.example/1", "attributedTo": "a"})

    assert refused.value.code == "veto-malformed"


def test_papers_of_another_actor_are_refused_before_their_signature() -> None:
    line: Any = SimpleNamespace(document={"attributedTo": "https://b.example/body"}, number=3)
    by = signer(actor="https://a.example/body", did="did:web:a", key=KEY, name="A")

    with pytest.raises(EvidenceRefusal) as refused:
        check_body_signature(line, by, "outcome-signature")

    assert (refused.value.code, refused.value.line) == ("outcome-signature", 3)


@pytest.mark.parametrize("more", [{"second": {"tally": 1}}, {"leaves": [{"body": 1}]}])
def test_a_position_that_rests_on_what_cannot_be_read_is_malformed(more: dict[str, Any]) -> None:
    document = reported()
    document["governance"] = {**document["governance"], **more}

    with pytest.raises(PositionRefusal) as refused:
        read_position(document)

    assert refused.value.code == "position-malformed"


def test_a_rule_that_may_draw_lots_needs_a_commitment_to_their_nonce() -> None:
    question = next(line for line in documents_in(small_world().bundle) if line["type"] == "Question")
    rule = {**question["governance"]["rule"], "tie": ["lot"]}

    with pytest.raises(Refusal):
        read_proposal({**question, "governance": {**question["governance"], "rule": rule}})


def test_papers_signed_in_the_name_of_another_are_refused() -> None:
    pair = generate_ed25519()
    document = sign(
        {"id": "https://a.example/1", "attributedTo": "https://a.example/body"},
        key=pair.private,
        verification_method="https://b.example/body#key",
        created=OPENS,
    )
    line: Any = SimpleNamespace(document=document, number=5, digest=content_digest(document))
    by = signer(
        actor="https://a.example/body", did="did:web:a", key=ed25519_multibase(pair.private.public_key()), name="A"
    )

    with pytest.raises(EvidenceRefusal) as refused:
        check_body_signature(line, by, "outcome-signature")

    assert refused.value.line == 5
