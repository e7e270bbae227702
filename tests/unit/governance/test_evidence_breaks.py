"""Evidence that fails: for every check of the verifier a bundle that breaks just that one (G9)."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from federation.assembly.references import Reference
from identity.canonical import bytes_digest, canonical_bytes, content_digest
from identity.instants import instant_text
from identity.proofs import eddsa_jcs_2022
from node.governance.ballots import Choice
from node.governance.evidence import EvidenceRefusal, documents_in, verify_bundle
from node.governance.evidence.failures import CHECKS
from node.governance.evidence.line import Line
from node.governance.evidence.signatures import check_voter_signature
from tests.unit.governance.bundles import lines_of, resealed
from tests.unit.governance.test_evidence_calls import BROKEN as BROKEN_CALLS
from tests.unit.governance.test_evidence_modes import BROKEN as BROKEN_MODES
from tests.unit.governance.test_evidence_ratified import BROKEN as BROKEN_RATIFIED
from tests.unit.governance.test_evidence_recounts import BROKEN as BROKEN_RECOUNTS
from tests.unit.governance.test_evidence_times import BROKEN as BROKEN_TIMES
from tests.unit.governance.worlds import (
    CLOSES,
    OPENS,
    Document,
    Plan,
    Tampering,
    build,
    coop,
    iberian_world,
    key_of,
    small_world,
    voter_did,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SMALL = small_world()
ANCHOR = canonical_bytes(SMALL.anchor.to_document())
ZERO = "sha256:" + "0" * 64
SMALL_REFERENCE = SMALL.decision.to_document()


def edited(label: str, *path: str | int, to: Any) -> bytes:
    """The small world with one member of one document changed before it was signed, all else honest."""

    def edit(document: Document) -> None:
        place: Any = document
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to

    return small_world(Tampering(edits={label: edit})).bundle


def decreed(label: str, *path: str | int, to: Any) -> bytes:
    return edited(label, "governance", *path, to=to)


def signed_by(stranger: str, label: str) -> bytes:
    return small_world(Tampering(strangers={label: stranger})).bundle


def without(*labels: str) -> bytes:
    return small_world(Tampering(left_out=frozenset(labels))).bundle


def with_ballot(voter: str, choice: Choice, seq: int) -> bytes:
    return small_world(Tampering(more_ballots={"leaf": ((voter, choice, seq),)})).bundle


def anchored(**changes: str) -> bytes:
    anchor = canonical_bytes(SMALL.anchor.to_document() | changes)
    return resealed(SMALL.bundle, anchor, without=ANCHOR)


def with_more(*documents: Document) -> bytes:
    return small_world(Tampering(more=documents)).bundle


def twin_of(label: str) -> bytes:
    """The same document with another proof: other bytes, same content."""
    document = copy.deepcopy(SMALL.documents[label])
    document["proof"]["created"] = "2026-01-01T00:00:00Z"
    return canonical_bytes(document)


def another_text(document: Document) -> None:
    document["source"]["content"] = "Shall we all go home?"
    document["governance"]["text_digest"] = bytes_digest(b"Shall we all go home?")


def unsorted_roll(document: Document) -> None:
    document["governance"]["entries"].append(["did:a", 1])


def bigger_roll(document: Document) -> None:
    document["governance"]["entries"].append(["did:z", 1])


def malformed_ballot() -> Document:
    ballot = copy.deepcopy(SMALL.documents["ballot:leaf:0"])
    ballot["governance"]["choice"] = "perhaps"
    return ballot


def ballot_after_close() -> Document:
    """A genuine ballot that is in the bundle but not in the set the outcome commits to."""
    world = small_world(Tampering(more_ballots={"leaf": (("leaf:0", Choice.AGAINST, 2),)}))
    return world.documents["ballot:leaf:1"]


def late_ballot() -> bytes:
    """Two on the roll; the second one's ballot came after the outcome was signed."""
    plan = coop("two", (1, 0, 0), silent=1)
    late = build(coop("two", (1, 1, 0))).documents["ballot:two:1"]
    asked = build(plan).documents["proposal:two"]
    assert late["governance"]["proposal"]["id"] == asked["id"]
    return build(plan, Tampering(more=(late,))).bundle


def ring() -> bytes:
    again = coop("again", (1, 0, 0), nested_as="top")
    return build(Plan(name="top", below=(Plan(name="middle", below=(again,)),))).bundle


