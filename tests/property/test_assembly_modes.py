"""Every mode: monotone, blind to order, nothing lost; caps at their fixpoint; seats as promised (G6)."""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from hypothesis import assume, given
from hypothesis import strategies as st

from federation.assembly.decide import OutcomeState
from federation.assembly.fields import fields_of
from federation.assembly.roll_up import Report, roll_up
from federation.assembly.rules import PRESETS, Rule
from federation.assembly.tally import Tally, read_tally, total
from federation.assembly.weighing.caps import capped
from federation.assembly.weighing.leaves import Leaf, distinct, leaf_document, leaf_tally, read_leaves
from federation.assembly.weighing.modes import weights_of
from federation.assembly.weighing.seats import METHODS, degressive, shared_out
from tests.unit.assembly.rosters import leaf, sized, voted

if TYPE_CHECKING:
    from federation.assembly.statute import Statute

TERMS: dict[str, dict[str, Any]] = {
    "heads": {},
    "weights": {},
    "members": {},
    "proportional": {},
    "double": {"double": {"members": "3/5", "abstain_as_against": True}},
    "sqrt": {"quota": "optimal"},
    "degressive": {"seats": {"least": 1, "most": 6}},
    "delegates": {"seats": {"total": 12, "method": "sainte_lague"}},
}
NAMES = tuple("abcdef")
sizes = st.dictionaries(st.sampled_from(NAMES), st.integers(1, 60), min_size=1)
counts = st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(0, 5))
rules = st.sampled_from(tuple(PRESETS.values()))
tallies = counts.map(lambda n: Tally(*n, electorate=sum(n) + 1))


def heard(name: str, said: tuple[int, int, int]) -> Report:
    report = voted(*said, silent=1)
    assert report.tally is not None
    return replace(report, leaves=(leaf(name, report.tally),))


@st.composite
def decisions(draw: st.DrawFn) -> tuple[Statute, dict[str, Report]]:
    mode = draw(st.sampled_from(sorted(TERMS)))
    statute = sized(mode, draw(sizes), **TERMS[mode])
    bodies = [each.body for each in statute.constituents]
    speaking = draw(st.sets(st.sampled_from(bodies)))
    return statute, {body: heard(body, draw(counts)) for body in sorted(speaking)}


@given(decisions(), rules, st.randoms(use_true_random=False))
def test_no_mode_depends_on_the_order_of_reports_or_of_the_roster(
    decision: tuple[Statute, dict[str, Report]], rule: Rule, random: Any
) -> None:
    statute, reports = decision
    shuffled, roster = list(reports.items()), list(statute.constituents)
    random.shuffle(shuffled)
    random.shuffle(roster)
    turned = replace(statute, constituents=tuple(roster))

    whole, again = roll_up(statute, rule, reports), roll_up(turned, rule, dict(shuffled))

    assert (again.tally, again.outcome, again.members) == (whole.tally, whole.outcome, whole.members)
    assert {line.body: line for line in again.lines} == {line.body: line for line in whole.lines}


@given(decisions(), rules)
def test_in_every_mode_for_against_abstain_and_silence_are_all_there_is(
    decision: tuple[Statute, dict[str, Report]], rule: Rule
) -> None:
    statute, reports = decision
    rolled = roll_up(statute, rule, reports)
    spoken = [
        weight for each, weight in zip(statute.constituents, weights_of(statute), strict=True) if each.body in reports
    ]

    if statute.mode != "members":
        assert rolled.tally.electorate == total(weights_of(statute))
        assert rolled.tally.cast == total(spoken)
    assert rolled.tally.in_favour + rolled.tally.against + rolled.tally.abstain == rolled.tally.cast


@given(decisions(), rules, st.data())
def test_in_every_mode_a_voter_who_turns_in_favour_never_harms(
    decision: tuple[Statute, dict[str, Report]], rule: Rule, data: st.DataObject
) -> None:
    statute, reports = decision
    assume(reports)
    body = data.draw(st.sampled_from(sorted(reports)))
    before = reports[body].tally
    assert before is not None
    assume(before.against > 0)
    turned = heard(body, (int(before.in_favour) + 1, int(before.against) - 1, int(before.abstain)))

    if roll_up(statute, rule, reports).outcome.state is OutcomeState.PASSED:
        assert roll_up(statute, rule, reports | {body: turned}).outcome.state is OutcomeState.PASSED


