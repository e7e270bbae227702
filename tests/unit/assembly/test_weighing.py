"""What constituents weigh: caps by water-filling, square roots with q*, seats of every kind (G6)."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

import pytest

from federation.assembly.roll_up import roll_up
from federation.assembly.rules import PRESETS
from federation.assembly.tally import Count, Tally
from federation.assembly.weighing.caps import capped
from federation.assembly.weighing.modes import denominator_of, optimal_quota, weights_of
from federation.assembly.weighing.seats import degressive, dhondt, hamilton, sainte_lague, shared_out
from tests.unit.assembly.rosters import counted, sized, statute_of

THIRD, TWO_FIFTHS = Fraction(1, 3), Fraction(2, 5)


def shares(weights: tuple[Count, ...]) -> list[Fraction]:
    whole = sum(weights)
    return [Fraction(weight) / whole for weight in weights]


def test_three_above_a_third_become_equal_thirds() -> None:
    assert shares(capped((10, 9, 7), THIRD)) == [THIRD, THIRD, THIRD]


def test_nobody_above_the_cap_stays_as_it_is() -> None:
    assert capped((10, 9, 7), TWO_FIFTHS) == (10, 9, 7)


def test_a_cap_is_measured_against_the_sum_after_capping() -> None:
    weights = capped((50, 20, 10, 10, 10), THIRD)

    assert weights == (25, 20, 10, 10, 10)
    assert shares(weights) == [THIRD, Fraction(4, 15), Fraction(2, 15), Fraction(2, 15), Fraction(2, 15)]


def test_a_cap_may_leave_fractions_of_units() -> None:
    weights = capped((10, 3, 2), TWO_FIFTHS)

    assert weights == (Fraction(10, 3), 3, 2)
    assert shares(weights)[0] == TWO_FIFTHS


def test_a_cap_that_nobody_can_meet_is_refused() -> None:
    with pytest.raises(ValueError, match="share"):
        capped((2, 1), THIRD)


@pytest.mark.parametrize(
    ("size", "preset", "wanted"),
    [(2, "two only together", None), (3, "two fifths", TWO_FIFTHS), (4, "a third", THIRD), (1, "alone", Fraction(1))],
)
def test_the_spanish_cap_depends_on_how_many_they_are(size: int, preset: str, wanted: Fraction | None) -> None:
    cap = {"share": "1/3", "by_size": {"1": "1/1", "2": "unanimity", "3": "2/5"}}
    statute = statute_of({f"body {n}": 1 for n in range(size)}, cap=cap, jurisdiction="es-second-degree")

    assert statute.terms.cap is not None
    assert statute.terms.cap.share_among(size) == wanted


def test_square_roots_are_integers_of_a_millionth() -> None:
    statute = sized("sqrt", {"a": 71, "b": 64, "c": 49})

    assert weights_of(statute) == (8426149, 8000000, 7000000)
    assert denominator_of(statute) == 1_000_000


def test_the_optimal_quota_of_three_equals_asks_for_all_three() -> None:
    quota = optimal_quota((50, 50, 50))

    assert Fraction(7886, 10_000) < quota < Fraction(7887, 10_000)
    assert quota > Fraction(2, 3)


def test_the_optimal_quota_of_the_invented_sizes_is_just_below_79_percent() -> None:
    roots = [isqrt(size * 10**12) for size in (71, 64, 49)]

    assert Fraction(7896, 10_000) > optimal_quota((71, 64, 49)) > Fraction(7894, 10_000)
    assert Fraction(701, 1000) < Fraction(roots[0] + roots[1], sum(roots)) < Fraction(702, 1000)


@pytest.mark.parametrize(
    ("method", "seats"),
    [
        (sainte_lague, {"a": 4, "b": 2, "c": 1}),
        (dhondt, {"a": 4, "b": 3, "c": 0}),
        (hamilton, {"a": 4, "b": 2, "c": 1}),
    ],
)
def test_seven_seats_worked_by_hand(method: object, seats: dict[str, int]) -> None:
    """Averages for D'Hondt: 53, 36, 26.5, 18, 17.7, 13.25, 12; for Sainte-Laguë: 53, 36, 17.7, 12, 11, 10.6, 7.6."""
    assert method({"a": 53, "b": 36, "c": 11}, 7) == seats  # type: ignore[operator]