def tower(height: int) -> bytes:
    plan = coop("ground", (1, 0, 0))
    for number in range(height):
        plan = Plan(name=f"floor{number}", below=(plan,))
    return build(plan).bundle


def deep_json() -> bytes:
    return b'{"a":' * 100_000 + b"1" + b"}" * 100_000


def misreported(reports: str, *edits: tuple[str, Callable[[Document], None]], **more: Any) -> bytes:
    """Two co-ops, of which birch said what cannot be so, or two things; then some documents edited."""
    below = (coop("ash", (2, 0, 0)), replace(coop("birch", (1, 0, 0)), reports=reports))
    return build(Plan(name="whole", below=below), Tampering(edits=dict(edits), **more)).bundle


def setting(*path: str | int, to: Any) -> Callable[[Document], None]:
    def edit(document: Document) -> None:
        place: Any = document["governance"]
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to

    return edit


def of_birch(name: str, change: Callable[[Any], Any]) -> tuple[str, Callable[[Document], None]]:
    """Another member in the outcome's line on birch, made from what stands there."""

    def edit(document: Document) -> None:
        line = document["governance"]["constituents"][1]
        line[name] = change(line.get(name))

    return "outcome:whole", edit


def elsewhere(*path: str, to: Any) -> tuple[tuple[str, Callable[[Document], None]], ...]:
    return tuple((f"{name}:birch", setting(*path, to=to)) for name in ("position", "twin"))


