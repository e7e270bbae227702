"""Roll-ups in each mode: what a report adds, leaves counted once, double majorities, vetoes, ties (G4, G6)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from federation.assembly.decide import Further, Vetoes, decide
from federation.assembly.divergence import divergence
from federation.assembly.lots import Lot, beacon, commitment, drawn_order
from federation.assembly.positions import PositionRefusal
from federation.assembly.roll_up import Report, roll_up
from federation.assembly.rules import PRESETS, Base, Rule, read_rule, second_call
from federation.assembly.statute import StatuteError
from federation.assembly.tally import Tally
from federation.assembly.weighing.leaves import distinct, leaf_tally, silent_leaf
from tests.unit.assembly.rosters import counted, leaf, sized, statute_of, voted

MAJORITY = PRESETS["majority"]
SIZES = {"a": 30, "b": 20, "c": 10}


def with_leaf(name: str, report: Report, minute: int = 0) -> Report:
    assert report.tally is not None
    return replace(report, leaves=(leaf(name, report.tally, minute=minute),))


def test_members_mode_adds_up_people_and_not_bodies() -> None:
    reports = {name: with_leaf(name, report) for name, report in {"a": voted(20, 5), "b": voted(2, 9)}.items()}

    rolled = roll_up(sized("members", SIZES), MAJORITY, reports)

    assert rolled.tally == Tally(22, 14, 0, 25 + 11 + 10)
    assert rolled.outcome.state == "passed"


def test_a_leaf_that_two_paths_lead_to_is_counted_once() -> None:
    shared, own = leaf("shared", Tally(5, 0, 0, 5)), leaf("own", Tally(0, 4, 0, 4))
    reports = {
        "a": replace(counted("for", Tally(5, 4, 0, 9)), leaves=(own, shared)),
        "b": replace(counted("for", Tally(5, 0, 0, 5)), leaves=(shared,)),
    }

    rolled = roll_up(sized("members", {"a": 9, "b": 5}), MAJORITY, reports)

    assert rolled.tally == Tally(5, 4, 0, 9)
    assert rolled.members == Tally(5, 4, 0, 9)
    assert divergence(MAJORITY, rolled.outcome, rolled.members) is not None


def test_of_two_counts_of_one_leaf_the_one_signed_last_stands_whatever_the_order() -> None:
    earlier, later = leaf("x", Tally(5, 0, 0, 5), minute=1), leaf("x", Tally(0, 5, 0, 5), minute=2)

    assert distinct([earlier, later]) == distinct([later, earlier]) == (later,)


def test_a_leaf_heard_on_one_path_and_silent_on_the_other_was_heard() -> None:
    heard = leaf("x", Tally(2, 1, 0, 3))

    assert distinct([silent_leaf("x", 3), heard]) == (heard,)


def test_leaves_below_a_body_without_quorum_are_in_the_electorate_only() -> None:
    below = (leaf("x", Tally(2, 0, 0, 9)), leaf("y", Tally(1, 0, 0, 9)))
    reports = {"a": replace(counted("no_quorum", Tally(3, 0, 0, 18)), leaves=below), "b": with_leaf("b", voted(2, 1))}

    rolled = roll_up(sized("members", {"a": 18, "b": 3}), MAJORITY, reports)

    assert rolled.tally == Tally(2, 1, 0, 21)
    assert rolled.members == Tally(5, 1, 0, 21)


def test_a_report_without_the_leaves_that_are_counted_is_refused() -> None:
    with pytest.raises(PositionRefusal) as refused:
        roll_up(sized("members", SIZES), MAJORITY, {"a": voted(1, 0)})

    assert refused.value.code == "position-leaves"


def test_nobody_heard_leaves_the_members_of_the_statute_as_electorate() -> None:
    assert roll_up(sized("members", SIZES), MAJORITY, {}).tally == Tally(0, 0, 0, 60)
    assert leaf_tally([]) == Tally(0, 0, 0, 0)


def test_proportional_weights_part_exactly_as_the_members_did() -> None:
    statute = statute_of({"a": 10, "b": 9, "c": 7}, "proportional")

    rolled = roll_up(statute, MAJORITY, {"a": voted(2, 1), "b": voted(1, 6), "c": voted(0, 0, 3)})

    assert rolled.tally.in_favour == Fraction(20, 3) + Fraction(9, 7)
    assert rolled.tally.against == Fraction(10, 3) + Fraction(54, 7)
    assert rolled.tally.abstain == 7
    assert rolled.tally.cast == 26


def test_a_proportional_report_without_a_tally_is_refused() -> None:
    with pytest.raises(PositionRefusal, match="position-invalid"):
        roll_up(statute_of({"a": 1}, "proportional"), MAJORITY, {"a": counted("for")})


FOR_ALL = Rule(threshold=Fraction(55, 100), of=Base.ELECTORATE)


@pytest.mark.parametrize(
    ("said", "members", "blocking", "state", "reason"),
    [
        ("ffaa", "60/100", None, "rejected", "threshold_not_met"),
        ("fffa", "60/100", None, "passed", "threshold_met"),
        ("fafa", "40/100", None, "rejected", "threshold_not_met"),
        ("afff", "65/100", None, "rejected", "members_threshold_not_met"),
        ("afff", "65/100", 1, "rejected", "members_threshold_not_met"),
        ("afff", "65/100", 2, "passed", "threshold_met"),
        ("afff", "65/100", 4, "rejected", "members_threshold_not_met"),
        ("bfff", "65/100", 2, "passed", "threshold_met"),
    ],
)
def test_heads_and_members_must_agree_unless_too_few_bodies_block(
    said: str, members: str, blocking: int | None, state: str, reason: str
) -> None:
    """Half of all members are in the first body; a blocking minority of all four bodies could never form: ignored."""
    sizes = {"a": 50, "b": 30, "c": 10, "d": 10}
    words = {"f": "for", "a": "against", "b": "abstain"}
    statute = sized("double", sizes, double={"members": members, "blocking": blocking})

    rolled = roll_up(statute, FOR_ALL, {body: counted(words[letter]) for body, letter in zip(sizes, said, strict=True)})

    assert (rolled.outcome.state, rolled.outcome.reason) == (state, reason)


def test_abstaining_counts_as_against_where_chosen() -> None:
    reports = {"a": counted("for"), "b": counted("for"), "c": counted("abstain")}
    rule = PRESETS["three-quarters"]

    lenient = sized("double", SIZES, double={"members": "1/2"})
    strict = sized("double", SIZES, double={"members": "1/2", "abstain_as_against": True})

    assert roll_up(lenient, rule, reports).outcome.state == "passed"
    assert roll_up(strict, rule, reports).outcome.state == "rejected"
    assert roll_up(strict, rule, reports).rule.of is Base.CAST


def test_eight_of_twenty_seven_pass_by_heads_and_fail_by_members() -> None:
    """The worked paradox: 29.6 % of members carry three levels of bare majorities."""
    yes, no = voted(2, 1), voted(0, 3)

    def group(name: str, wins: int) -> Report:
        heard = {f"{name}{n}": with_leaf(f"{name}{n}", yes if n < wins else no) for n in range(3)}
        statute = sized("heads", dict.fromkeys(heard, 3), leaves=True)
        rolled = roll_up(statute, MAJORITY, heard)
        choice = "for" if rolled.outcome.state == "passed" else "against"
        return replace(counted(choice, rolled.members, rolled.level), tally=rolled.tally, leaves=rolled.leaves)

    groups = {"a": group("a", 2), "b": group("b", 2), "c": group("c", 0)}
    sizes = dict.fromkeys(groups, 9)

    by_heads = roll_up(sized("heads", sizes), MAJORITY, groups)
    by_members = roll_up(sized("members", sizes), MAJORITY, groups)

    assert by_heads.outcome.state == "passed"
    assert by_members.tally == by_heads.members == Tally(8, 19, 0, 27)
    assert by_members.outcome.state == "rejected"


@pytest.mark.parametrize(
    ("by", "override", "state"),
    [
        ((), None, "passed"),
        (("did:b",), None, "vetoed"),
        (("did:b",), "7/10", "passed"),
        (("did:b",), "8/10", "vetoed"),
    ],
)
def test_a_veto_stops_what_passed_unless_it_is_overridden(
    by: tuple[str, ...], override: str | None, state: str
) -> None:
    further = Further(vetoes=Vetoes(by=by, override=Fraction(override) if override else None))

    assert decide(MAJORITY, Tally(7, 2, 1, 10), further=further).state == state


def test_there_is_nothing_to_veto_in_what_failed_anyway() -> None:
    further = Further(vetoes=Vetoes(by=("did:b",)))

    assert decide(MAJORITY, Tally(2, 7, 1, 10), further=further).reason == "threshold_not_met"


def test_who_is_not_on_the_roster_vetoes_nothing() -> None:
    statute = statute_of({"a": 1}, veto={"types": ["emergency"]})

    with pytest.raises(PositionRefusal, match="not-a-constituent"):
        roll_up(statute, MAJORITY, {"a": counted("for")}, vetoed_by={"x"})


EVEN = Tally(5, 5, 0, 10)


def drawn(way: tuple[str, ...], further: Further) -> tuple[str, str]:
    outcome = decide(replace(MAJORITY, tie=way), EVEN, further=further)
    return outcome.state, outcome.reason


def test_a_tie_leaves_everything_as_it_is_unless_the_rule_lists_a_way() -> None:
    assert drawn(("status_quo",), Further(members=Tally(9, 1, 0, 10))) == ("rejected", "tie")


@pytest.mark.parametrize(
    ("members", "wanted"),
    [
        (Tally(9, 1, 0, 10), ("passed", "previous_stage")),
        (Tally(1, 9, 0, 10), ("rejected", "previous_stage")),
        (Tally(3, 3, 0, 10), ("rejected", "tie")),
        (None, ("rejected", "tie")),
    ],
)
def test_the_members_break_a_tie_of_their_bodies(members: Tally | None, wanted: tuple[str, str]) -> None:
    assert drawn(("previous_stage", "status_quo"), Further(members=members)) == wanted


def test_a_lot_gives_the_same_winner_everywhere_and_both_a_chance() -> None:
    lots = [Lot("sha256:p", beacon("sha256:set", [f"nonce {number}"])) for number in range(40)]
    outcomes = [drawn(("previous_stage", "lot"), Further(lot=lot)) for lot in lots]

    assert outcomes == [drawn(("previous_stage", "lot"), Further(lot=lot)) for lot in lots]
    assert set(outcomes) == {("passed", "lot"), ("rejected", "lot")}


def test_a_lot_does_not_depend_on_the_order_of_options_or_nonces() -> None:
    lot = Lot("p", beacon("set", ["a", "b"]))

    assert lot.beacon == beacon("set", ["b", "a"])
    assert drawn_order(lot, ["x", "y", "z"]) == drawn_order(lot, ["z", "x", "y"])
    assert beacon("set", ["a", "b"]) != beacon("set", ["ab"])
    assert commitment("a") != commitment("b")


def test_a_lot_that_was_never_prepared_leaves_things_as_they_are() -> None:
    assert drawn(("lot",), Further()) == ("rejected", "tie")


def test_only_a_real_half_is_drawn_by_lot() -> None:
    """Five for and five against of twelve cast is a tie of opinions, but not half of what the rule looks at."""
    rule = Rule(threshold=Fraction(1, 2), of=Base.CAST, strict=True, tie=("lot",))

    assert decide(rule, Tally(5, 5, 2, 12), further=Further(lot=Lot("p", "b"))).reason == "tie"


def test_a_second_call_asks_less() -> None:
    quorum = {"kind": "participation", "share": "1/2", "second_call": {"after_seconds": 3600, "share": "0/1"}}
    rule = read_rule({"preset": "two-thirds", "quorum": quorum})
    again = second_call(rule)

    assert decide(rule, Tally(3, 1, 0, 100)).state == "no_quorum"
    assert again is not None
    assert again[0] == 3600
    assert decide(again[1], Tally(3, 1, 0, 100)).state == "passed"
    assert second_call(again[1]) is None


def test_a_second_call_may_still_ask_something() -> None:
    quorum = {"kind": "participation", "share": "1/2", "second_call": {"after_seconds": 0, "share": "1/10"}}
    again = second_call(read_rule({"preset": "majority", "quorum": quorum}))

    assert again is not None
    assert decide(again[1], Tally(10, 0, 0, 100)).state == "passed"
    assert decide(again[1], Tally(9, 0, 0, 100)).state == "no_quorum"


@pytest.mark.parametrize(
    ("tally", "state"),
    [
        (Tally(10, 0, 0, 100), "passed"),
        (Tally(9, 0, 0, 100), "no_quorum"),
        (Tally(19, 9, 0, 100), "passed"),
        (Tally(18, 9, 0, 100), "no_quorum"),
        (Tally(40, 39, 0, 100), "passed"),
        (Tally(39, 38, 0, 100), "no_quorum"),
    ],
)
def test_a_dynamic_quorum_climbs_with_opposition_up_to_its_most(tally: Tally, state: str) -> None:
    quorum = {"kind": "dynamic", "share": "1/10", "most": "2/5", "slope": "1/1"}

    assert decide(read_rule({"preset": "majority", "quorum": quorum}), tally).state == state


def test_without_a_base_a_binding_supermajority_is_of_all_weight() -> None:
    plain = statute_of({"a": 1}, rule={"threshold": "1/2", "strict": True})
    binding = statute_of({"a": 1}, rule={"threshold": "2/3", "strict": False})
    advisory = statute_of({"a": 1}, rule={"threshold": "2/3", "strict": False}, binding=False)

    assert [one.rule.of for one in (plain, binding, advisory)] == ["decisive", "electorate", "decisive"]


def test_ratification_needs_everybody_or_a_share_of_all_weight() -> None:
    everyone = statute_of({"a": 1}, ratification={"kind": "unanimity", "within_seconds": 60})
    share = statute_of({"a": 1}, ratification={"kind": "threshold", "share": "2/3", "within_seconds": 60})
    rules = [one.terms.ratification_rule() for one in (everyone, share, statute_of({"a": 1}))]

    assert rules[2] is None
    assert [decide(rule, Tally(2, 0, 0, 3)).state for rule in rules if rule] == ["rejected", "passed"]
    assert [decide(rule, Tally(3, 0, 0, 3)).state for rule in rules if rule] == ["passed", "passed"]


def test_terms_are_written_out_and_nothing_else_slips_in_with_them() -> None:
    with pytest.raises(StatuteError, match="statute-malformed"):
        statute_of({"a": 1}, version=7)