def test_largest_remainders_have_the_alabama_paradox() -> None:
    sizes = {"a": 6, "b": 6, "c": 2}

    assert hamilton(sizes, 10) == {"a": 4, "b": 4, "c": 2}
    assert hamilton(sizes, 11) == {"a": 5, "b": 5, "c": 1}


@pytest.mark.parametrize("method", [sainte_lague, dhondt, hamilton])
def test_equal_claims_go_to_the_earlier_name_and_never_depend_on_the_order_given(method: object) -> None:
    forwards = method({"a": 5, "b": 5}, 3)  # type: ignore[operator]
    backwards = method({"b": 5, "a": 5}, 3)  # type: ignore[operator]

    assert forwards == backwards == {"a": 2, "b": 1}


@pytest.mark.parametrize("method", [sainte_lague, dhondt, hamilton])
def test_nobody_means_no_seats(method: object) -> None:
    assert method({"a": 0}, 3) == {"a": 0}  # type: ignore[operator]


def test_degressive_seats_run_from_the_least_to_the_most_and_never_favour_the_large() -> None:
    sizes = {"malta": 500, "ireland": 4_500, "sweden": 10_000, "poland": 38_000, "germany": 83_000}

    seats = degressive(sizes, 6, 96)

    assert seats == {"malta": 6, "ireland": 10, "sweden": 16, "poland": 46, "germany": 96}
    averages = [Fraction(sizes[name], seats[name]) for name in sizes]
    assert averages == sorted(averages)


def test_equal_bodies_get_the_least_each() -> None:
    assert degressive({"a": 7, "b": 7}, 2, 9) == {"a": 2, "b": 2}
    assert degressive({}, 1, 2) == {}


def test_a_small_step_in_size_is_not_worth_a_whole_seat_more() -> None:
    """On the straight line the second would get 5 seats for 11 members, more per member than the first's 1 for 10."""
    seats = degressive({"a": 10, "b": 11, "c": 12}, 1, 9)

    assert seats == {"a": 1, "b": 1, "c": 1}


def test_what_is_shared_out_adds_up() -> None:
    assert shared_out(9, (5, 4, 0)) == (5, 4, 0)
    assert shared_out(9, (2, 1, 0)) == (6, 3, 0)
    assert shared_out(2, (1, 1, 1)) == (1, 1, 0)
    assert shared_out(5, (0, 0, 0)) == (0, 0, 0)


@pytest.mark.parametrize(
    ("mode", "terms", "wanted"),
    [
        ("heads", {}, (1, 1, 1)),
        ("weights", {}, (1, 1, 1)),
        ("members", {}, (90, 40, 10)),
        ("proportional", {}, (1, 1, 1)),
        ("double", {"double": {"members": "2/3"}}, (1, 1, 1)),
        ("sqrt", {}, (9486832, 6324555, 3162277)),
        ("degressive", {"seats": {"least": 1, "most": 5}}, (4, 2, 1)),
        ("delegates", {"seats": {"total": 14, "method": "hamilton"}}, (9, 4, 1)),
    ],
)
def test_each_mode_weighs_in_its_own_way(mode: str, terms: dict[str, object], wanted: tuple[int, ...]) -> None:
    assert weights_of(sized(mode, {"a": 90, "b": 40, "c": 10}, **terms)) == wanted


def test_a_cap_applies_to_weights_of_every_origin() -> None:
    statute = sized("sqrt", {"a": 10_000, "b": 100, "c": 100}, cap={"share": "2/5"})

    weights = weights_of(statute)

    assert max(shares(weights)) == TWO_FIFTHS


def test_two_under_the_spanish_preset_decide_together_or_not_at_all() -> None:
    cap = {"share": "1/3", "by_size": {"1": "1/1", "2": "unanimity", "3": "2/5"}}
    statute = statute_of({"a": 9, "b": 1}, cap=cap)

    alone = roll_up(statute, PRESETS["majority"], {"a": counted("for"), "b": counted("against")})
    together = roll_up(statute, PRESETS["majority"], {"a": counted("for"), "b": counted("for")})

    assert (alone.outcome.state, together.outcome.state) == ("rejected", "passed")
    assert together.tally == Tally(10, 0, 0, 10)