BROKEN: list[tuple[str, Callable[[], bytes]]] = [
    ("manifest-missing", lambda: b""),
    ("manifest-missing", lambda: b"\n"),
    ("manifest-missing", lambda: b"".join(line + b"\n" for line in reversed(lines_of(SMALL.bundle)))),
    ("manifest-malformed", lambda: resealed(SMALL.bundle, version=2)),
    ("manifest-malformed", lambda: resealed(SMALL.bundle, author="me")),
    ("manifest-malformed", lambda: resealed(SMALL.bundle, decision=SMALL.decision.id)),
    ("manifest-malformed", lambda: resealed(SMALL.bundle, documents="many")),
    ("manifest-malformed", lambda: resealed(SMALL.bundle, digest=None)),
    ("line-unfinished", lambda: SMALL.bundle[:-1]),
    ("line-unfinished", lambda: SMALL.bundle + b" "),
    ("lines-count", lambda: SMALL.bundle + b"\n"),
    ("lines-count", lambda: SMALL.bundle + ANCHOR + b"\n"),
    ("lines-count", lambda: b"".join(line + b"\n" for line in lines_of(SMALL.bundle)[:-1])),
    ("lines-digest", lambda: resealed(SMALL.bundle, digest=ZERO)),
    ("line-malformed", lambda: b"not json\n"),
    ("line-malformed", lambda: resealed(SMALL.bundle, b"[]")),
    ("line-malformed", lambda: resealed(SMALL.bundle, b"")),
    ("line-malformed", lambda: resealed(SMALL.bundle, b'{"a":NaN}')),
    ("line-malformed", lambda: resealed(SMALL.bundle, b'{"a":"\xff"}')),
    ("line-malformed", lambda: resealed(SMALL.bundle, b'{"a":"\\ud800"}')),
    ("line-malformed", lambda: resealed(SMALL.bundle, b'{"a":' + b"9" * 5000 + b"}")),
    ("line-malformed", lambda: resealed(SMALL.bundle, deep_json())),
    ("line-not-canonical", lambda: resealed(SMALL.bundle, b'{"a": 1}')),
    ("line-not-canonical", lambda: resealed(SMALL.bundle, b'{"a":1,"a":1}')),
    ("line-not-canonical", lambda: resealed(SMALL.bundle, b'{"a":1.0}')),
    ("line-not-canonical", lambda: resealed(SMALL.bundle, b'{"a":\r1}')),
    ("line-malformed", lambda: resealed(SMALL.bundle, b'{"a":[' + b"0," * 4_000_000 + b"0]}")),
    ("position-malformed", lambda: decreed("position:leaf", "tally", "electorate", to=f"0x{10**130_000:x}/0x3")),
    ("line-duplicate", lambda: resealed(SMALL.bundle, ANCHOR)),
    ("line-duplicate", lambda: resealed(SMALL.bundle, twin_of("outcome:top"))),
    ("line-unused", lambda: with_more({"type": "Note", "content": "by the way"})),
    ("line-unused", lambda: with_more({"type": "rochdale:Ballot", "governance": []})),
    ("line-unused", lambda: with_more({"type": "rochdale:Roll", "governance": {"proposal": {"id": 1}}})),
    ("line-unused", lambda: with_more(iberian_world().documents["outcome:gracia"])),
    ("anchor-missing", lambda: resealed(SMALL.bundle, without=ANCHOR)),
    ("anchor-malformed", lambda: anchored(note="trust me")),
    ("anchor-malformed", lambda: anchored(did="")),
    ("anchor-malformed", lambda: anchored(key="z6Mk")),
    ("anchor-twice", lambda: resealed(SMALL.bundle, canonical_bytes(SMALL.anchor.to_document() | {"did": "did:x"}))),
    ("evidence-missing", lambda: without("outcome:top")),
    ("evidence-missing", lambda: without("proposal:middle")),
    ("evidence-missing", lambda: without("statute:middle")),
    ("evidence-missing", lambda: without("position:leaf")),
    ("evidence-missing", lambda: without("outcome:leaf")),
    ("evidence-missing", lambda: without("roll:leaf")),
    ("evidence-missing", lambda: without("outcome:leaf", "proposal:leaf", "roll:leaf", "ballot:leaf:0")),
    ("reference-type", lambda: edited("outcome:leaf", "type", to="Note")),
    ("reference-type", lambda: edited("statute:top", "type", to="rochdale:Outcome")),
    (
        "reference-id",
        lambda: resealed(
            SMALL.bundle, decision=Reference("https://top.example/x", SMALL.decision.digest).to_document()
        ),
    ),
    ("reference-id", lambda: decreed("position:leaf", "basis", "outcome", "id", to="https://leaf.example/x")),
    ("outcome-signature", lambda: signed_by("middle", "outcome:top")),
    ("outcome-signature", lambda: signed_by("top", "outcome:leaf")),
    ("outcome-signature", lambda: edited("outcome:leaf", "attributedTo", to="https://top.example/body")),
    ("outcome-signature", lambda: anchored(key=Plan(name="middle").multibase)),
    ("outcome-signature", lambda: anchored(actor="https://middle.example/body")),
    ("proposal-signature", lambda: signed_by("top", "proposal:leaf")),
    ("statute-signature", lambda: signed_by("middle", "statute:top")),
    ("position-signature", lambda: signed_by("leaf", "position:middle")),
    ("position-signature", lambda: edited("position:leaf", "attributedTo", to="https://top.example/body")),
    ("position-signature", lambda: decreed("statute:top", "constituents", 0, "key", to=Plan(name="x").multibase)),
    ("position-signature", lambda: decreed("statute:top", "constituents", 0, "key", to="z6MkNoKey")),
    ("ballot-signature", lambda: signed_by("voter leaf:1", "ballot:leaf:0")),
    ("proposal-malformed", lambda: decreed("proposal:leaf", "opens_at", to="soon")),
    ("proposal-malformed", lambda: edited("proposal:top", "source", "content", to="another text")),
    ("proposal-other-body", lambda: decreed("proposal:leaf", "body", to="did:web:top.example")),
    ("proposal-other-body", lambda: anchored(did="did:web:elsewhere.example")),
    ("proposal-upstream", lambda: decreed("proposal:leaf", "upstream", "digest", to=ZERO)),
    ("proposal-upstream", lambda: decreed("proposal:leaf", "upstream", "root_digest", to=ZERO)),
    ("proposal-upstream", lambda: decreed("proposal:middle", "upstream", to=None)),
    ("proposal-text", lambda: small_world(Tampering(edits={"proposal:leaf": another_text})).bundle),
    ("roll-malformed", lambda: small_world(Tampering(edits={"roll:leaf": unsorted_roll})).bundle),
    ("roll-malformed", lambda: edited("roll:leaf", "note", to="and my cousin")),
    ("roll-digest", lambda: small_world(Tampering(edits={"roll:leaf": bigger_roll})).bundle),
    ("roll-digest", lambda: decreed("proposal:leaf", "electorate", "count", to=2)),
    ("roll-digest", lambda: decreed("proposal:leaf", "electorate", "weight", to=2)),
    ("ballot-malformed", lambda: with_more(malformed_ballot())),
    ("ballot-other-proposal", lambda: decreed("ballot:leaf:0", "proposal", "digest", to=ZERO)),
    ("ballot-not-on-roll", lambda: with_ballot("stranger", Choice.FOR, 1)),
    ("ballot-duplicate", lambda: with_ballot("leaf:0", Choice.AGAINST, 2)),
    ("ballot-duplicate", lambda: with_more(ballot_after_close())),
    ("statute-malformed", lambda: decreed("statute:middle", "mode", to="loudest")),
    ("statute-malformed", lambda: decreed("statute:middle", "constituents", 0, "weight", to=0)),
    ("statute-malformed", lambda: decreed("statute:middle", "constituents", 0, "members_decided", to=True)),
    ("statute-malformed", lambda: decreed("statute:middle", "constituents", 0, "members_decided", to="yes")),
    ("statute-other-assembly", lambda: decreed("statute:middle", "assembly", to="did:web:other.example")),
    ("position-missing", lambda: decreed("outcome:middle", "constituents", 0, "position", to=None)),
    ("position-unexpected", lambda: decreed("outcome:middle", "constituents", 0, "status", to="missing")),
    ("position-missing", lambda: misreported("invalid", of_birch("position", lambda _: None))),
    ("position-follows", lambda: misreported("invalid", ("position:birch", setting("choice", to="for")))),
    ("position-signature", lambda: misreported("invalid", strangers={"position:birch": "ash"})),
    ("position-other-proposal", lambda: misreported("invalid", *elsewhere("proposal", "digest", to=ZERO)[:1])),
    ("evidence-missing", lambda: misreported("invalid", left_out=frozenset({"position:birch"}))),
    ("position-twins", lambda: misreported("equivocation", of_birch("equivocation", lambda _: None))),
    ("position-twins", lambda: misreported("equivocation", of_birch("equivocation", lambda pair: pair[:1]))),
    ("position-twins", lambda: misreported("equivocation", of_birch("equivocation", lambda pair: pair[:1] * 2))),
    ("position-twins", lambda: misreported("equivocation", of_birch("equivocation", lambda pair: pair[::-1]))),
    ("position-twins", lambda: misreported("equivocation", ("twin:birch", setting("seq", to=2)))),
    ("position-twins", lambda: misreported("equivocation", ("twin:birch", setting("kind", to="veto")))),
    ("position-twins", lambda: misreported("equivocation", strangers={"twin:birch": "ash"})),
    ("position-twins", lambda: misreported("equivocation", *elsewhere("proposal", "digest", to=ZERO))),
    ("position-twins", lambda: misreported("equivocation", *elsewhere("body", to="did:web:ash.example"))),
    ("evidence-missing", lambda: misreported("equivocation", left_out=frozenset({"twin:birch"}))),
    ("position-unexpected", lambda: misreported("equivocation", of_birch("position", lambda _: SMALL_REFERENCE))),
    ("outcome-constituents", lambda: misreported("counted", of_birch("equivocation", lambda _: [SMALL_REFERENCE] * 2))),
    ("outcome-constituents", lambda: misreported("equivocation", of_birch("equivocation", lambda _: "both"))),
    ("position-malformed", lambda: decreed("position:leaf", "split", to={"for": 1})),
    ("position-other-proposal", lambda: decreed("position:leaf", "proposal", "digest", to=ZERO)),
    ("position-other-statute", lambda: decreed("position:leaf", "statute", to=ZERO)),
    ("position-not-a-constituent", lambda: decreed("position:leaf", "body", to="did:web:other.example")),
    ("position-invalid", lambda: decreed("position:leaf", "choice", to="against")),
    ("position-invalid", lambda: decreed("position:leaf", "tally", "for", to=0)),
    ("position-basis", lambda: decreed("position:leaf", "level", to=2)),
    ("position-basis", lambda: decreed("position:leaf", "members", to=None)),
    ("position-basis", lambda: decreed("position:middle", "bodies", to={"reached": 1, "of": 2})),
    ("tree-cycle", ring),
    ("tree-too-deep", lambda: tower(32)),
    ("outcome-malformed", lambda: decreed("outcome:leaf", "closed_at", to="later")),
    ("outcome-malformed", lambda: decreed("outcome:leaf", "note", to="well done")),
    ("outcome-malformed", lambda: decreed("outcome:leaf", "closed_at", to="2026-03-08T10:00:00+01:00")),
    ("outcome-malformed", lambda: decreed("outcome:top", "proposal", to=None)),
    ("outcome-malformed", lambda: decreed("outcome:leaf", "ballots", "count", to=True)),
    ("outcome-early", lambda: decreed("outcome:top", "closed_at", to=instant_text(CLOSES - timedelta(milliseconds=1)))),
    ("outcome-constituents", lambda: decreed("outcome:top", "constituents", to=None)),
    ("outcome-constituents", lambda: decreed("outcome:top", "constituents", 0, "weight", to=2)),
    ("outcome-constituents", lambda: decreed("outcome:top", "constituents", 0, "choice", to="against")),
    ("outcome-constituents", lambda: decreed("outcome:top", "constituents", 0, "status", to="no_quorum")),
    ("outcome-constituents", lambda: decreed("outcome:top", "constituents", 0, "status", to="asleep")),
    ("outcome-constituents", lambda: decreed("outcome:top", "constituents", 0, "body", to="did:web:other.example")),
    ("outcome-constituents", lambda: decreed("statute:top", "constituents", 0, "weight", to=2)),
    ("outcome-ballots", lambda: without("ballot:leaf:0")),
    ("outcome-ballots", lambda: decreed("outcome:leaf", "ballots", "digest", to=ZERO)),
    ("outcome-ballots", late_ballot),
    ("outcome-statute", lambda: decreed("outcome:top", "statute", to=ZERO)),
    ("outcome-tally", lambda: decreed("outcome:top", "tally", "for", to=0)),
    ("outcome-tally", lambda: decreed("outcome:leaf", "tally", "electorate", to=2)),
    ("outcome-state", lambda: decreed("outcome:top", "outcome", to="rejected")),
    ("outcome-reason", lambda: decreed("outcome:top", "reason", to="tie")),
    ("outcome-members", lambda: decreed("outcome:top", "members", to=None)),
    ("outcome-level", lambda: decreed("outcome:top", "level", to=2)),
    ("outcome-body", lambda: decreed("outcome:top", "body", to="did:web:other.example")),
]


