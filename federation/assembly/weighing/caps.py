"""A cap on one constituent's share of the votes, by water-filling to a fixpoint (G6).

Called when a statute's weights are worked out, and by the checks of a statute.
"""

from collections.abc import Sequence
from fractions import Fraction

from federation.assembly.tally import Count, total


def capped(weights: Sequence[Count], share: Fraction) -> tuple[Count, ...]:
    """The weights with none above `share` of their sum after capping; the order stays, exact, in n log n.

    The heaviest k are cut to one level x = share · rest / (1 - share · k), for the smallest k that leaves nobody above
    it. ValueError when so few weigh anything that no such level exists (share · n < 1).
    """
    falling = sorted((weight for weight in weights if weight), reverse=True)
    if share * len(falling) < 1:
        raise ValueError("so few constituents cannot all stay below this share")
    rest = total(falling)
    for count, weight in enumerate(falling):
        level = share * rest / (1 - share * count)
        if weight <= level:
            return tuple(min(each, _whole(level)) for each in weights)
        rest -= weight
    raise AssertionError("the lightest constituent is always below the level")


def _whole(level: Fraction) -> Count:
    return level.numerator if level.denominator == 1 else level
