"""Evidence of every mode at three levels, with splits, caps, vetoes and lots: recomputed, and broken (G6, G9)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from federation.assembly.positions import Bodies
from federation.assembly.rules import PRESETS, Base, Quorum, QuorumKind
from federation.assembly.tally import Tally
from node.governance.evidence import verify_bundle
from tests.unit.governance.worlds import Document, Plan, Tampering, build, coop

if TYPE_CHECKING:
    from collections.abc import Callable

    from node.governance.evidence import Decided

MAJORITY = PRESETS["majority"]
DOUBLE = {"double": {"members": "65/100"}}
TERMS: dict[str, dict[str, Any]] = {
    "heads": {},
    "weights": {"cap": {"share": "1/2"}},
    "members": {"leaves": True},
    "proportional": {},
    "double": DOUBLE,
    "sqrt": {"quota": "optimal"},
    "degressive": {"seats": {"least": 1, "most": 3}},
    "delegates": {"seats": {"total": 7, "method": "dhondt"}},
}


def three_levels(mode: str, **more: Any) -> Plan:
    """Five co-ops in two assemblies below one, the upper one and the first lower one in the mode."""
    terms = TERMS[mode]
    below = {"leaves": True} if mode == "members" else {}
    north = Plan(
        name="north",
        mode=mode,
        terms=terms,
        weight=5,
        members=12,
        below=(
            coop("ash", (3, 1, 0), weight=3, members=4),
            coop("birch", (1, 2, 0), weight=2, members=3),
            coop("cedar", (4, 0, 1), weight=2, members=5),
        ),
    )
    south = Plan(
        name="south",
        terms=below,
        weight=4,
        members=5,
        below=(coop("date", (0, 2, 0), weight=1, members=2), coop("elm", (1, 2, 0), weight=1, members=3)),
    )
    return Plan(name="whole", mode=mode, terms=terms, below=(north, south), **more)


def root(plan: Plan, tampering: Tampering | None = None) -> Decided:
    report = verify_bundle(build(plan, tampering).bundle)

    assert report.failure is None
    assert report.levels is not None
    assert report.levels.decided is not None
    return report.levels.decided


def code(plan: Plan, tampering: Tampering) -> str:
    report = verify_bundle(build(plan, tampering).bundle)

    assert report.failure is not None
    return report.failure.code


def decreed(label: str, *path: str | int, to: Any) -> Tampering:
    def edit(document: Document) -> None:
        place: Any = document["governance"]
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to

    return Tampering(edits={label: edit})


@pytest.mark.parametrize("mode", TERMS)
def test_every_mode_is_recomputed_from_the_ballots_up(mode: str) -> None:
    decided = root(three_levels(mode))

    assert decided.level == 3
    assert decided.bodies is not None


@pytest.mark.parametrize("mode", TERMS)
def test_in_every_mode_a_claimed_tally_must_be_the_recounted_one(mode: str) -> None:
    tampering = decreed("outcome:whole", "tally", "for", to=10**12)

    assert code(three_levels(mode), tampering) == "outcome-tally"


def test_members_are_counted_person_by_person() -> None:
    decided = root(three_levels("members"))

    assert decided.tally.to_document() == {"for": 9, "against": 7, "abstain": 1, "electorate": 17, "unresolved": 0}
    assert decided.outcome.state == "passed"


def test_a_proportional_split_is_exact_through_two_levels() -> None:
    decided = root(three_levels("proportional"))

    north = Fraction(3) * 3 / 4 + Fraction(2) / 3 + 2
    assert decided.tally.in_favour == 5 * north / 7
    assert decided.tally.electorate == 9


def test_heads_and_members_must_both_agree() -> None:
    decided = root(three_levels("double", rule=PRESETS["absolute-majority"]))

    assert (decided.outcome.state, decided.tally.in_favour) == ("rejected", 1)


def tied(tie: tuple[str, ...], **more: Any) -> Plan:
    return replace(three_levels("heads"), rule=replace(MAJORITY, tie=tie), **more)


def test_a_tie_goes_to_the_members_where_the_rule_says_so() -> None:
    decided = root(tied(("previous_stage", "lot")))

    assert (decided.outcome.state, decided.outcome.reason) == ("passed", "previous_stage")


def test_a_lot_is_drawn_again_by_the_verifier_and_depends_on_the_nonce() -> None:
    outcomes = {root(tied(("lot",), nonce=f"nonce {number}")).outcome.state for number in range(12)}

    assert outcomes == {"passed", "rejected"}


def test_a_tie_among_members_of_a_coop_can_be_drawn_by_lot() -> None:
    decided = root(coop("even", (2, 2, 0), rule=replace(MAJORITY, tie=("lot",))))

    assert decided.outcome.reason == "lot"


VETOABLE = {"veto": {"types": ["emergency"], "override": "3/4"}}


def vetoed(reason: str = "Our only well runs dry.", terms: dict[str, Any] | None = None, **more: Any) -> Plan:
    below = (
        coop("ash", (3, 1, 0)),
        coop("birch", (2, 1, 0), veto=reason),
        coop("cedar", (0, 2, 0)),
    )
    stated: dict[str, Any] = {"terms": VETOABLE if terms is None else terms, "proposal_type": "emergency"}
    return Plan(name="whole", below=below, **(stated | more))


def test_a_veto_with_a_reason_stops_what_would_have_passed() -> None:
    decided = root(vetoed())

    assert (decided.outcome.state, decided.outcome.reason) == ("vetoed", "veto")


def test_enough_of_all_weight_goes_past_a_veto() -> None:
    assert root(vetoed(terms={"veto": {"types": ["emergency"], "override": "2/3"}})).outcome.state == "passed"


def above_vetoed(mode: str, **terms: Any) -> Plan:
    """An assembly in this mode above one whose members are 5 to 4 for it and which was vetoed, and a co-op."""
    sizes = {"ash": 4, "birch": 3, "cedar": 2}
    middle = vetoed(terms=VETOABLE | ({"leaves": True} if mode == "members" else {}))
    below = tuple(replace(each, members=sizes[each.name]) for each in middle.below)
    splits = bool(terms.get("may_split"))
    middle = replace(middle, name="middle", weight=9, members=9, below=below, splits=splits, told=splits)
    return Plan(name="above", mode=mode, terms=terms or TERMS[mode], below=(middle, coop("date", (1, 1, 0), members=2)))


VETOED_BELOW: dict[str, tuple[Plan, tuple[Fraction | int, ...]]] = {
    "split": (above_vetoed("weights", may_split=True), (0, 0, 1, 10)),
    "weights": (above_vetoed("weights", may_split=False), (0, 0, 1, 10)),
    "proportional": (above_vetoed("proportional"), (Fraction(1, 2), Fraction(1, 2), 0, 10)),
    "heads": (above_vetoed("heads"), (0, 0, 1, 2)),
    "members": (above_vetoed("members"), (1, 1, 0, 11)),
    "double": (above_vetoed("double"), (0, 0, 1, 2)),
}


@pytest.mark.parametrize(("plan", "counts"), VETOED_BELOW.values(), ids=list(VETOED_BELOW))
def test_a_vetoed_branch_is_reached_and_counts_nowhere_in_any_mode(
    plan: Plan, counts: tuple[Fraction | int, ...]
) -> None:
    report = verify_bundle(build(plan).bundle)

    assert report.failure is None
    assert report.levels is not None
    middle, decided = report.levels.below[0], report.levels.decided
    assert (middle.status, middle.choice, middle.counted_weight) == ("no_quorum", "no_quorum", 0)
    assert decided is not None
    assert decided.tally.counts == (*counts, 0)
    assert decided.bodies == Bodies(2, 2)
    assert decided.members == Tally(6, 5, 0, 11)
    assert decided.further.second is None or decided.further.second.tally == Tally(0, 0, 2, 11)


def split_plan(**more: Any) -> Plan:
    below = (coop("ash", (2, 1, 0), weight=9, splits=True, told=True), coop("birch", (0, 1, 0), weight=5))
    return Plan(name="whole", terms={"may_split": True}, below=below, **more)


def told(plan: Plan, **of_ash: Any) -> Plan:
    """The same, where ash's members are told that its position will be split."""
    return replace(plan, below=(replace(plan.below[0], **{"told": True, **of_ash}), *plan.below[1:]))


