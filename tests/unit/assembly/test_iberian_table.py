"""The worked table of G6 on S4's Iberian Commons, row by row, for every mode it names."""

from __future__ import annotations

from fractions import Fraction

import pytest

from federation.assembly.decide import decide
from federation.assembly.divergence import divergence
from federation.assembly.positions import PositionChoice, PositionRefusal, derive_choice
from federation.assembly.roll_up import Report, ReportStatus, RollUp, roll_up
from federation.assembly.rules import PRESETS, Base, Rule
from federation.assembly.tally import Count, Tally
from tests.unit.assembly.rosters import counted, sized, split, statute_of

COOPS = {"gracia": Tally(23, 2, 0, 25), "eixample": Tally(18, 5, 0, 23), "sagrada": Tally(15, 8, 0, 23)}
BARCELONA = statute_of({"gracia": 10, "eixample": 9, "sagrada": 8})
WEIGHTS = {"barcelona": 10, "madrid": 9, "lisbon": 7}
IBERIA = statute_of(WEIGHTS)
IBERIA_BY_HEADS = statute_of(WEIGHTS, "heads")
SIZES = {"barcelona": 71, "madrid": 64, "lisbon": 49}
S4 = {"barcelona": counted("for"), "madrid": counted("for"), "lisbon": counted("against")}
OF_ALL_66 = Rule(threshold=Fraction(66, 100), of=Base.ELECTORATE)


def choices(rule: Rule) -> dict[str, PositionChoice]:
    return {name: derive_choice(decide(rule, tally)) for name, tally in COOPS.items()}


def barcelona(level_one: Rule, level_two: Rule) -> RollUp:
    reports = {name: counted(choice, COOPS[name]) for name, choice in choices(level_one).items()}
    return roll_up(BARCELONA, level_two, reports)


def share(tally: Tally, base: Count) -> Fraction:
    return Fraction(tally.in_favour) / base


def test_by_majority_all_three_coops_say_yes_and_barcelona_with_all_its_weight() -> None:
    assert set(choices(PRESETS["majority"]).values()) == {PositionChoice.FOR}

    rolled = barcelona(PRESETS["majority"], PRESETS["majority"])

    assert rolled.tally == Tally(27, 0, 0, 27)
    assert rolled.outcome.state == "passed"
    assert rolled.members == Tally(56, 15, 0, 71)


@pytest.mark.parametrize(
    ("preset", "state"),
    [
        ("majority", "passed"),
        ("supermajority-66", "passed"),
        ("two-thirds", "passed"),
        ("three-quarters", "rejected"),
        ("consensus-85", "rejected"),
    ],
)
def test_nineteen_of_twenty_six_pass_up_to_two_thirds(preset: str, state: str) -> None:
    rolled = roll_up(IBERIA, PRESETS[preset], S4)

    assert share(rolled.tally, rolled.tally.decisive) == Fraction(19, 26)
    assert rolled.outcome.state == state


def test_sixty_six_at_every_level_turns_sagrada_and_still_passes() -> None:
    rule = PRESETS["supermajority-66"]

    assert [str(choice) for choice in choices(rule).values()] == ["for", "for", "against"]

    middle = barcelona(rule, rule)
    top = roll_up(IBERIA, rule, S4 | {"barcelona": counted(derive_choice(middle.outcome))})

    assert middle.tally == Tally(19, 8, 0, 27)
    assert top.outcome.state == "passed"


def test_eighty_five_at_the_first_level_fails_at_the_top() -> None:
    assert [str(choice) for choice in choices(PRESETS["consensus-85"]).values()] == ["for", "against", "against"]

    middle = barcelona(PRESETS["consensus-85"], PRESETS["majority"])
    top = roll_up(IBERIA, PRESETS["majority"], S4 | {"barcelona": counted(derive_choice(middle.outcome))})

    assert middle.tally == Tally(10, 17, 0, 27)
    assert top.tally == Tally(9, 17, 0, 26)
    assert top.outcome.state == "rejected"


@pytest.mark.parametrize(
    ("rule", "state"),
    [
        (PRESETS["supermajority-66"], "passed"),
        (PRESETS["two-thirds"], "passed"),
        (Rule(threshold=Fraction(2, 3), strict=True), "rejected"),
    ],
)
def test_by_heads_two_of_three_pass_unless_two_thirds_must_be_exceeded(rule: Rule, state: str) -> None:
    rolled = roll_up(IBERIA_BY_HEADS, rule, S4)

    assert rolled.tally == Tally(2, 1, 0, 3)
    assert rolled.outcome.state == state


def test_when_madrid_abstains_ten_of_seventeen_are_not_enough() -> None:
    rolled = roll_up(IBERIA, PRESETS["supermajority-66"], S4 | {"madrid": counted("abstain")})

    assert share(rolled.tally, rolled.tally.decisive) == Fraction(10, 17)
    assert share(rolled.tally, rolled.tally.electorate) == Fraction(10, 26)
    assert (rolled.reached, rolled.outcome.state) == (3, "rejected")
    assert roll_up(IBERIA, OF_ALL_66, S4 | {"madrid": counted("abstain")}).outcome.state == "rejected"


