"""A rule that is weaker in no part passes nothing that the other stops, in neither of its calls (G1, G4 to G6)."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from federation.assembly.bylaws.strictness import weaker_part
from federation.assembly.decide import Further, OutcomeState, decide
from federation.assembly.lots import Lot
from federation.assembly.quorums import SecondCall, Slope
from federation.assembly.refusals import RuleError
from federation.assembly.rules import Base, Quorum, QuorumKind, Rule, second_call
from federation.assembly.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

BODIES = 4
NONE, THIRD, HALF, ALL = (Fraction(n, 6) for n in (0, 2, 3, 6))
TIES = (("status_quo",), ("lot",), ("previous_stage",), ("previous_stage", "lot"), ("previous_stage", "status_quo"))


def sound_quorums() -> Iterator[Quorum]:
    slopes = (None, *(Slope(*each) for each in product((THIRD, ALL), repeat=2)))
    calls = (None, *(SecondCall(*each) for each in product((1, 2), (NONE, THIRD, HALF))))
    for kind, share, counts, slope, again in product(QuorumKind, (NONE, THIRD, HALF), (True, False), slopes, calls):
        with suppress(RuleError):
            yield Quorum(kind, share, counts, slope, again)


QUORUMS = (None, *sound_quorums())
rules = st.builds(
    lambda threshold, strict, of, quorum, tie: Rule(
        threshold=threshold, strict=strict and threshold < 1, of=of, quorum=quorum, tie=tie
    ),
    st.sampled_from((HALF, Fraction(2, 3), ALL)),
    st.booleans(),
    st.sampled_from(tuple(Base)),
    st.sampled_from(QUORUMS),
    st.sampled_from(TIES),
)
tallies = st.tuples(*[st.integers(0, 4)] * 4).map(lambda n: Tally(n[0], n[1], n[2], sum(n)))
lots = st.sampled_from([Lot(proposal=f"sha256:{n}", beacon="sha256:b") for n in range(4)])
situations = st.tuples(tallies, st.integers(0, BODIES), st.builds(Further, members=st.none() | tallies, lot=lots))


def passes(rule: Rule, situation: tuple[Tally, int, Further]) -> bool:
    tally, reached, further = situation
    return decide(rule, tally, reached=reached, bodies=BODIES, further=further).state is OutcomeState.PASSED


@given(rules, rules, st.lists(situations, min_size=20, max_size=60))
def test_nothing_passes_by_a_rule_that_is_weaker_in_no_part(
    rule: Rule, least: Rule, all_situations: list[tuple[Tally, int, Further]]
) -> None:
    if weaker_part(rule, least) is not None:
        return
    called, again = second_call(rule), second_call(least)
    for situation in all_situations:
        asked = passes(least, situation)
        assert asked or not passes(rule, situation)
        assert asked or (again and passes(again[1], situation)) or not (called and passes(called[1], situation))


@given(rules)
def test_a_rule_is_as_strict_as_itself(rule: Rule) -> None:
    assert weaker_part(rule, rule) is None