@pytest.mark.parametrize(("code", "make"), BROKEN, ids=[f"{i}-{code}" for i, (code, _) in enumerate(BROKEN)])
def test_a_bundle_that_breaks_one_rule_fails_that_check(code: str, make: Callable[[], bytes]) -> None:
    report = verify_bundle(make())

    assert report.failure is not None
    assert report.failure.code == code
    assert not report.valid
    assert report.levels is None


def test_every_check_has_a_bundle_that_breaks_it() -> None:
    lists = (BROKEN, BROKEN_MODES, BROKEN_CALLS, BROKEN_RATIFIED, BROKEN_TIMES, BROKEN_RECOUNTS)

    assert {code for broken in lists for code, _ in broken} | {"anchor-untrusted"} == set(CHECKS)


def test_another_anchor_than_the_trusted_one_is_refused() -> None:
    report = verify_bundle(SMALL.bundle, trusted_key=Plan(name="middle").multibase)

    assert report.failure is not None
    assert report.failure.code == "anchor-untrusted"


def test_a_tower_of_the_greatest_height_is_still_followed() -> None:
    assert verify_bundle(tower(31)).valid


def test_a_failure_names_the_line_to_look_at() -> None:
    report = verify_bundle(signed_by("top", "proposal:leaf"))

    assert report.failure is not None
    assert report.failure.line is not None
    line = json.loads(lines_of(signed_by("top", "proposal:leaf"))[report.failure.line - 1])
    assert line["id"] == "https://leaf.example/proposals/leaf"


