"""The bar of a tally: its coloured parts with their counts and places along the line.

Called by the proposal and federation views; the same numbers stand beside it as a table.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from federation.assembly.tally import total
from node.web.views.wording.numbers import NOTHING, decimal_text, share_text, weight_text

if TYPE_CHECKING:
    from federation.assembly.tally import Count, Tally
    from node.web.views.wording.words import Words

DECISIVE = frozenset({"for", "against"})
LABELS = {"for": "For", "against": "Against", "abstain": "Abstain", "silent": "Not cast"}


@dataclass(frozen=True, slots=True)
class BarPart:
    """One stretch of a bar. `key` names its colour and pattern; `start` and `width` are percentages of the line."""

    key: str
    label: str
    count: str
    share_of_decisive: str
    share_of_all: str
    start: str
    width: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A tally drawn along one line; `sentence` says the same for whoever cannot see it."""

    parts: tuple[BarPart, ...]
    cast: str
    electorate: str
    sentence: str
    is_empty: bool


def _place(amount: Count, whole: Count) -> str:
    return f"{decimal_text(Fraction(amount * 100, whole), places=2)}%" if whole else "0%"


def tally_bar(tally: Tally, *, say: Words, denominator: int = 1) -> Bar:
    """The bar of a tally over its whole electorate; silence is drawn as an empty stretch (G1)."""
    amounts = {
        "for": tally.in_favour,
        "against": tally.against,
        "abstain": tally.abstain,
        "silent": max(0, tally.electorate - tally.cast),
    }
    whole, before, parts = total(amounts.values()), total(()), list[BarPart]()
    for key, amount in amounts.items():
        parts.append(
            BarPart(
                key=key,
                label=say(LABELS[key]),
                count=weight_text(amount, denominator),
                share_of_decisive=share_text(amount, tally.decisive) if key in DECISIVE else NOTHING,
                share_of_all=share_text(amount, whole),
                start=_place(before, whole),
                width=_place(amount, whole),
            )
        )
        before += amount
    return Bar(
        parts=tuple(parts),
        cast=weight_text(tally.cast, denominator),
        electorate=weight_text(whole, denominator),
        sentence=", ".join(f"{part.label}: {part.count}" for part in parts),
        is_empty=not tally.cast,
    )
