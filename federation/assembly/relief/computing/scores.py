"""How urgently each co-op in need gets what there is: every declared criterion by itself, weighted, and their sum.

Called by `sharing` for each good, and by pages that explain an allotment.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from federation.assembly.relief.shapes import Criterion, Stock

WHOLE: Final = 1_000_000
"""The most one criterion gives before it is weighted: what the co-op that it speaks most for gets."""


@dataclass(frozen=True, slots=True)
class Need:
    """A co-op that lacks something of one good."""

    body: str
    shortage: int
    needed: int
    stock: Stock


VALUES: Final[Mapping[Criterion, Callable[[Need], Fraction]]] = {
    Criterion.PEOPLE: lambda need: Fraction(need.stock.people),
    Criterion.URGENCY: lambda need: Fraction(need.stock.urgency),
    Criterion.SHORTFALL: lambda need: Fraction(need.shortage, need.needed),
    Criterion.DAYS_LEFT: lambda need: Fraction(1, need.stock.days_left + 1),
}


def scored(needs: Sequence[Need], weights: Mapping[Criterion, int]) -> dict[str, dict[Criterion, int]]:
    """The weighted parts of each score by body, in millionths of the weight, rounded down.

    A criterion is measured against the largest value among those in need; days count as 1 / (days + 1).
    """
    parts: dict[str, dict[Criterion, int]] = {need.body: {} for need in needs}
    for criterion, weight in weights.items():
        values = {need.body: VALUES[criterion](need) for need in needs}
        largest = max(values.values(), default=Fraction(0))
        for body, value in values.items():
            parts[body][criterion] = weight * int(WHOLE * value / largest) if largest else 0
    return parts
