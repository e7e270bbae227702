"""Power: textbook games, and both indices against counting every coalition and every order."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, permutations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.assembly.weighing import power
from federation.assembly.weighing.power import Power, Weight, power_of

if TYPE_CHECKING:
    from collections.abc import Callable


def needing(quota: int) -> Callable[[Weight], bool]:
    return lambda won: won[0] >= quota


def shares(*parts: int) -> tuple[Fraction, ...]:
    return tuple(Fraction(part, sum(parts)) for part in parts)


@pytest.mark.parametrize(
    ("weights", "quota", "banzhaf", "shapley"),
    [
        ((4, 3, 2, 1), 6, shares(5, 3, 3, 1), shares(5, 3, 3, 1)),
        ((50, 49, 1), 51, shares(3, 1, 1), shares(4, 1, 1)),
        ((4, 4, 4, 2, 2, 1), 12, shares(5, 5, 5, 3, 3, 0), shares(14, 14, 14, 9, 9, 0)),
        ((10, 9, 7), 18, shares(1, 1, 0), shares(1, 1, 0)),
        ((1, 1, 1), 2, shares(1, 1, 1), shares(1, 1, 1)),
        ((3, 0), 2, shares(1, 0), shares(1, 0)),
    ],
)
def test_textbook_games(
    weights: tuple[int, ...], quota: int, banzhaf: tuple[Fraction, ...], shapley: tuple[Fraction, ...]
) -> None:
    """The third is the first council of the European Communities: Luxembourg's vote never mattered."""
    assert power_of([(weight,) for weight in weights], needing(quota)) == Power(banzhaf, shapley)


def counted(weights: list[int], quota: int) -> Power:
    bodies = range(len(weights))
    swings, pivots = [0] * len(weights), [0] * len(weights)
    for body in bodies:
        others = [other for other in bodies if other != body]
        for size in range(len(weights)):
            for coalition in combinations(others, size):
                won = sum(weights[each] for each in coalition)
                swings[body] += won < quota <= won + weights[body]
    for order in permutations(bodies):
        won = 0
        for body in order:
            pivots[body] += won < quota <= won + weights[body]
            won += weights[body]
    return Power(
        *(
            tuple(Fraction(one, sum(found)) if sum(found) else Fraction(0) for one in found)
            for found in (swings, pivots)
        )
    )


@given(st.lists(st.integers(0, 9), min_size=1, max_size=6), st.integers(1, 40))
def test_counting_by_sums_is_counting_every_coalition_and_every_order(weights: list[int], quota: int) -> None:
    assert power_of([(weight,) for weight in weights], needing(quota)) == counted(weights, quota)


def test_where_two_counts_must_agree_both_give_power() -> None:
    """One large and two small bodies: with two heads and half of the members needed, the large one is always needed."""
    found = power_of([(1, 80), (1, 10), (1, 10)], lambda won: won[0] >= 2 and won[1] >= 50)

    assert found == Power(shares(3, 1, 1), shares(4, 1, 1))


def test_many_equal_bodies_are_quick_and_equal() -> None:
    found = power_of([(1,)] * 300, needing(151))

    assert found is not None
    assert set(found.banzhaf) == set(found.shapley) == {Fraction(1, 300)}


def test_too_many_different_sums_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(power, "MOST_STEPS", 100)

    assert power_of([(2**place,) for place in range(10)], needing(5)) is None
    assert power_of([(1,)] * 30, needing(16)) is None