@pytest.mark.parametrize("voter", ["did:web:leaf.example", "did:key:z6MkNoKey", "ana"])
def test_a_voter_that_names_no_key_cannot_have_signed(voter: str) -> None:
    line = Line(number=5, digest=ZERO, document=SMALL.documents["ballot:leaf:0"])

    with pytest.raises(EvidenceRefusal) as refused:
        check_voter_signature(line, voter, "ballot-signature")

    assert (refused.value.code, refused.value.line) == ("ballot-signature", 5)


def test_a_signature_under_another_method_of_the_same_key_is_refused() -> None:
    document = SMALL.documents["ballot:leaf:0"]
    method = f"{voter_did('leaf:0')}#another"
    signed = eddsa_jcs_2022.sign(document, key=key_of("voter leaf:0"), verification_method=method, created=OPENS)

    with pytest.raises(EvidenceRefusal, match="another verification method"):
        check_voter_signature(
            Line(number=5, digest=content_digest(signed), document=signed), voter_did("leaf:0"), "ballot-signature"
        )


def test_documents_are_taken_only_out_of_a_sound_bundle() -> None:
    assert len(documents_in(SMALL.bundle)) == 12

    with pytest.raises(EvidenceRefusal, match="lines-count"):
        documents_in(SMALL.bundle + b"\n")
