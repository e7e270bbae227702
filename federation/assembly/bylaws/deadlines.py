"""Deadlines down the tree: each level closes a margin before the one above, and members still get their time (G6).

Called when an assembly opens a proposal. Margins are those of the statutes we know; levels we know nothing of add none.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from federation.assembly.refusals import StatuteError
from federation.assembly.statute import Statute


def way_down(assembly: str, statutes: Mapping[str, Statute]) -> timedelta:
    """The sum of the margins on the longest way from an assembly to its members; a ring is followed once."""
    return timedelta(seconds=_longest(assembly, statutes, frozenset()))


def check_deadlines(assembly: str, statutes: Mapping[str, Statute], *, opens_at: datetime, closes_at: datetime) -> None:
    """Nothing, if members at the bottom get the shortest window of the assembly's statute; otherwise StatuteError."""
    shortest = timedelta(seconds=statutes[assembly].terms.shortest_window_seconds)
    if closes_at - way_down(assembly, statutes) - opens_at < max(shortest, timedelta.resolution):
        raise StatuteError("statute-window", f"{way_down(assembly, statutes)} of margins on the way down")


def _longest(assembly: str, statutes: Mapping[str, Statute], above: frozenset[str]) -> float:
    statute = statutes.get(assembly)
    if statute is None or assembly in above:
        return 0
    below = (_longest(each.body, statutes, above | {assembly}) for each in statute.constituents)
    return statute.margin_seconds + max(below, default=0)
