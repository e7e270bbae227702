"""Ballots counted: of each voter the last valid one by sequence, with the weight of the roll (G1, G4).

Called when a proposal closes, for the live bars, and by the verifier. The order of the ballots never matters.
"""

from collections.abc import Iterable
from typing import Protocol

from federation.assembly.tally import Tally
from identity.canonical import bytes_digest
from node.governance.ballots import Choice
from node.governance.electorate import Roll


class Paper(Protocol):
    """What counting needs of a ballot; both `Ballot` and the stored record have it."""

    @property
    def voter(self) -> str:
        """DID of the voter."""
        ...

    @property
    def choice(self) -> str:
        """One of `Choice`."""
        ...

    @property
    def seq(self) -> int:
        """The voter's own numbering of ballots on this proposal."""
        ...

    @property
    def digest(self) -> str:
        """Content digest of the ballot document."""
        ...


def count(ballots: Iterable[Paper], roll: Roll) -> Tally:
    """The tally of `ballots` that came in time, in weights of `roll`. Linear in both.

    Ballots by voters off the roll do not count. Two ballots with one voter and sequence but different content are
    an equivocation: neither counts, an other sequence of that voter still does. A repeated ballot counts once.
    """
    weights = roll.weights()
    counted = dict.fromkeys(Choice, 0)
    for voter, paper in _last_of_each(ballots).items():
        counted[Choice(paper.choice)] += weights.get(voter, 0)
    return Tally(
        in_favour=counted[Choice.FOR],
        against=counted[Choice.AGAINST],
        abstain=counted[Choice.ABSTAIN],
        electorate=roll.weight,
    )


def ballot_set_digest(digests: Iterable[str]) -> str:
    """`sha256:<hex>` over the sorted content digests of the counted ballots, joined by line feeds."""
    return bytes_digest("\n".join(sorted(digests)).encode())


def _last_of_each(ballots: Iterable[Paper]) -> dict[str, Paper]:
    at_place: dict[tuple[str, int], Paper | None] = {}
    for paper in ballots:
        place = (paper.voter, paper.seq)
        known = at_place.setdefault(place, paper)
        if known is not None and known.digest != paper.digest:
            at_place[place] = None
    last: dict[str, Paper] = {}
    for (voter, seq), valid in at_place.items():
        if valid is not None and (voter not in last or last[voter].seq < seq):
            last[voter] = valid
    return last
