"""Evidence that holds: S4's own case recomputed, silence of every kind, order, and what a report tells (G9, P19)."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from federation.assembly.rules import PRESETS, Quorum, QuorumKind
from federation.assembly.tally import Tally
from identity.canonical import canonical_bytes
from node.governance.evidence import assemble, documents_in, render, verify_bundle
from node.governance.evidence.bundle import AT_ONCE_BYTES
from node.governance.evidence.failures import EvidenceRefusal
from tests.unit.governance.bundles import lines_of, resealed
from tests.unit.governance.worlds import (
    BARCELONA,
    LISBON,
    MADRID,
    Plan,
    Tampering,
    build,
    coop,
    iberian_plan,
    iberian_world,
    reference,
    small_world,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from node.governance.evidence.report import Decided, Level, Report
    from node.governance.evidence.scan import Scan

IBERIA = iberian_world()


def decided(level: Level) -> Decided:
    assert level.decided is not None
    return level.decided


def proven(report: Report) -> Level:
    assert report.failure is None, report.failure
    assert report.valid
    assert report.levels is not None
    return report.levels


def test_iberian_commons_decides_with_nineteen_of_twenty_six() -> None:
    root = proven(verify_bundle(IBERIA.bundle))

    assert (root.name, decided(root).level) == ("Iberian Commons", 3)
    assert decided(root).tally == Tally(19, 7, 0, 26)
    assert decided(root).outcome.state == "passed"
    assert [(level.name, level.choice, level.counted_weight) for level in root.below] == [
        ("Barcelona Federation", "for", 10),
        ("Madrid Federation", "for", 9),
        ("Lisbon Federation", "against", 7),
    ]


def test_barcelona_is_recounted_down_to_its_ballots() -> None:
    barcelona = proven(verify_bundle(IBERIA.bundle)).below[0]

    assert decided(barcelona).members == Tally(56, 15, 0, 71)
    assert [(level.weight, decided(level).tally, decided(level).ballots) for level in barcelona.below] == [
        (10, Tally(23, 2, 0, 25), 25),
        (9, Tally(18, 5, 0, 23), 23),
        (8, Tally(15, 8, 0, 23), 23),
    ]


def test_a_bundle_is_read_as_bytes_or_as_lines() -> None:
    lines = [line + b"\n" for line in lines_of(IBERIA.bundle)]

    assert verify_bundle(iter(lines)) == verify_bundle(IBERIA.bundle)


def test_long_lines_are_looked_at_few_at_a_time() -> None:
    long = canonical_bytes({"type": "Note", "content": "x" * (AT_ONCE_BYTES // 2)})
    rows = [long.replace(b"Note", b"Note %d" % number) for number in range(7)]
    runs: list[int] = []

    def looked_at(work: Callable[[list[bytes]], list[Scan]], given: Iterable[list[bytes]]) -> Iterator[list[Scan]]:
        for run in given:
            runs.append(sum(map(len, run)))
            yield work(run)

    report = verify_bundle(resealed(small_world().bundle, *rows), scans=looked_at)

    assert report.failure is not None
    assert report.failure.code == "line-unused"
    assert len(runs) == 4
    assert max(runs) < 2 * AT_ONCE_BYTES


def test_the_order_of_lines_after_the_manifest_does_not_matter() -> None:
    manifest, *rows = lines_of(IBERIA.bundle)
    random.Random(7).shuffle(rows)

    report = verify_bundle([line + b"\n" for line in (manifest, *rows)])

    assert report == verify_bundle(IBERIA.bundle)


def test_a_bundle_is_the_same_bytes_whatever_order_its_documents_came_in() -> None:
    documents = documents_in(IBERIA.bundle)

    again = assemble([*reversed(documents), *documents[:5]], IBERIA.decision, IBERIA.anchor)

    assert again == IBERIA.bundle


def test_a_part_of_a_tree_is_evidence_for_its_own_decision() -> None:
    labels = ("statute:barcelona", "proposal:barcelona", "outcome:barcelona")
    coops = [label for label in IBERIA.documents if label.split(":")[1] in {"gracia", "eixample", "sagrada"}]
    anchor = replace(IBERIA.anchor, actor=BARCELONA.actor, did=BARCELONA.did, key=BARCELONA.multibase)
    decision = reference(IBERIA.documents["outcome:barcelona"])

    bundle = assemble((IBERIA.documents[label] for label in (*labels, *coops)), decision, anchor)

    assert decided(proven(verify_bundle(bundle))).tally == Tally(27, 0, 0, 27)


def test_bundles_of_those_below_are_joined_without_their_anchors_and_each_document_once() -> None:
    documents = documents_in(IBERIA.bundle)
    anchor = replace(IBERIA.anchor, actor=BARCELONA.actor, did=BARCELONA.did, key=BARCELONA.multibase)
    below = [assemble(some, IBERIA.decision, anchor) for some in (documents[:9], documents[5:20])]

    bundle = assemble(documents[15:], IBERIA.decision, IBERIA.anchor, below=below)

    assert bundle == IBERIA.bundle


def test_a_bundle_below_that_is_not_sound_is_joined_to_nothing() -> None:
    with pytest.raises(EvidenceRefusal, match="lines-digest"):
        assemble([], IBERIA.decision, IBERIA.anchor, below=[IBERIA.bundle.replace(b"Gr", b"gr", 1)])


def test_the_key_that_is_trusted_can_be_named() -> None:
    assert verify_bundle(IBERIA.bundle, trusted_key=IBERIA.anchor.key).valid


def test_a_single_coop_is_a_tree_of_one_level() -> None:
    root = proven(verify_bundle(build(coop("alone", (3, 1, 1), silent=2)).bundle))

    assert (decided(root).level, decided(root).tally, root.below) == (1, Tally(3, 1, 1, 7), ())


@pytest.mark.parametrize("ballots", [(0, 0, 0), (0, 0, 3)])
def test_a_coop_where_nobody_decides_abstains_above(ballots: tuple[int, int, int]) -> None:
    plan = Plan(name="top", below=(coop("a", (2, 0, 0)), coop("b", ballots, silent=4)))

    root = proven(verify_bundle(build(plan).bundle))

    assert decided(root).tally == Tally(1, 0, 1, 2)


@pytest.mark.parametrize("reports", ["missing", "late", "late-bare", "late-unsent", "invalid", "equivocation"])
def test_a_body_not_heard_in_time_is_listed_and_not_counted(reports: str) -> None:
    world = build(iberian_plan(BARCELONA, replace(MADRID, reports=reports), LISBON))

    root = proven(verify_bundle(world.bundle))

    assert decided(root).tally == Tally(10, 7, 0, 26)
    assert decided(root).outcome.state == "rejected"
    assert root.below[1].status == reports.partition("-")[0]
    assert root.below[1].counted_weight == 0
    assert (root.below[1].choice == "for") == (reports in {"late", "late-bare"})
    assert (root.below[1].decided is not None) == (reports == "late")


@pytest.mark.parametrize(
    ("reports", "more", "said"),
    [
        ("missing", 0, "missing: nobody can prove that nothing came; ask the body"),
        ("late-bare", 1, "late: when it came is the word of the body above; ask both"),
        ("invalid", 1, None),
        ("equivocation", 2, None),
    ],
)
def test_what_was_not_counted_is_in_the_evidence_or_said_to_rest_on_nothing(
    reports: str, more: int, said: str | None
) -> None:
    """However much lies below a body: what it signed is judged, and nothing beneath it is carried along."""
    alone = build(iberian_plan(BARCELONA, LISBON))
    world = build(iberian_plan(BARCELONA, replace(MADRID, reports=reports), LISBON))
    report = verify_bundle(world.bundle)

    assert report.documents == verify_bundle(alone.bundle).documents + more
    assert [line.strip() for line in render(report).splitlines() if "ask" in line] == ([said] if said else [])


def test_a_body_without_quorum_is_reached_and_not_counted() -> None:
    needs_half = replace(PRESETS["majority"], quorum=Quorum(QuorumKind.PARTICIPATION, Fraction(1, 2)))
    all_bodies = replace(PRESETS["majority"], quorum=Quorum(QuorumKind.BODIES, Fraction(1)))
    sleepy = coop("sleepy", (3, 0, 0), silent=4, rule=needs_half)
    plan = Plan(name="top", rule=all_bodies, below=(sleepy, coop("awake", (1, 0, 0))))

    root = proven(verify_bundle(build(plan).bundle))

    assert root.below[0].status == "no_quorum"
    assert decided(root).tally == Tally(1, 0, 0, 2)
    assert decided(root).members == Tally(4, 0, 0, 8)
    assert decided(root).outcome.state == "passed"


def test_trees_of_uneven_depth_and_heads_are_followed() -> None:
    plan = Plan(
        name="top",
        mode="heads",
        below=(
            coop("direct", (1, 2, 0), weight=9),
            Plan(name="middle", weight=1, below=(coop("low", (2, 0, 0)), coop("lower", (1, 0, 0)))),
        ),
    )

    root = proven(verify_bundle(build(plan).bundle))

    assert decided(root).tally == Tally(1, 1, 0, 2)
    assert decided(root).outcome.reason == "tie"
    assert [decided(level).level for level in root.below] == [1, 2]


def test_an_assembly_of_nobody_has_evidence_too() -> None:
    root = proven(verify_bundle(build(Plan(name="top", below=(coop("a", (0, 0, 0)),))).bundle))

    assert decided(root.below[0]).outcome.state == "empty"
    assert root.below[0].status == "no_quorum"


def test_a_decision_may_close_early_where_its_rule_says_so() -> None:
    eager = replace(PRESETS["majority"], closes_early=True)

    def earlier(outcome: dict[str, object]) -> None:
        governance = outcome["governance"]
        assert isinstance(governance, dict)
        governance["closed_at"] = "2026-03-02T00:00:00Z"

    world = build(coop("eager", (2, 0, 0), rule=eager), Tampering(edits={"outcome:eager": earlier}))

    assert verify_bundle(world.bundle).valid


def test_the_text_of_a_valid_report_shows_every_level() -> None:
    text = render(verify_bundle(IBERIA.bundle))

    assert text.startswith("VALID\n")
    assert "motion: Establish an inter-federation trade agreement" in text
    assert f"checked with the key {IBERIA.anchor.key}" in text
    assert "level 3: Passed: 1.9 for, 0.7 against" in text
    assert "73.08 % of those for or against, at least 66.00 % needed" in text
    assert "- Gràcia: weight 1, counted, for" in text
    assert "25 ballots, electorate 25" in text
    assert "3 of 3 bodies reported" in text


def test_the_text_shows_quorum_silence_and_rules_of_ones_own() -> None:
    rule = replace(PRESETS["majority"], threshold=Fraction(3, 5), quorum=Quorum(QuorumKind.BODIES, Fraction(1, 2)))
    below = (
        coop("a", (1, 0, 0), rule=replace(rule, strict=False, quorum=None)),
        coop("b", (1, 0, 0), reports="missing"),
    )

    text = render(verify_bundle(build(Plan(name="top", rule=rule, below=below)).bundle))

    assert "rule more than 3/5 of decisive; quorum bodies 1/2; 1 of 2 bodies reported" in text
    assert "rule at least 3/5 of decisive; 1 ballot, electorate 1" in text
    assert "- b: weight 1, missing\n" in text


def test_the_text_of_a_failed_check_names_it_and_its_line() -> None:
    world = small_world()
    cut = world.bundle[:-1]

    text = render(verify_bundle(cut))

    assert text.startswith("INVALID\n  first failing check: line-unfinished, line 14\n")
    assert "does not end" in text


def test_the_text_of_a_failure_without_a_line_names_none() -> None:
    text = render(verify_bundle(small_world().bundle.replace(b"Establish", b"Abolished", 1)))

    assert "first failing check: lines-digest\n" in text


def test_names_in_a_bundle_stay_in_their_line_and_say_nothing_to_the_terminal() -> None:
    name = "Gr\u00e0cia\nINVALID\x1b[2J\u202e"
    said = render(
        verify_bundle(build(Plan(name="top", title=name, below=(coop("leaf", (1, 0, 0), title=name),))).bundle)
    )

    assert said.startswith("VALID\n")
    assert "\nINVALID" not in said
    assert "Gr\u00e0cia INVALID\ufffd[2J\ufffd" in said
    assert all(letter.isprintable() for line in said.splitlines() for letter in line)
