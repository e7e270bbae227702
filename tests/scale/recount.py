"""The outcome of a simulated federation from the ground truth, by plain addition and without the code under test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.scale.tree import Behaviour

if TYPE_CHECKING:
    from tests.scale.tree import Body


@dataclass(frozen=True)
class Truth:
    """For, against, abstained, electorate; and what follows: `for`, `against`, `abstain` or `no_quorum`."""

    counts: tuple[int, int, int, int]
    choice: str


def recount(top: Body) -> dict[int, Truth]:
    """What every body decided, by number."""
    truths: dict[int, Truth] = {}
    for body in reversed(list(top.everybody())):
        counts = _of_constituents(body, truths) if body.below else _of_members(body)
        truths[body.number] = Truth(counts, _choice(*counts))
    return truths


def _of_members(body: Body) -> tuple[int, int, int, int]:
    votes = [str(vote) for vote in body.votes]
    return votes.count("for"), votes.count("against"), votes.count("abstain"), len(votes)


def _of_constituents(body: Body, truths: dict[int, Truth]) -> tuple[int, int, int, int]:
    sides = {"for": 0, "against": 0, "abstain": 0}
    for below in body.below:
        choice = truths[below.number].choice
        if below.behaviour is Behaviour.HONEST and choice in sides:
            sides[choice] += below.weight
    return sides["for"], sides["against"], sides["abstain"], sum(below.weight for below in body.below)


def _choice(in_favour: int, against: int, abstained: int, electorate: int) -> str:
    """More than half of those for or against, if at least half of the electorate took part; a tie abstains."""
    if 2 * (in_favour + against + abstained) < electorate:
        return "no_quorum"
    if in_favour == against:
        return "abstain"
    return "for" if in_favour > against else "against"
