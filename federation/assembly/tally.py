"""Counts of one decision in units of weight: for, against, abstain, and who could have taken part.

Made by counting ballots or rolling up positions; read by `decide` and written into outcomes and positions.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeAlias

from federation.assembly.fields import LARGEST, Fields, fields_of
from federation.assembly.refusals import TallyError

__all__ = ["Count", "Tally", "TallyError", "count_document", "read_count", "read_tally", "total"]

Count: TypeAlias = int | Fraction
"""Whole units, or an exact share of one where a cap or a proportional split makes it so. Never a float."""

KEYS = ("for", "against", "abstain", "electorate", "unresolved")
SHARE: Final = re.compile(
    r"([1-9]\d{0,2000})/([1-9]\d{0,2000})|0x([1-9a-f][0-9a-f]{0,99999})/0x([1-9a-f][0-9a-f]{0,99999})", re.ASCII
)
"""Beyond a hundred thousand digits, lowest terms would take seconds to check, and soon hours."""
DECIMAL_BITS: Final = 6_000
"""Longer numbers are written in hexadecimal, which every reader converts in linear time."""


@dataclass(frozen=True, slots=True)
class Tally:
    """F, A, B and E of rule G1, exact; `unresolved` weight was delegated into nothing and is in E only.

    Raises TallyError if a count is negative or cast plus unresolved exceeds the electorate.
    """

    in_favour: Count
    against: Count
    abstain: Count
    electorate: Count
    unresolved: Count = 0

    def __post_init__(self) -> None:
        if min(self.counts) < 0:
            raise TallyError("tally-malformed", "a count is negative")
        if self.cast + self.unresolved > self.electorate:
            raise TallyError("tally-malformed", "more was cast than the electorate holds")

    @property
    def counts(self) -> tuple[Count, Count, Count, Count, Count]:
        """All five, in the order in which they are written."""
        return (self.in_favour, self.against, self.abstain, self.electorate, self.unresolved)

    @property
    def decisive(self) -> Count:
        """D = F + A (G1)."""
        return self.in_favour + self.against

    @property
    def cast(self) -> Count:
        """C = F + A + B (G1)."""
        return self.decisive + self.abstain

    def plus(self, other: "Tally") -> "Tally":
        """Both tallies added member by member, for electorates that share nobody."""
        return Tally(*(one + two for one, two in zip(self.counts, other.counts, strict=True)))

    def to_document(self) -> dict[str, int | str]:
        """The JSON form {"for", "against", "abstain", "electorate", "unresolved"}."""
        return dict(zip(KEYS, map(count_document, self.counts), strict=True))

    @classmethod
    def from_document(cls, document: object) -> "Tally":
        """The tally written in `document`; raises TallyError for anything but exactly the five counts."""
        fields = fields_of(document, _refuse, "tally")
        return read_tally(fields)


def read_tally(fields: Fields) -> Tally:
    """The tally in the members given, read with their own refusal for shape and TallyError for arithmetic."""
    fields.only(*KEYS)
    return Tally(*(read_count(fields, key) for key in KEYS))


def count_document(count: Count) -> int | str:
    """A count in JSON: a number when whole and kept by every reader, otherwise the text `numerator/denominator`."""
    numerator, denominator = count.numerator, count.denominator
    if denominator == 1 and numerator <= LARGEST:
        return numerator
    if max(numerator, denominator).bit_length() <= DECIMAL_BITS:
        return f"{numerator}/{denominator}"
    return f"{numerator:#x}/{denominator:#x}"


def read_count(fields: Fields, name: str) -> Count:
    """A count as `count_document` writes it, and in no other spelling."""
    if not isinstance(fields.members.get(name), str):
        return fields.integer(name)
    text = fields.text(name)
    found = SHARE.fullmatch(text)
    if not found:
        raise fields.refuse(f"{name!r} must be a whole number or a fraction")
    parts, base = (found.group(1, 2), 10) if found[1] else (found.group(3, 4), 16)
    count = Fraction(*(int(part, base) for part in parts))
    if count_document(count) != text:
        raise fields.refuse(f"{name!r} must be written in lowest terms")
    return count


def total(counts: Iterable[Count]) -> Count:
    """The exact sum. Counts of one denominator are added first, so that ten thousand fractions stay quick."""
    by_denominator: dict[int, int] = {}
    for count in counts:
        by_denominator[count.denominator] = by_denominator.get(count.denominator, 0) + count.numerator
    whole = by_denominator.pop(1, 0)
    shares = [Fraction(numerator, denominator) for denominator, numerator in sorted(by_denominator.items())]
    return whole + _tree_sum(shares) if shares else whole


def _tree_sum(shares: list[Fraction]) -> Count:
    while len(shares) > 1:
        shares = [sum(shares[at : at + 2], Fraction()) for at in range(0, len(shares), 2)]
    return shares[0].numerator if shares[0].denominator == 1 else shares[0]


def _refuse(detail: str) -> TallyError:
    return TallyError("tally-malformed", detail)
