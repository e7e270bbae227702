"""Evidence of ratifications: the decision and its ratification in one bundle, and neither can be swapped (G6)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from federation.assembly.rules import PRESETS, Base, Rule, rule_document
from identity.instants import instant_text
from node.governance.evidence import render, report_document, verify_bundle
from tests.unit.governance.worlds import CLOSES, OPENS, Document, Plan, Tampering, build, coop

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

WEEK = 7 * 86_400
EVERYBODY: Mapping[str, Any] = {"ratification": {"kind": "unanimity", "within_seconds": WEEK}}
MOST: Mapping[str, Any] = {"ratification": {"kind": "threshold", "share": "2/3", "within_seconds": WEEK}}
BODIES = ("ash", "birch", "cedar")


def decided(terms: Mapping[str, Any] = EVERYBODY, **more: Any) -> Plan:
    """What passed with two of three."""
    ballots = ((2, 0, 0), (1, 0, 0), (0, 1, 0))
    below = tuple(coop(name, cast, members=3) for name, cast in zip(BODIES, ballots, strict=True))
    return Plan(name="whole", terms=terms, below=below, **more)


def ratified(
    of: Plan, *ballots: tuple[int, int, int], share: Fraction = Fraction(1), type_: str = "ratification", **more: Any
) -> Plan:
    """Its ratification, with what each body cast; silent where it cast nothing."""
    below = tuple(
        replace(coop(f"{name}-again", cast, nested_as=name), reports="counted" if any(cast) else "missing")
        for name, cast in zip(BODIES, ballots, strict=True)
    )
    rule = Rule(threshold=share, of=Base.ELECTORATE, closes_early=True)
    stated: dict[str, Any] = {"rule": rule, "proposal_type": type_, "ratifies": of, "nested_as": "whole"}
    return Plan(name="again", below=below, **(stated | more))


FOR, AGAINST, NOBODY = (1, 0, 0), (0, 1, 0), (0, 0, 0)


@pytest.mark.parametrize(
    ("terms", "share", "cast", "outcome"),
    [
        (EVERYBODY, Fraction(1), (FOR, FOR, FOR), "passed"),
        (EVERYBODY, Fraction(1), (FOR, FOR, NOBODY), "rejected"),
        (EVERYBODY, Fraction(1), (FOR, FOR, AGAINST), "rejected"),
        (MOST, Fraction(2, 3), (FOR, FOR, NOBODY), "passed"),
        (MOST, Fraction(2, 3), (FOR, AGAINST, NOBODY), "rejected"),
    ],
)
def test_a_ratification_is_recomputed_with_the_decision_it_is_about(
    terms: Mapping[str, Any], share: Fraction, cast: tuple[tuple[int, int, int], ...], outcome: str
) -> None:
    report = verify_bundle(build(ratified(decided(terms), *cast, share=share)).bundle)

    assert report.failure is None
    assert report.levels is not None
    assert report.levels.decided is not None
    assert report.levels.decided.outcome.state == outcome
    assert not report.levels.decided.needs_ratification
    assert report.levels.ratifies is not None
    assert report.levels.ratifies.decided is not None
    assert report.levels.ratifies.decided.outcome.state == "passed"
    assert "what was to be ratified:" in render(report)
    assert json.loads(json.dumps(report_document(report)))["levels"]["ratifies"]["needs_ratification"] is True


def test_the_second_count_of_a_double_majority_is_not_asked_again() -> None:
    double = decided({**EVERYBODY, "double": {"members": "1/2"}}, mode="double")
    report = verify_bundle(build(ratified(double, FOR, FOR, FOR)).bundle)

    assert report.failure is None


def test_a_decision_that_waits_for_its_ratification_says_so() -> None:
    report = verify_bundle(build(decided()).bundle)

    assert report.failure is None
    assert "not binding before its constituents ratify it" in render(report)


def changed(label: str, *path: str, to: Any) -> Tampering:
    def edit(document: Document) -> None:
        place: Any = document["governance"]
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to

    return Tampering(edits={label: edit})


def again(**more: Any) -> Plan:
    return ratified(decided(), FOR, FOR, FOR, **more)


def of_another_text() -> Tampering:
    def edit(document: Document) -> None:
        document.pop("source")
        document["governance"]["text_digest"] = "sha256:" + "0" * 64

    return Tampering(edits={"proposal:again": edit})


def opened_before() -> tuple[Plan, Tampering]:
    """The time for it had passed before there was anything to ratify, and it is said to have failed."""

    def edit(document: Document) -> None:
        document["governance"] |= {"opens_at": instant_text(OPENS), "closes_at": instant_text(CLOSES)}

    silent = ratified(decided(), NOBODY, NOBODY, NOBODY)
    return silent, Tampering(edits={"proposal:again": edit})


def by_members() -> tuple[Plan, Tampering]:
    """A co-op's own members ratify what no constituents decided."""
    cited = {"id": "https://whole.example/x", "digest": "sha256:" + "0" * 64}
    plan = replace(coop("alone", (1, 0, 0)), proposal_type="ratification")
    return plan, changed("proposal:alone", "ratifies", to={"proposal": cited, "outcome": cited})


LATER = instant_text(CLOSES + timedelta(days=1))
BROKEN: list[tuple[str, Callable[[], tuple[Plan, Tampering]]]] = [
    ("ratification", lambda: (again(type_="motion"), Tampering())),
    ("ratification", lambda: (again(share=Fraction(1, 2)), Tampering())),
    ("ratification", lambda: (again(rule=PRESETS["majority"]), Tampering())),
    ("ratification", lambda: (again(), changed("proposal:again", "opens_at", to=LATER))),
    ("ratification", lambda: (again(), of_another_text())),
    ("ratification", lambda: (ratified(decided({}), FOR, FOR, FOR), Tampering())),
    ("ratification", lambda: (ratified(decided(rule=PRESETS["unanimity"]), FOR, FOR, FOR), Tampering())),
    ("evidence-missing", lambda: (again(), Tampering(left_out=frozenset({"outcome:whole"})))),
    ("outcome-state", lambda: (again(), changed("outcome:whole", "outcome", to="rejected"))),
    ("outcome-state", lambda: (again(), changed("outcome:again", "outcome", to="rejected"))),
    ("ratification", lambda: (again(), changed("proposal:again", "ratifies", to=None))),
    ("ratification", opened_before),
    ("ratification", by_members),
    ("line-unused", lambda: (again(type_="motion"), changed("proposal:again", "ratifies", to=None))),
]


@pytest.mark.parametrize(("wanted", "make"), BROKEN, ids=[f"{i}-{name}" for i, (name, _) in enumerate(BROKEN)])
def test_a_ratification_that_is_made_up_fails(wanted: str, make: Callable[[], tuple[Plan, Tampering]]) -> None:
    plan, tampering = make()
    report = verify_bundle(build(plan, tampering).bundle)

    assert report.failure is not None
    assert report.failure.code == wanted


def test_the_rule_of_a_ratification_closes_when_all_have_spoken() -> None:
    rule = again().rule

    assert rule_document(rule)["closes_early"] is True