def test_when_madrid_is_late_the_outcome_is_the_same_and_lists_it() -> None:
    late = Report(status=ReportStatus.LATE, choice=PositionChoice.FOR)

    rolled = roll_up(IBERIA, PRESETS["supermajority-66"], S4 | {"madrid": late})

    assert rolled.tally == Tally(10, 7, 0, 26)
    assert rolled.outcome.state == "rejected"
    assert rolled.lines[1].status is ReportStatus.LATE


def test_when_lisbon_is_silent_it_passes_on_either_base() -> None:
    reports = {"barcelona": counted("for"), "madrid": counted("for")}

    decisive = roll_up(IBERIA, PRESETS["supermajority-66"], reports)
    of_all = roll_up(IBERIA, OF_ALL_66, reports)

    assert share(decisive.tally, decisive.tally.decisive) == 1
    assert share(of_all.tally, of_all.tally.electorate) == Fraction(19, 26)
    assert (decisive.outcome.state, of_all.outcome.state) == ("passed", "passed")


def test_the_base_is_the_one_the_rule_names() -> None:
    """Silence helps where only decisive weight counts, and not where all weight does."""
    reports = {"barcelona": counted("for")}

    assert roll_up(IBERIA, PRESETS["supermajority-66"], reports).outcome.state == "passed"
    assert roll_up(IBERIA, OF_ALL_66, reports).outcome.state == "rejected"


def test_a_tied_coop_abstains_in_the_federation() -> None:
    tied = derive_choice(decide(PRESETS["majority"], Tally(10, 10, 0, 25)))

    rolled = roll_up(IBERIA, PRESETS["majority"], S4 | {"lisbon": counted(tied)})

    assert rolled.tally == Tally(19, 0, 7, 26)


def test_when_madrid_splits_five_to_four_sixty_six_fails_and_a_majority_passes() -> None:
    splitting = statute_of(WEIGHTS, may_split=True)
    reports = S4 | {"madrid": split(5, 4)}

    rolled = roll_up(splitting, PRESETS["supermajority-66"], reports)

    assert rolled.tally == Tally(15, 11, 0, 26)
    assert rolled.outcome.state == "rejected"
    assert roll_up(splitting, PRESETS["majority"], reports).outcome.state == "passed"


def test_what_a_split_leaves_out_abstains_and_more_than_there_is_is_refused() -> None:
    splitting = statute_of(WEIGHTS, may_split=True)

    assert roll_up(splitting, PRESETS["majority"], {"madrid": split(5, 2)}).tally == Tally(5, 2, 2, 26)
    with pytest.raises(PositionRefusal) as refused:
        roll_up(splitting, PRESETS["majority"], {"madrid": split(5, 5)})
    assert refused.value.code == "position-split"


@pytest.mark.parametrize("sizes", [{"barcelona": 50, "madrid": 50, "lisbon": 50}, SIZES])
def test_square_roots_with_the_optimal_quota_fail(sizes: dict[str, int]) -> None:
    """Three equals need all three; 71, 64 and 49 members give 70.1 % of the 78.9 % it takes."""
    rolled = roll_up(sized("sqrt", sizes, quota="optimal"), PRESETS["majority"], S4)

    assert rolled.outcome.state == "rejected"
    assert rolled.rule.of is Base.ELECTORATE
    assert rolled.asked == PRESETS["majority"]


def test_square_roots_under_a_declared_majority_pass() -> None:
    assert roll_up(sized("sqrt", SIZES), PRESETS["supermajority-66"], S4).outcome.state == "passed"


def test_at_forty_percent_all_three_weights_are_legal() -> None:
    capped = statute_of(WEIGHTS, cap={"share": "2/5"})

    rolled = roll_up(capped, PRESETS["supermajority-66"], S4)

    assert [line.weight for line in rolled.lines] == [10, 9, 7]
    assert rolled.outcome.state == "passed"


def test_at_a_third_it_is_as_by_heads() -> None:
    capped = statute_of(WEIGHTS, cap={"share": "1/3"})

    rolled = roll_up(capped, PRESETS["two-thirds"], S4)

    assert len({line.weight for line in rolled.lines}) == 1
    assert share(rolled.tally, rolled.tally.electorate) == Fraction(2, 3)
    assert rolled.outcome.state == "passed"


def test_directly_the_members_of_barcelona_are_for_it_and_the_rest_is_undetermined() -> None:
    heard = {name: counted("for", tally) for name, tally in COOPS.items()}
    direct = roll_up(BARCELONA, PRESETS["majority"], heard).members

    assert direct is not None
    assert share(direct, direct.decisive) == Fraction(56, 71)
    assert roll_up(IBERIA, PRESETS["majority"], S4 | {"barcelona": counted("for", direct)}).members is None


def test_when_madrid_and_lisbon_net_forty_one_against_members_oppose_what_the_federation_adopts() -> None:
    direct = {"barcelona": Tally(56, 15, 0, 71), "madrid": Tally(30, 20, 0, 50), "lisbon": Tally(0, 51, 0, 51)}
    said = {"barcelona": "for", "madrid": "for", "lisbon": "against"}
    reports = {name: counted(said[name], direct[name]) for name in direct}

    rolled = roll_up(IBERIA, PRESETS["supermajority-66"], reports)
    warning = divergence(PRESETS["majority"], rolled.outcome, rolled.members)

    assert rolled.members == Tally(86, 86, 0, 172)
    assert warning is not None
    assert warning.differs