def told_in_vain(**more: Any) -> Plan:
    """Ash votes as one all the same."""
    return told(split_plan(), splits=False, **more)


QUORATE = replace(MAJORITY, quorum=Quorum(kind=QuorumKind.PARTICIPATION, share=Fraction(1, 2)))


def test_a_split_that_members_were_told_of_holds_and_one_that_failed_to_come_does_not() -> None:
    assert root(told(split_plan())).tally.in_favour == 6
    assert code(told_in_vain(), Tampering()) == "position-split"
    assert root(replace(told_in_vain(), terms={})).tally.in_favour == 9
    assert root(told_in_vain(rule=QUORATE, silent=9)).tally.in_favour == 0


def test_a_body_that_splits_counts_on_both_sides() -> None:
    decided = root(split_plan())

    assert (decided.tally.in_favour, decided.tally.against) == (6, 8)


def veto_with(**changes: Any) -> Tampering:
    def edit(document: Document) -> None:
        document["governance"] |= changes

    return Tampering(edits={"veto:birch": edit})


def without_veto() -> Tampering:
    def edit(document: Document) -> None:
        document["governance"]["constituents"][1].pop("veto")

    return Tampering(edits={"outcome:whole": edit}, left_out=frozenset({"veto:birch"}))


def split_all_the_same() -> Tampering:
    return decreed("position:middle", "split", to={"for": 5, "against": 4, "abstain": 0})


