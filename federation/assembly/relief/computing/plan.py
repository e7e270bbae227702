"""What follows from stocks under the declared criteria: who gets, who gives, and which way each thing goes.

Called by the assembly that drafts a plan and by everybody who checks one, through `comparing`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from federation.assembly.refusals import ReliefRefusal
from federation.assembly.relief.computing.matching import Path, matched
from federation.assembly.relief.computing.scores import Need, scored
from federation.assembly.relief.computing.sharing import share_out
from federation.assembly.relief.shapes import (
    MOST_TRANSFERS,
    Adjustment,
    Allotment,
    Computed,
    Gift,
    Relief,
    Stock,
    Transfer,
)
from federation.assembly.weighing.seats import hamilton

Balances = Mapping[tuple[str, str], int]
"""Units by body and good that moved before: sent away, or arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """All that a plan rests on: stocks by body, where everybody stands, what moved before, and what is laid down."""

    relief: Relief
    stocks: Mapping[str, Stock]
    paths: Mapping[str, Path]
    sent: Balances
    arrived: Balances
    adjustments: Sequence[Adjustment]

    def surplus(self, body: str, good: str) -> int:
        """What a body could give that has not left."""
        line = self.stocks[body].lines.get(good)
        return max(0, line.surplus - self.sent.get((body, good), 0)) if line else 0

    def shortage(self, body: str, good: str) -> int:
        """What a body lacks that has not come."""
        line = self.stocks[body].lines.get(good)
        return max(0, line.shortage - self.arrived.get((body, good), 0)) if line else 0


def computed(basis: Basis) -> Computed:
    """The whole plan, good by good. Refuses adjustments that cannot be, and plans with too many transfers."""
    _check_adjustments(basis)
    limits = {(each.body, each.good): each.amount for each in basis.adjustments}
    allotments: list[Allotment] = []
    gifts: list[Gift] = []
    ways: list[tuple[str, str, str, int]] = []
    for good in (good.key for good in basis.relief.goods):
        free = {body: _free(basis, body, good, limits) for body in sorted(basis.stocks)}
        allotted = _allotments(basis, good, sum(free.values()))
        given = hamilton(free, sum(each.amount for each in allotted))
        allotments.extend(allotted)
        gifts.extend(_gifts(basis, good, free, given))
        wants = {each.body: each.amount for each in allotted}
        ways.extend((good, *way) for way in matched(given, wants, basis.paths))
    return Computed(tuple(allotments), tuple(gifts), _numbered(ways))


def _free(basis: Basis, body: str, good: str, limits: Balances) -> int:
    """What may leave: as laid down by hand, otherwise the surplus without the reserve, which is rounded up."""
    spare = _spare(basis, body, good)
    return min(spare, limits.get((body, good), spare))


def _spare(basis: Basis, body: str, good: str) -> int:
    kept = basis.relief.reserve
    return basis.surplus(body, good) * (kept.denominator - kept.numerator) // kept.denominator


def _allotments(basis: Basis, good: str, supply: int) -> list[Allotment]:
    """What everybody in need gets of one good, in the order of DIDs; adjustments first, the others share the rest."""
    needs = list(_needs(basis, good))
    parts = scored(needs, basis.relief.criteria)
    scores = {body: sum(each.values()) for body, each in parts.items()}
    fixed = {each.body: each.amount for each in basis.adjustments if each.good == good and each.body in parts}
    left = supply - sum(fixed.values())
    if left < 0:
        raise ReliefRefusal("relief-adjustment", f"{good}: {-left} more than there is")
    others = {need.body: need.shortage for need in needs if need.body not in fixed}
    shared = share_out(basis.relief.share, left, others, scores)
    return [
        Allotment(
            body=need.body,
            good=good,
            shortage=need.shortage,
            amount=fixed[need.body] if need.body in fixed else shared.amounts[need.body],
            score=scores[need.body],
            parts=parts[need.body],
            is_adjusted=need.body in fixed,
            is_tied=need.body in shared.tied,
        )
        for need in needs
    ]


def _needs(basis: Basis, good: str) -> Iterable[Need]:
    for body in sorted(basis.stocks):
        shortage = basis.shortage(body, good)
        if shortage:
            stock = basis.stocks[body]
            yield Need(body, shortage, stock.lines[good].needed, stock)


def _gifts(basis: Basis, good: str, free: Mapping[str, int], given: Mapping[str, int]) -> Iterable[Gift]:
    for body, may_leave in free.items():
        surplus = basis.surplus(body, good)
        if surplus:
            yield Gift(body, good, surplus, surplus - may_leave, given[body])


def _check_adjustments(basis: Basis) -> None:
    """Each for a shared good, and a co-op that lacks at least so much or may give it; nobody twice for one good."""
    goods = {good.key for good in basis.relief.goods}
    places = [(each.body, each.good) for each in basis.adjustments]
    if len(set(places)) < len(places):
        raise ReliefRefusal("relief-adjustment", "the same co-op and good twice")
    for each in basis.adjustments:
        most = _most(basis, each) if each.good in goods and each.body in basis.stocks else 0
        if not most or each.amount > most:
            raise ReliefRefusal("relief-adjustment", f"{each.body} lacks or may give {most} of {each.good}")


def _most(basis: Basis, each: Adjustment) -> int:
    return basis.shortage(each.body, each.good) or _spare(basis, each.body, each.good)


def _numbered(ways: Sequence[tuple[str, str, str, int]]) -> tuple[Transfer, ...]:
    if len(ways) > MOST_TRANSFERS:
        raise ReliefRefusal("relief-too-large", f"a plan may have {MOST_TRANSFERS} transfers, this has {len(ways)}")
    return tuple(
        Transfer(number, giver, taker, good, amount)
        for number, (good, giver, taker, amount) in enumerate(ways, start=1)
    )