@given(decisions(), rules)
def test_every_tally_of_every_mode_can_be_written_and_read_back(
    decision: tuple[Statute, dict[str, Report]], rule: Rule
) -> None:
    tally = roll_up(*decision[:1], rule, decision[1]).tally

    assert read_tally(fields_of(tally.to_document(), ValueError)) == tally


weights = st.lists(st.integers(1, 1000), min_size=1, max_size=9)
shares = st.fractions(Fraction(1, 12), 1, max_denominator=30)


@given(weights, shares)
def test_a_cap_is_a_fixpoint_that_cuts_only_what_it_must(given_weights: list[int], share: Fraction) -> None:
    assume(share * len(given_weights) >= 1)

    cut = capped(given_weights, share)

    whole = total(cut)
    assert all(weight <= share * whole for weight in cut)
    assert capped(cut, share) == cut
    assert all(after in {before, max(cut)} for before, after in zip(given_weights, cut, strict=True))
    assert all(after <= before for before, after in zip(given_weights, cut, strict=True))
    if max(cut) < max(given_weights):
        assert max(cut) == share * whole


@given(weights, shares, st.integers(2, 50))
def test_a_cap_does_not_depend_on_the_unit(given_weights: list[int], share: Fraction, factor: int) -> None:
    assume(share * len(given_weights) >= 1)

    assert capped([weight * factor for weight in given_weights], share) == tuple(
        weight * factor for weight in capped(given_weights, share)
    )


@given(sizes, st.sampled_from(sorted(METHODS)), st.integers(1, 40))
def test_all_seats_are_given_and_larger_bodies_never_get_fewer(held: dict[str, int], method: str, seats: int) -> None:
    given_seats = METHODS[method](held, seats)

    assert sum(given_seats.values()) == seats
    rising = sorted(held, key=lambda name: (held[name], given_seats[name]))
    assert [given_seats[name] for name in rising] == sorted(given_seats.values())


@given(sizes, st.integers(1, 40))
def test_largest_remainders_stay_within_one_seat_of_the_quota(held: dict[str, int], seats: int) -> None:
    everyone = sum(held.values())

    assert all(
        abs(Fraction(held[name] * seats, everyone) - given_seats) < 1
        for name, given_seats in METHODS["hamilton"](held, seats).items()
    )


@given(sizes, st.integers(1, 5), st.integers(0, 30))
def test_degressive_seats_keep_their_promise(held: dict[str, int], least: int, more: int) -> None:
    seats = degressive(held, least, least + more)
    rising = sorted(held, key=lambda name: held[name])
    pairs = list(itertools.pairwise(rising))

    assert all(least <= seats[name] <= least + more for name in held)
    assert all(seats[small] <= seats[large] for small, large in pairs)
    assert all(held[small] * seats[large] <= held[large] * seats[small] for small, large in pairs)
    assert all(seats[one] == seats[other] for one in held for other in held if held[one] == held[other])


@given(st.integers(0, 100), st.lists(st.integers(0, 30), min_size=1, max_size=5))
def test_what_is_shared_out_is_whole_near_the_quota_and_adds_up(units: int, parts: list[int]) -> None:
    given_units = shared_out(units, parts)

    assert sum(given_units) == (units if sum(parts) else 0)
    assert all(
        abs(one * sum(parts) - part * units) < sum(parts)
        for one, part in zip(given_units, parts, strict=True)
        if sum(parts)
    )


leaves = st.builds(
    lambda body, tally, minute, counts: leaf(body, tally, minute=minute, counts=counts),
    st.sampled_from(NAMES),
    tallies,
    st.integers(0, 59),
    st.booleans(),
)


@given(st.lists(leaves), st.randoms(use_true_random=False))
def test_leaves_are_added_once_in_any_order_and_however_often_they_are_merged(found: list[Leaf], random: Any) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)

    assert distinct(shuffled) == distinct(found) == distinct([*distinct(found[::2]), *distinct(found[1::2])])
    assert leaf_tally(found + shuffled) == leaf_tally(found)
    assert len(distinct(found)) == len({one.body for one in found})


@given(st.lists(leaves))
def test_leaves_are_read_as_they_were_written(found: list[Leaf]) -> None:
    written = {"leaves": [leaf_document(one) for one in distinct(found)]}

    assert read_leaves(fields_of(written, ValueError), "leaves") == distinct(found)


@given(st.lists(st.fractions(0, 50, max_denominator=400), max_size=40))
def test_adding_fractions_by_denominator_is_adding_them(given_shares: list[Fraction]) -> None:
    assert total(given_shares) == sum(given_shares)
