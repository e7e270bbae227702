"""How much power weights give: Banzhaf and Shapley-Shubik shares, exact, by counting coalitions (G6).

Called by the simulator. A body has power where its turning from against to for turns the decision.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb
from typing import Final

from federation.assembly.tally import Count

MOST_STEPS: Final = 3_000_000
"""Sums looked at before we give up; a few seconds."""

Weight = tuple[Count, ...]
"""What a body adds to each count: one number, or two where heads and members are counted."""
Coalitions = dict[tuple[int, Weight], int]
"""How many coalitions there are by size and sum."""


@dataclass(frozen=True, slots=True)
class Power:
    """Shares of all power, in the order of the bodies; both sum to one unless nobody can turn anything."""

    banzhaf: tuple[Fraction, ...]
    shapley: tuple[Fraction, ...]


def power_of(weights: Sequence[Weight], wins: Callable[[Weight], bool]) -> Power | None:
    """Both shares of every body, None where there are too many different sums to count.

    `wins` says whether a coalition of that sum carries a decision while all others are against.
    """
    everyone = _coalitions(weights)
    distinct = sorted(set(weights))
    if everyone is None or len(everyone) * len(distinct) > MOST_STEPS:
        return None
    carried = {total: wins(total) for _, total in everyone}
    swings = {weight: _swings(_without(everyone, weight), weight, carried) for weight in distinct}
    number = len(weights)
    banzhaf = [sum(swings[weight]) for weight in weights]
    shapley = [
        sum(Fraction(count, number * comb(number - 1, size)) for size, count in enumerate(swings[weight]) if count)
        for weight in weights
    ]
    return Power(_shares(banzhaf), _shares(shapley))


def _coalitions(weights: Sequence[Weight]) -> Coalitions | None:
    found: Coalitions = {(0, tuple(0 for _ in weights[0]) if weights else ()): 1}
    steps = 0
    for weight in weights:
        steps += len(found)
        if steps > MOST_STEPS:
            return None
        for (size, total), count in list(found.items()):
            grown = (size + 1, _plus(total, weight))
            found[grown] = found.get(grown, 0) + count
    return found


def _without(everyone: Coalitions, weight: Weight) -> Coalitions:
    """The coalitions that do without one body of this weight: those of its others, smaller ones first."""
    rest: Coalitions = {}
    for size, total in sorted(everyone):
        left = everyone[size, total] - rest.get((size - 1, _minus(total, weight)), 0)
        if left:
            rest[size, total] = left
    return rest


def _swings(rest: Coalitions, weight: Weight, carried: dict[Weight, bool]) -> list[int]:
    """By size, the coalitions of others that lose alone and win with this body."""
    swings = [0] * (max((size for size, _ in rest), default=0) + 1)
    for (size, total), count in rest.items():
        if not carried[total] and carried[_plus(total, weight)]:
            swings[size] += count
    return swings


def _shares(powers: Sequence[int | Fraction]) -> tuple[Fraction, ...]:
    whole = sum(powers)
    return tuple(Fraction(power) / whole if whole else Fraction(0) for power in powers)


def _plus(one: Weight, other: Weight) -> Weight:
    return tuple(a + b for a, b in zip(one, other, strict=True))


def _minus(one: Weight, other: Weight) -> Weight:
    return tuple(a - b for a, b in zip(one, other, strict=True))
