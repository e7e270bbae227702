"""Leaves: the co-ops at the bottom of a tree with their own counts, each once however many paths lead to it (G6).

Gathered on the way up by assemblies whose statute asks for them; added up in the mode `members`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from federation.assembly.fields import Fields
from federation.assembly.tally import Count, Tally, read_tally, total
from identity.instants import instant_text

LEAF_KEYS: Final = ("body", "at", "outcome", "tally", "counts")
MOST_LEAVES: Final = 10_000
NEVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Leaf:
    """One co-op's count: when it was signed and the digest of its outcome, both absent where it was silent.

    A leaf that does not count (silent, or without a quorum on the way up) is in the electorate and nowhere else.
    """

    body: str
    at: datetime | None
    outcome: str | None
    tally: Tally
    counts: bool


def silent_leaf(body: str, members: int) -> Leaf:
    """A constituent that was not heard, with the members its assembly's statute says it has."""
    return Leaf(body=body, at=None, outcome=None, tally=Tally(0, 0, 0, members), counts=False)


def distinct(leaves: Iterable[Leaf]) -> tuple[Leaf, ...]:
    """One leaf for each body, by body: of several the one signed last, as with ballots, in whatever order they come."""
    last: dict[str, Leaf] = {}
    for leaf in leaves:
        known = last.get(leaf.body)
        if known is None or _rank(known) < _rank(leaf):
            last[leaf.body] = leaf
    return tuple(last[body] for body in sorted(last))


def not_counting(leaves: Iterable[Leaf]) -> Iterator[Leaf]:
    """The same leaves in the electorate only."""
    return (replace(leaf, counts=False) for leaf in leaves)


def leaf_tally(leaves: Iterable[Leaf]) -> Tally:
    """The sum over distinct leaves; what does not count adds to the electorate alone."""
    everyone = distinct(leaves)
    counted = [leaf.tally for leaf in everyone if leaf.counts]
    return Tally(
        in_favour=total(tally.in_favour for tally in counted),
        against=total(tally.against for tally in counted),
        abstain=total(tally.abstain for tally in counted),
        electorate=total(leaf.tally.electorate for leaf in everyone),
        unresolved=total(tally.unresolved for tally in counted),
    )


def leaf_document(leaf: Leaf) -> dict[str, object]:
    """The JSON form of a leaf in an outcome or a position."""
    return {
        "body": leaf.body,
        "at": instant_text(leaf.at) if leaf.at else None,
        "outcome": leaf.outcome,
        "tally": leaf.tally.to_document(),
        "counts": leaf.counts,
    }


def read_leaves(fields: Fields, name: str) -> tuple[Leaf, ...]:
    """The leaves in a list, which names every body once, in order. Refuses what a roll-up would not write."""
    leaves = tuple(_read_leaf(row) for row in fields.rows(name))
    if len(leaves) > MOST_LEAVES or leaves != distinct(leaves):
        raise fields.refuse(f"{name!r} must name at most {MOST_LEAVES} bodies, each once and in order")
    return leaves


def _read_leaf(row: Fields) -> Leaf:
    row.only(*LEAF_KEYS)
    is_silent = row.is_absent("outcome")
    leaf = Leaf(
        body=row.text("body"),
        at=None if is_silent else row.instant("at"),
        outcome=None if is_silent else row.digest("outcome"),
        tally=read_tally(row.within("tally")),
        counts=row.flag("counts"),
    )
    if is_silent and (leaf.counts or leaf.tally.cast or not row.is_absent("at")):
        raise row.refuse("a silent leaf counts nothing")
    return leaf


def _rank(leaf: Leaf) -> tuple[datetime, str, bool, tuple[Count, ...]]:
    """What decides between two leaves of one body; different leaves never rank the same."""
    return (leaf.at or NEVER, leaf.outcome or "", leaf.counts, leaf.tally.counts)
