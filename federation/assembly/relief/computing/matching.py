"""Who gives to whom: within the same branch of the tree first, so that things travel little, and in few transfers.

Called by `plan` for each good, when it is settled how much everybody gives and gets.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

Way = tuple[str, str, int]
"""Giver, taker and amount."""
Path = tuple[str, ...]
"""The assemblies from the top down to the one a body belongs to."""


@dataclass(slots=True)
class Ring:
    """What is still to be given and to be got below one assembly; amounts negative, so that the largest comes first."""

    giving: list[tuple[int, str]] = field(default_factory=list)
    getting: list[tuple[int, str]] = field(default_factory=list)


def matched(gifts: Mapping[str, int], wants: Mapping[str, int], paths: Mapping[str, Path]) -> list[Way]:
    """The transfers that bring all gifts to all wants, whose sums are equal; sorted by giver and taker.

    From the lowest assemblies up: within each, the largest gift goes to the largest want, of equal ones the earlier
    DID, until one side is used up; what is left goes one assembly up.
    """
    rings: dict[Path, Ring] = {}
    for body, amount in gifts.items():
        if amount:
            rings.setdefault(paths[body], Ring()).giving.append((-amount, body))
    for body, amount in wants.items():
        if amount:
            rings.setdefault(paths[body], Ring()).getting.append((-amount, body))
    ways: list[Way] = []
    for depth in range(max(map(len, rings), default=0), 0, -1):
        for path in sorted(path for path in rings if len(path) == depth):
            ways.extend(_within(rings[path]))
            _pass_up(rings, path)
    return sorted(ways)


def _within(ring: Ring) -> list[Way]:
    """The transfers within one assembly; `ring` keeps what is left."""
    heapify(ring.giving)
    heapify(ring.getting)
    ways: list[Way] = []
    while ring.giving and ring.getting:
        (gift, giver), (want, taker) = heappop(ring.giving), heappop(ring.getting)
        amount = min(-gift, -want)
        ways.append((giver, taker, amount))
        if -gift > amount:
            heappush(ring.giving, (gift + amount, giver))
        if -want > amount:
            heappush(ring.getting, (want + amount, taker))
    return ways


def _pass_up(rings: dict[Path, Ring], path: Path) -> None:
    left = rings.pop(path)
    if len(path) > 1 and (left.giving or left.getting):
        above = rings.setdefault(path[:-1], Ring())
        above.giving.extend(left.giving)
        above.getting.extend(left.getting)
