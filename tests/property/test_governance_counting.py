"""Counting ballots: the order never matters, nothing appears or vanishes, support never harms (G1, G4, G5)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from federation.assembly.decide import OutcomeState, Reason, decide
from federation.assembly.rules import PRESETS, Base, Quorum, QuorumKind, Rule, read_rule, rule_document
from federation.assembly.tally import Tally
from node.governance.ballots import Choice
from node.governance.counting import ballot_set_digest, count
from node.governance.electorate import Roll, freeze
from node.governance.outcomes import percent

VOTERS = tuple("abcdefgh")


@dataclass(frozen=True)
class Paper:
    voter: str
    choice: str
    seq: int

    @property
    def digest(self) -> str:
        return f"{self.voter}{self.choice}{self.seq}"


papers = st.lists(
    st.builds(Paper, st.sampled_from(VOTERS), st.sampled_from(tuple(Choice)), st.integers(1, 4)), max_size=24
)
rolls = st.dictionaries(st.sampled_from(VOTERS), st.integers(1, 50)).map(lambda weights: freeze(weights.items()))
shares = st.fractions(min_value=Fraction(1, 100), max_value=1, max_denominator=100)
quorums = st.none() | st.builds(
    Quorum,
    st.sampled_from([QuorumKind.PARTICIPATION, QuorumKind.APPROVAL, QuorumKind.REJECTION]),
    shares,
    st.booleans(),
)
rules = st.builds(
    lambda share, strict, of, quorum: Rule(threshold=share, strict=strict and share < 1, of=of, quorum=quorum),
    shares,
    st.booleans(),
    st.sampled_from(tuple(Base)),
    quorums,
)
tallies = st.tuples(*[st.integers(0, 60)] * 5).map(lambda n: Tally(n[0], n[1], n[2], sum(n), n[3]))


def naive(cast: list[Paper], roll: Roll) -> dict[str, int]:
    """For each voter look at each sequence from the top and take the first with one content only."""
    counts = dict.fromkeys(("for", "against", "abstain"), 0)
    for voter, weight in roll.entries:
        for seq in (4, 3, 2, 1):
            said = {paper.choice for paper in cast if (paper.voter, paper.seq) == (voter, seq)}
            if len(said) == 1:
                counts[said.pop()] += weight
                break
    return counts


@given(papers, rolls, st.randoms(use_true_random=False))
def test_a_tally_does_not_depend_on_the_order_of_ballots(cast: list[Paper], roll: Roll, random: object) -> None:
    shuffled = list(cast)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert count(shuffled, roll) == count(cast, roll)
    assert ballot_set_digest(paper.digest for paper in shuffled) == ballot_set_digest(paper.digest for paper in cast)


@given(papers, rolls)
def test_a_tally_is_what_a_slow_and_simple_count_gives(cast: list[Paper], roll: Roll) -> None:
    tally = count(cast, roll)

    counts = naive(cast, roll)
    assert (tally.in_favour, tally.against, tally.abstain) == (counts["for"], counts["against"], counts["abstain"])


@given(papers, rolls)
def test_cast_and_silent_weight_add_up_to_the_electorate(cast: list[Paper], roll: Roll) -> None:
    tally = count(cast, roll)
    spoke = {paper.voter for paper in cast}
    silent = sum(weight for voter, weight in roll.entries if voter not in spoke)

    assert tally.electorate == roll.weight
    assert tally.cast + silent <= roll.weight


@given(papers, rolls)
def test_casting_the_same_ballots_twice_changes_nothing(cast: list[Paper], roll: Roll) -> None:
    assert count([*cast, *cast], roll) == count(cast, roll)


@given(tallies, rules)
def test_an_outcome_follows_from_comparisons_in_integers(tally: Tally, rule: Rule) -> None:
    outcome = decide(rule, tally)

    assert outcome == decide(rule, tally)
    if tally.electorate == 0:
        assert outcome.state is OutcomeState.EMPTY
    elif outcome.state is OutcomeState.PASSED and outcome.reason is Reason.THRESHOLD_MET:
        base = {"decisive": tally.decisive, "cast": tally.cast, "electorate": tally.electorate}[rule.of]
        assert Fraction(tally.in_favour, base) >= rule.threshold


@given(tallies, rules, st.integers(1, 10))
def test_more_support_from_the_silent_never_harms(tally: Tally, rule: Rule, more: int) -> None:
    grown = replace(
        tally, in_favour=tally.in_favour + more, electorate=max(tally.electorate, tally.cast + tally.unresolved + more)
    )

    if decide(rule, tally).state is OutcomeState.PASSED and grown.electorate == tally.electorate:
        assert decide(rule, grown).state is OutcomeState.PASSED


@given(tallies, rules)
def test_a_change_from_against_to_for_never_harms(tally: Tally, rule: Rule) -> None:
    if tally.against and decide(rule, tally).state is OutcomeState.PASSED:
        turned = replace(tally, in_favour=tally.in_favour + 1, against=tally.against - 1)

        assert decide(rule, turned).state is OutcomeState.PASSED


@given(tallies)
def test_a_stricter_preset_never_passes_what_a_milder_one_rejects(tally: Tally) -> None:
    ladder = ("majority", "supermajority-66", "two-thirds", "three-quarters", "consensus-85", "unanimity")
    passed = [decide(PRESETS[name], tally).state is OutcomeState.PASSED for name in ladder]

    assert passed == sorted(passed, reverse=True)


@given(tallies)
def test_a_majority_and_its_opposite_cannot_both_pass(tally: Tally) -> None:
    opposite = replace(tally, in_favour=tally.against, against=tally.in_favour)
    states = [decide(PRESETS["majority"], one).state for one in (tally, opposite)]

    assert states.count(OutcomeState.PASSED) <= 1


@given(rules)
def test_a_rule_survives_its_json_form(rule: Rule) -> None:
    assert read_rule(rule_document(rule)) == rule


@given(tallies)
def test_a_tally_survives_its_json_form(tally: Tally) -> None:
    assert Tally.from_document(tally.to_document()) == tally


@given(st.fractions(min_value=0, max_value=1))
def test_a_percentage_is_the_nearest_hundredth(share: Fraction) -> None:
    shown = Fraction(percent(share).removesuffix(" %"))

    assert -Fraction(1, 200) < shown - share * 100 <= Fraction(1, 200)


@given(st.lists(st.tuples(st.text(min_size=1), st.integers(1, 100)), unique_by=lambda entry: entry[0]))
def test_a_roll_is_the_same_whatever_order_its_members_come_in(members: list[tuple[str, int]]) -> None:
    assert freeze(reversed(members)) == freeze(members)
    assert freeze(members).weight == sum(weight for _, weight in members)
