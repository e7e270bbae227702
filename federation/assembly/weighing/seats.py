"""Seats for member counts: by largest averages, by largest remainders, or degressively between a least and a most (G6).

Called for the modes `delegates` and `degressive`, and for positions that split their weight.
"""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from heapq import heapify, heapreplace
from typing import Final

Sizes = Mapping[str, int]
"""Members by the DID (or any other name) that breaks ties."""


def sainte_lague(sizes: Sizes, seats: int) -> dict[str, int]:
    """Seats one by one to the largest size / (2s + 1), s being the seats so far."""
    return _largest_averages(sizes, seats, lambda held: 2 * held + 1)


def dhondt(sizes: Sizes, seats: int) -> dict[str, int]:
    """Seats one by one to the largest size / (s + 1)."""
    return _largest_averages(sizes, seats, lambda held: held + 1)


def hamilton(sizes: Sizes, seats: int) -> dict[str, int]:
    """Everybody's whole quota, then the seats left over to the largest remainders."""
    everyone = sum(sizes.values())
    if everyone == 0:
        return dict.fromkeys(sizes, 0)
    held = {name: size * seats // everyone for name, size in sizes.items()}
    by_remainder = sorted(sizes, key=lambda name: (-(sizes[name] * seats % everyone), -sizes[name], name))
    for name in by_remainder[: seats - sum(held.values())]:
        held[name] += 1
    return held


METHODS: Final[Mapping[str, Callable[[Sizes, int], dict[str, int]]]] = {
    "sainte_lague": sainte_lague,
    "dhondt": dhondt,
    "hamilton": hamilton,
}


def degressive(sizes: Sizes, least: int, most: int) -> dict[str, int]:
    """Seats from `least` for the smallest to at most `most`, where no larger one has fewer members per seat.

    Going up in size, each takes what a straight line between the ends gives it, rounded down, unless that would be
    more per member than the one before: so N_i / s_i never falls as N_i grows. Equal sizes get equal seats.
    """
    if not sizes:
        return {}
    smallest, largest = min(sizes.values()), max(sizes.values())
    held: dict[str, int] = {}
    size_before, seats_before = smallest, least
    for name in sorted(sizes, key=lambda name: (sizes[name], name)):
        size = sizes[name]
        on_line = least + (most - least) * (size - smallest) // max(largest - smallest, 1)
        seats_before = min(on_line, seats_before * size // size_before)
        held[name], size_before = seats_before, size
    return held


def shared_out(units: int, parts: Sequence[int | Fraction]) -> tuple[int, ...]:
    """`units` in the proportion of `parts`, in whole numbers by largest remainders; earlier parts first in a tie.

    Nothing at all when the parts are all zero.
    """
    whole = sum(parts)
    if whole == 0:
        return (0,) * len(parts)
    quotas = [Fraction(part * units) / whole for part in parts]
    given = [quota.numerator // quota.denominator for quota in quotas]
    nearest = sorted(range(len(parts)), key=lambda place: (given[place] - quotas[place], place))
    for place in nearest[: units - sum(given)]:
        given[place] += 1
    return tuple(given)


def _largest_averages(sizes: Sizes, seats: int, divisor: Callable[[int], int]) -> dict[str, int]:
    """Seats by largest averages; of equal averages the larger size comes first, then the earlier name."""
    held = dict.fromkeys(sizes, 0)
    waiting = [(Fraction(-size, divisor(0)), -size, name) for name, size in sizes.items() if size]
    heapify(waiting)
    for _ in range(seats if waiting else 0):
        _, size, name = waiting[0]
        held[name] += 1
        heapreplace(waiting, (Fraction(size, divisor(held[name])), size, name))
    return held