def further_up() -> Plan:
    """One level more, so that the assembly above the vetoed one lists its leaves."""
    return Plan(
        name="top", mode="members", terms={"leaves": True}, below=(replace(above_vetoed("members"), members=11),)
    )


BROKEN: list[tuple[str, Callable[[], tuple[Plan, Tampering]]]] = [
    ("position-split", lambda: (split_plan(), decreed("position:ash", "split", "for", to=7))),
    ("position-split", lambda: (replace(split_plan(), terms={}), Tampering())),
    ("position-split", lambda: (told_in_vain(), Tampering())),
    ("position-split", lambda: (told(split_plan(), told=False), Tampering())),
    ("position-split", lambda: (told_in_vain(reports="late"), Tampering())),
    ("proposal-malformed", lambda: (told(split_plan()), decreed("proposal:ash", "splits", to="yes"))),
    ("proposal-malformed", lambda: (vetoed(puts=True), decreed("proposal:whole", "plan", to="the plan"))),
    ("proposal-malformed", lambda: (vetoed(puts=True), decreed("proposal:whole", "plan", "digest", to="sha256:1"))),
    ("position-leaves", lambda: (three_levels("members"), decreed("position:north", "leaves", to=None))),
    ("position-basis", lambda: (three_levels("members"), decreed("position:north", "leaves", 0, "body", to="did:a"))),
    ("position-basis", lambda: (three_levels("double"), decreed("position:north", "second", "tally", "for", to=8))),
    ("position-invalid", lambda: (above_vetoed("heads"), decreed("position:middle", "choice", to="against"))),
    ("position-split", lambda: (above_vetoed("weights", may_split=True), split_all_the_same())),
    ("outcome-tally", lambda: (above_vetoed("proportional"), decreed("outcome:above", "tally", "for", to=6))),
    ("outcome-leaves", lambda: (further_up(), decreed("outcome:above", "leaves", 0, "counts", to=True))),
    ("veto-signature", lambda: (vetoed(), Tampering(strangers={"veto:birch": "ash"}))),
    ("veto-malformed", lambda: (vetoed(), veto_with(reason=" "))),
    ("veto-not-allowed", lambda: (vetoed(proposal_type="motion"), Tampering())),
    ("veto-not-allowed", lambda: (vetoed(terms={}), Tampering())),
    ("veto-other-proposal", lambda: (vetoed(), veto_with(statute="sha256:" + "0" * 64))),
    ("veto-other-proposal", lambda: (vetoed(), veto_with(body="did:web:ash.example"))),
    ("veto-late", lambda: (vetoed(), veto_with(signed_at="2027-01-01T00:00:00Z"))),
    ("outcome-rule", lambda: (three_levels("sqrt"), decreed("outcome:whole", "rule", "threshold", to="1/2"))),
    ("outcome-second", lambda: (three_levels("double"), decreed("outcome:whole", "second", "share", to="1/2"))),
    ("outcome-vetoes", lambda: (vetoed(), decreed("outcome:whole", "vetoes", "by", to=["did:web:ash.example"]))),
    ("outcome-vetoes", lambda: (vetoed(), without_veto())),
    ("outcome-lot", lambda: (tied(("lot",)), decreed("outcome:whole", "nonce", to="another"))),
    ("outcome-lot", lambda: (tied(("lot",)), decreed("outcome:whole", "nonce", to=None))),
    ("outcome-lot", lambda: (tied(("lot",)), decreed("outcome:whole", "lot", "beacon", to="sha256:" + "0" * 64))),
    ("outcome-leaves", lambda: (three_levels("members"), decreed("outcome:north", "leaves", 0, "counts", to=False))),
]


@pytest.mark.parametrize(("wanted", "make"), BROKEN, ids=[f"{i}-{name}" for i, (name, _) in enumerate(BROKEN)])
def test_a_bundle_that_breaks_one_rule_of_the_modes_fails_that_check(
    wanted: str, make: Callable[[], tuple[Plan, Tampering]]
) -> None:
    plan, tampering = make()

    assert code(plan, tampering) == wanted


def test_a_rule_applied_to_all_weight_is_the_one_reported_upward() -> None:
    world = build(three_levels("sqrt"))
    stated = world.documents["position:north"]["governance"]

    assert stated["rule"]["of"] == str(Base.ELECTORATE)
    assert stated["rule"] == world.outcome("north")["rule"]
