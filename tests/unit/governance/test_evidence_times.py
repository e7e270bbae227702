"""Evidence and time: closes that come early, calls left out, windows cut short, places taken twice (G5, G7).

Each bundle of BROKEN breaks one rule that binds an honest body to the clock or to what it signed before.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from federation.assembly.quorums import SecondCall, Slope
from federation.assembly.rules import PRESETS, Quorum, QuorumKind, Rule, rule_document
from identity.canonical import bytes_digest
from identity.instants import instant_text
from node.governance.evidence import verify_bundle
from tests.unit.governance.test_evidence_calls import called, few
from tests.unit.governance.test_evidence_modes import VETOABLE, decreed
from tests.unit.governance.worlds import CLOSES, OPENS, SMALL_PLAN, Document, Plan, Tampering, build, coop

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

MAJORITY = PRESETS["majority"]
EAGER = replace(MAJORITY, closes_early=True)
SOON = OPENS + timedelta(days=1)
ONE_MS = timedelta(milliseconds=1)
WEEK = 7 * 86_400
HOUR = 3600


def closed(name: str, at: datetime) -> Tampering:
    return decreed(f"outcome:{name}", "closed_at", to=instant_text(at))


def eager(name: str, ballots: tuple[int, int, int], **more: Any) -> Plan:
    return coop(name, ballots, rule=EAGER, **more)


def eager_assembly(reports: str = "counted", **more: Any) -> Plan:
    below = (coop("ash", (2, 0, 0)), replace(coop("birch", (1, 0, 0)), reports=reports))
    return Plan(name="whole", rule=EAGER, below=below, **more)


def missed_by_all(**more: Any) -> Plan:
    """Everybody cast, and still too few were for it: the first call of a rule that closes early."""
    quorum = Quorum(QuorumKind.APPROVAL, Fraction(3, 4), second_call=SecondCall(HOUR, Fraction(1, 2)))
    return coop("few", (2, 1, 0), rule=replace(EAGER, quorum=quorum), call=2, **more)


def called_below(after_seconds: int, call: int, above: Rule = MAJORITY, call_above: int = 0) -> Plan:
    """A co-op that misses its quorum an hour before the assembly closes, and reports its first call or a second."""
    quorum = Quorum(QuorumKind.PARTICIPATION, Fraction(1, 2), second_call=SecondCall(after_seconds, Fraction(1, 4)))
    below = (few(call=call, rule=replace(MAJORITY, quorum=quorum)), coop("elm", (1, 0, 0)))
    return Plan(name="above", below=below, rule=above, call=call_above)


def twice_above() -> Plan:
    """The assembly above is called again too, an hour after its own close, which leaves the co-op below more time."""
    silent = replace(coop("ash", (1, 0, 0)), reports="missing")
    quorum = Quorum(QuorumKind.PARTICIPATION, Fraction(1), second_call=SecondCall(HOUR, Fraction(1, 4)))
    plan = called_below(HOUR, 2, replace(MAJORITY, quorum=quorum), 2)
    return replace(plan, below=(*plan.below, silent))


def asked_again(closes_at: datetime, opens_at: datetime = CLOSES) -> tuple[Plan, Tampering]:
    """An assembly in its second call, of three hours, in which one below was asked for the first time."""
    quorum = Quorum(QuorumKind.PARTICIPATION, Fraction(1), second_call=SecondCall(3 * HOUR, Fraction(1, 4)))
    silent = replace(coop("birch", (1, 0, 0)), reports="missing")
    plan = Plan(name="whole", below=(coop("ash", (2, 0, 0)), silent), rule=replace(MAJORITY, quorum=quorum), call=2)

    def frozen(document: Document) -> None:
        document["governance"] |= {"opens_at": instant_text(opens_at), "closes_at": instant_text(closes_at)}

    def decided(document: Document) -> None:
        document["governance"]["closed_at"] = instant_text(closes_at)

    return plan, Tampering(edits={"proposal:ash": frozen, "outcome:ash": decided})


def statute_change(rule: str = "two-thirds", type_: str = "statute") -> Plan:
    terms = {"amendment": rule_document(PRESETS["two-thirds"])}
    below = (coop("ash", (2, 0, 0)), coop("birch", (1, 0, 0)))
    return Plan(name="whole", rule=PRESETS[rule], terms=terms, below=below, proposal_type=type_)


def under(rule: Rule, least: Rule, **more: Any) -> tuple[Plan, Tampering]:
    """A question that is put to `rule` by an assembly whose statute says `least`; an answer where it has an `above`."""
    plan = Plan(name="whole", rule=rule, below=(coop("ash", (2, 0, 0)), coop("birch", (1, 0, 0))), **more)
    return plan, decreed("statute:whole", "rule", to=rule_document(least))


def answered_under(rule: Rule, least: Rule) -> tuple[Plan, Tampering]:
    plan, tampering = under(rule, least)
    return Plan(name="above", below=(plan, coop("elm", (1, 0, 0)))), tampering


def quorate(share: Fraction, kind: QuorumKind = QuorumKind.PARTICIPATION, rule: Rule = MAJORITY, **more: Any) -> Rule:
    return replace(rule, quorum=Quorum(kind, share, **more))


HALF, THIRD = Fraction(1, 2), Fraction(1, 3)
AT_LEAST: list[tuple[Rule, Rule]] = [
    (PRESETS["two-thirds"], MAJORITY),
    (PRESETS["absolute-majority"], MAJORITY),
    (quorate(HALF), MAJORITY),
    (quorate(HALF), quorate(THIRD)),
    (quorate(THIRD, QuorumKind.APPROVAL), quorate(THIRD, abstain_counts=False)),
    (quorate(THIRD, QuorumKind.REJECTION), quorate(HALF, QuorumKind.REJECTION)),
    (
        quorate(HALF, QuorumKind.DYNAMIC, dynamic=Slope(HALF, HALF)),
        quorate(THIRD, QuorumKind.DYNAMIC, dynamic=Slope(HALF, THIRD)),
    ),
    (quorate(HALF), quorate(HALF, second_call=SecondCall(HOUR, THIRD))),
    (EAGER, MAJORITY),
    (MAJORITY, replace(MAJORITY, tie=("previous_stage",))),
]
"""A rule, and one of a statute that lets a question be put to it."""
WEAKER: list[tuple[Rule, Rule]] = [
    (MAJORITY, PRESETS["two-thirds"]),
    (replace(MAJORITY, strict=False), MAJORITY),
    (PRESETS["consensus-85"], PRESETS["absolute-majority"]),
    (MAJORITY, quorate(HALF)),
    (quorate(THIRD), quorate(HALF)),
    (quorate(HALF), quorate(HALF, abstain_counts=False)),
    (quorate(HALF), quorate(HALF, QuorumKind.APPROVAL)),
    (quorate(HALF, QuorumKind.APPROVAL), quorate(HALF, QuorumKind.BODIES)),
    (quorate(HALF, QuorumKind.REJECTION), MAJORITY),
    (quorate(HALF, QuorumKind.REJECTION), quorate(THIRD, QuorumKind.REJECTION)),
    (
        quorate(THIRD, QuorumKind.DYNAMIC, dynamic=Slope(HALF, THIRD)),
        quorate(THIRD, QuorumKind.DYNAMIC, dynamic=Slope(HALF, HALF)),
    ),
    (replace(MAJORITY, tie=("previous_stage",)), MAJORITY),
]


def second_call_of_its_own(share: Fraction, known: SecondCall | None) -> tuple[Plan, Tampering]:
    return under(quorate(Fraction(3, 4), second_call=SecondCall(HOUR, share)), quorate(HALF, second_call=known), call=1)


def fenced(document: Document) -> None:
    """The text changes the statute; those below would have been asked about it too."""
    text = 'We want it.\r\n\r\n```statute \r\n{"name": "Other"}\r\n```'
    document["source"]["content"] = text
    document["governance"]["text_digest"] = bytes_digest(text.encode())


def within(seconds: int) -> Plan:
    return replace(SMALL_PLAN, terms={"shortest_window_seconds": seconds})


def in_two_branches() -> Plan:
    """One assembly below two others, each time under another roster."""
    north = Plan(name="twin", below=(coop("ash", (1, 0, 0)),))
    south = Plan(name="twin-again", nested_as="twin", below=(coop("birch", (1, 0, 0)),))
    return Plan(name="whole", below=(Plan(name="north", below=(north,)), Plan(name="south", below=(south,))))


def one_id_for_two() -> tuple[Plan, Tampering]:
    """One co-op below two assemblies, which answers both under one id."""
    north = Plan(name="north", below=(coop("ash", (1, 0, 0)),))
    south = Plan(name="south", below=(coop("ash-again", (1, 0, 0), nested_as="ash"),))

    def edit(document: Document) -> None:
        document["id"] = "https://ash.example/proposals/ash"

    hidden = frozenset({"roll:ash-again", "ballot:ash-again:0"})
    return Plan(name="whole", below=(north, south)), Tampering(edits={"proposal:ash-again": edit}, left_out=hidden)


GOOD: dict[str, tuple[Plan, Tampering]] = {
    "all members cast": (eager("alone", (2, 1, 1)), closed("alone", SOON)),
    "all constituents reported": (eager_assembly(), closed("whole", CLOSES - ONE_MS)),
    "a first call of all": (missed_by_all(), decreed("first:few", "closed_at", to=instant_text(SOON))),
    "no time for a second call": (called_below(HOUR, 1), Tampering()),
    "time for a second call": (called_below(HOUR - 1, 2), Tampering()),
    "time because the assembly is called again": (twice_above(), Tampering()),
    "an answer opened in the second call": asked_again(CLOSES + timedelta(hours=2)),
    "the shortest window": (within(WEEK - HOUR), Tampering()),
    "a margin with a part of a second": (SMALL_PLAN, decreed("statute:middle", "margin_seconds", to=HOUR + 0.5)),
    "a number of members that was decided": (
        replace(SMALL_PLAN, below=(replace(SMALL_PLAN.below[0], members=3),)),
        decreed("statute:top", "constituents", 0, "members_decided", to=True),
    ),
    "a change of the statute": (statute_change(), Tampering()),
    **{f"a rule {number} like the statute's": under(*rules) for number, rules in enumerate(AT_LEAST)},
    "an answer by a stricter rule": answered_under(PRESETS["two-thirds"], MAJORITY),
    "a second call that asks what the statute asks at once": second_call_of_its_own(HALF, None),
    "a second call that the statute knows": second_call_of_its_own(THIRD, SecondCall(HOUR, THIRD)),
    "statutes of two versions": (in_two_branches(), decreed("statute:twin-again", "version", to=2)),
}


@pytest.mark.parametrize(("plan", "tampering"), GOOD.values(), ids=list(GOOD))
def test_what_a_rule_permits_is_valid(plan: Plan, tampering: Tampering) -> None:
    assert verify_bundle(build(plan, tampering).bundle).failure is None


BROKEN: list[tuple[str, Callable[[], tuple[Plan, Tampering]]]] = [
    ("outcome-early", lambda: (eager("alone", (9, 0, 0), silent=1), closed("alone", SOON))),
    ("outcome-early", lambda: (eager("alone", (2, 0, 0)), closed("alone", OPENS - ONE_MS))),
    ("outcome-early", lambda: (eager_assembly("missing"), closed("whole", CLOSES - ONE_MS))),
    ("outcome-early", lambda: (eager_assembly("late"), closed("whole", CLOSES - ONE_MS))),
    ("outcome-early", lambda: (eager_assembly("invalid"), closed("whole", CLOSES - ONE_MS))),
    (
        "outcome-early",
        lambda: (eager_assembly(terms=VETOABLE, proposal_type="emergency"), closed("whole", CLOSES - ONE_MS)),
    ),
    ("outcome-early", lambda: (missed_by_all(silent=1), decreed("first:few", "closed_at", to=instant_text(SOON)))),
    ("outcome-early", lambda: (few(), decreed("first:few", "closed_at", to=instant_text(SOON)))),
    ("outcome-call", lambda: (called(call=0), Tampering())),
    ("outcome-call", lambda: (few(call=0), Tampering())),
    ("outcome-call", lambda: (few(call=0, silent=0), Tampering())),
    ("outcome-call", lambda: (called_below(HOUR - 1, 1), Tampering())),
    ("outcome-call", lambda: (called_below(HOUR, 2), Tampering())),
    ("proposal-window", lambda: (SMALL_PLAN, decreed("statute:middle", "margin_seconds", to=HOUR + 1))),
    (
        "proposal-window",
        lambda: (
            SMALL_PLAN,
            decreed("proposal:leaf", "closes_at", to=instant_text(CLOSES - timedelta(hours=2) + ONE_MS)),
        ),
    ),
    ("proposal-window", lambda: (within(WEEK - HOUR + 1), Tampering())),
    ("proposal-window", lambda: asked_again(CLOSES + timedelta(hours=2) + ONE_MS)),
    ("proposal-window", lambda: asked_again(CLOSES + timedelta(hours=2), opens_at=CLOSES - ONE_MS)),
    ("proposal-amendment", lambda: (statute_change("majority"), Tampering())),
    ("proposal-amendment", lambda: (statute_change("majority", "motion"), Tampering(edits={"proposal:whole": fenced}))),
    (
        "proposal-amendment",
        lambda: (statute_change("two-thirds", "motion"), Tampering(edits={"proposal:whole": fenced})),
    ),
    *(("proposal-rule", lambda rules=rules: under(*rules)) for rules in WEAKER),
    ("proposal-rule", lambda: answered_under(MAJORITY, PRESETS["two-thirds"])),
    ("proposal-rule", lambda: second_call_of_its_own(THIRD, None)),
    ("proposal-rule", lambda: second_call_of_its_own(THIRD, SecondCall(HOUR + 1, THIRD))),
    ("place-twice", lambda: (in_two_branches(), Tampering())),
    ("place-twice", one_id_for_two),
]


@pytest.mark.parametrize(("wanted", "make"), BROKEN, ids=[f"{i}-{name}" for i, (name, _) in enumerate(BROKEN)])
def test_what_it_does_not_permit_fails(wanted: str, make: Callable[[], tuple[Plan, Tampering]]) -> None:
    plan, tampering = make()
    report = verify_bundle(build(plan, tampering).bundle)

    assert report.failure is not None
    assert report.failure.code == wanted
