"""How much of one good each co-op in need gets when there is too little: in proportion, or the highest score first.

Called by `plan` for each good. Everything is exact, in whole units, and the same in whatever order it is asked.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from federation.assembly.relief.shapes import Share

Amounts = Mapping[str, int]
"""Units by the DID of the body."""


@dataclass(frozen=True, slots=True)
class Shared:
    """Who gets how much; `tied` are those among whom only the order of DIDs decided."""

    amounts: Amounts
    tied: frozenset[str] = frozenset()


def share_out(share: Share, supply: int, shortages: Amounts, scores: Amounts) -> Shared:
    """Everybody's whole shortage where there is enough; otherwise as `share` says, and never more than the shortage."""
    if supply >= sum(shortages.values()):
        return Shared(dict(shortages))
    return SHARES[share](supply, shortages, scores)


def proportional(supply: int, shortages: Amounts, scores: Amounts) -> Shared:
    """In proportion to shortage times score; nobody gets more than it lacks, and what that leaves is for the others.

    Those with the score zero get something only when all others have all they lack, and then by their shortage.
    """
    heard = {body: shortage for body, shortage in shortages.items() if scores[body]}
    first = _filled(min(supply, sum(heard.values())), heard, scores)
    others = {body: shortage for body, shortage in shortages.items() if not scores[body]}
    left = supply - sum(first.amounts.values())
    second = _filled(left, others, dict.fromkeys(others, 1))
    return Shared({**first.amounts, **second.amounts}, first.tied | second.tied)


def priority(supply: int, shortages: Amounts, scores: Amounts) -> Shared:
    """The highest score first until nothing is left; of equal scores the earlier DID."""
    amounts: dict[str, int] = {}
    left = supply
    for body in _by_score(shortages, scores):
        amounts[body] = min(left, shortages[body])
        left -= amounts[body]
    short = {scores[body] for body, amount in amounts.items() if amount < shortages[body]}
    lowest_served = min((scores[body] for body, amount in amounts.items() if amount), default=None)
    if lowest_served is None or lowest_served not in short:
        return Shared(amounts)
    return Shared(amounts, _among_equals(body for body in amounts if scores[body] == lowest_served))


SHARES: Final[Mapping[Share, Callable[[int, Amounts, Amounts], Shared]]] = {
    Share.PROPORTIONAL: proportional,
    Share.PRIORITY: priority,
}


def _filled(supply: int, shortages: Amounts, scores: Amounts) -> Shared:
    """Water that rises in every vessel at the speed of shortage times score; full ones stop, the others share the rest.

    A vessel is full the earlier the higher its score is, so going down the scores once finds all that are full.
    """
    left, speed = supply, sum(shortages[body] * scores[body] for body in shortages)
    amounts: dict[str, int] = {}
    filling: list[str] = []
    for body in _by_score(shortages, scores):
        if not filling and left * scores[body] >= speed:
            amounts[body] = shortages[body]
            left -= shortages[body]
            speed -= shortages[body] * scores[body]
        else:
            filling.append(body)
    rest = _rounded(left, {body: shortages[body] * scores[body] for body in filling})
    return Shared({**amounts, **rest.amounts}, rest.tied)


def _rounded(units: int, speeds: Amounts) -> Shared:
    """Whole units in the proportion of the speeds, by largest remainders; of equal remainders the earlier DID."""
    whole = sum(speeds.values())
    amounts = {body: units * speed // whole for body, speed in speeds.items()}
    remainders = {body: units * speed % whole for body, speed in speeds.items()}
    more = units - sum(amounts.values())
    nearest = sorted(speeds, key=lambda body: (-remainders[body], body))
    for body in nearest[:more]:
        amounts[body] += 1
    if not 0 < more < len(nearest) or remainders[nearest[more - 1]] != remainders[nearest[more]]:
        return Shared(amounts)
    edge = remainders[nearest[more]]
    return Shared(amounts, _among_equals(body for body in nearest if remainders[body] == edge))


def _by_score(shortages: Amounts, scores: Amounts) -> list[str]:
    return sorted(shortages, key=lambda body: (-scores[body], body))


def _among_equals(bodies: Iterable[str]) -> frozenset[str]:
    """These bodies, if there are several."""
    equals = frozenset(bodies)
    return equals if len(equals) > 1 else frozenset()
