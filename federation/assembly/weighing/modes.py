"""The modes of a statute as one table: what each constituent weighs, and what its report adds to the count (G6).

Called by the roll-up for every constituent, and by the checks of a statute.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import isqrt
from typing import TYPE_CHECKING, Final

from federation.assembly.rules import Base, Rule
from federation.assembly.tally import Count
from federation.assembly.weighing.caps import capped
from federation.assembly.weighing.seats import METHODS, degressive

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from federation.assembly.statute import Statute

ROOT_SCALE: Final = 10**12
"""Square roots are taken of a million million times the members: six decimals, rounded down (G6)."""
UNANIMITY: Final = Rule(threshold=Fraction(1), of=Base.ELECTORATE)

Weights = tuple[Count, ...]


@dataclass(frozen=True, slots=True)
class Mode:
    """How one mode weighs; whether it needs member counts, lets weights be capped, and lets a body split its own."""

    weigh: Callable[[Statute], Weights]
    needs_members: bool = False
    may_cap: bool = False
    may_split: bool = False


def weights_of(statute: Statute) -> Weights:
    """What each constituent weighs, in the order of the statute, after its cap."""
    raw = MODES[statute.mode].weigh(statute)
    share = cap_share(statute)
    return raw if share is None else capped(raw, share)


def cap_share(statute: Statute) -> Fraction | None:
    """The largest share one constituent may have, None where there is no cap or unanimity stands in for it."""
    cap = statute.terms.cap
    return cap.share_among(len(statute.constituents)) if cap and statute.constituents else None


def effective_rule(statute: Statute, rule: Rule) -> Rule:
    """The rule as the statute applies it: q* for the threshold, unanimity where a cap asks for it (G6).

    In mode `double` those who abstain may count as against, which is to say that the base is all that was cast.
    """
    cap = statute.terms.cap
    if cap and statute.constituents and cap.is_unanimity(len(statute.constituents)):
        return replace(rule, threshold=UNANIMITY.threshold, strict=UNANIMITY.strict, of=UNANIMITY.of)
    if statute.terms.quota == "optimal" and statute.constituents:
        return replace(rule, threshold=optimal_quota(member_counts(statute)), strict=False, of=Base.ELECTORATE)
    double = statute.terms.double
    if double and double.abstain_as_against and rule.of is Base.DECISIVE:
        return replace(rule, of=Base.CAST)
    return rule


def optimal_quota(sizes: tuple[int, ...]) -> Fraction:
    """q* = (1 + √ΣN / Σ√N) / 2, in the same integers as the weights (G6)."""
    roots = sum(isqrt(size * ROOT_SCALE) for size in sizes)
    return Fraction(roots + isqrt(sum(sizes) * ROOT_SCALE), 2 * roots)


def member_counts(statute: Statute) -> tuple[int, ...]:
    """The members each constituent has by the statute; 0 where it does not say."""
    return tuple(each.members or 0 for each in statute.constituents)


def _one_each(statute: Statute) -> Weights:
    return (1,) * len(statute.constituents)


def _as_laid_down(statute: Statute) -> Weights:
    return tuple(each.weight for each in statute.constituents)


def _roots(statute: Statute) -> Weights:
    return tuple(isqrt(size * ROOT_SCALE) for size in member_counts(statute))


def _degressive(statute: Statute) -> Weights:
    seats = statute.terms.seats
    assert seats is not None, "checked when the statute was read"
    return _seats(statute, degressive(_sizes(statute), seats.least, seats.most))


def _delegates(statute: Statute) -> Weights:
    seats = statute.terms.seats
    assert seats is not None, "checked when the statute was read"
    return _seats(statute, METHODS[seats.method](_sizes(statute), seats.total))


def _seats(statute: Statute, held: Mapping[str, int]) -> Weights:
    return tuple(held[each.body] for each in statute.constituents)


def _sizes(statute: Statute) -> dict[str, int]:
    return {each.body: each.members or 0 for each in statute.constituents}


MODES: Final[Mapping[str, Mode]] = {
    "heads": Mode(_one_each),
    "weights": Mode(_as_laid_down, may_cap=True, may_split=True),
    "members": Mode(member_counts, needs_members=True),
    "proportional": Mode(_as_laid_down, may_cap=True),
    "double": Mode(_one_each, needs_members=True),
    "sqrt": Mode(_roots, needs_members=True, may_cap=True),
    "degressive": Mode(_degressive, needs_members=True, may_cap=True, may_split=True),
    "delegates": Mode(_delegates, needs_members=True, may_cap=True, may_split=True),
}


def denominator_of(statute: Statute) -> int:
    """How many units are shown as 1: the statute's own for its weights, the root of the scale for square roots."""
    if statute.mode == "sqrt":
        return isqrt(ROOT_SCALE)
    return statute.weight_denominator if MODES[statute.mode].weigh is _as_laid_down else 1
