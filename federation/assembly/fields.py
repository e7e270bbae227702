"""Strict reading of JSON members: the wanted shape comes back, or the caller's own refusal is raised.

Used by every `read_…` function of the assembly and governance rooms, so that a malformed document from a
peer always ends in a refusal with a code and never in a KeyError.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from federation.assembly.references import Reference
from identity.instants import read_instant

SHARE = re.compile(r"(\d{1,40})/(\d{1,40})", re.ASCII)
DIGEST = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
LARGEST = 2**53 - 1
"""Largest integer every JSON reader keeps exactly (RFC 8785 §3.2.2.3, RFC 7493 §2.2)."""
LONGEST_SECONDS = 366 * 86_400
"""The longest span that a rule or a statute may name."""

Refuse = Callable[[str], Exception]


@dataclass(frozen=True, slots=True)
class Fields:
    """The members of one JSON object, read by name; `refuse` makes the exception from a short detail."""

    members: Mapping[str, object]
    refuse: Refuse

    def only(self, *names: str) -> None:
        """Refuse members beyond `names`: a rule we do not understand must not be ignored."""
        unknown = self.members.keys() - set(names)
        if unknown:
            raise self.refuse(f"unknown member {min(map(str, unknown))!r}")

    def is_absent(self, name: str) -> bool:
        """True when the member is missing or null."""
        return self.members.get(name) is None

    def text(self, name: str) -> str:
        """A string of at least one character."""
        value = self.members.get(name)
        if not isinstance(value, str) or not value:
            raise self.refuse(f"{name!r} must be text")
        return value

    def one_of(self, name: str, allowed: Collection[str]) -> str:
        """A string out of `allowed`."""
        value = self.text(name)
        if value not in allowed:
            raise self.refuse(f"{name!r} must be one of {', '.join(allowed)}")
        return value

    def integer(self, name: str, *, least: int = 0, most: int = LARGEST) -> int:
        """An integer within [least, most]; true and false are not integers."""
        value = self.members.get(name)
        if type(value) is not int or not least <= value <= most:
            raise self.refuse(f"{name!r} must be a whole number from {least} to {most}")
        return value

    def seconds(self, name: str) -> float:
        """A duration in seconds, zero or more; whole unless a fraction was written."""
        value = self.members.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LONGEST_SECONDS:
            raise self.refuse(f"{name!r} must be a duration in seconds, of a year at most")
        return value

    def flag(self, name: str) -> bool:
        """True or false, nothing else."""
        value = self.members.get(name)
        if not isinstance(value, bool):
            raise self.refuse(f"{name!r} must be true or false")
        return value

    def instant(self, name: str) -> datetime:
        """An aware UTC moment."""
        try:
            return read_instant(self.text(name))
        except ValueError as error:
            raise self.refuse(f"{name!r}: {error}") from error

    def digest(self, name: str) -> str:
        """A digest `sha256:<64 hex>`."""
        value = self.text(name)
        if not DIGEST.fullmatch(value):
            raise self.refuse(f"{name!r} must be a sha256 digest")
        return value

    def within(self, name: str) -> "Fields":
        """The members of a nested object."""
        return fields_of(self.members.get(name), self.refuse, name)

    def rows(self, name: str) -> tuple["Fields", ...]:
        """The objects of an array, in order."""
        value = self.members.get(name)
        if not isinstance(value, list):
            raise self.refuse(f"{name!r} must be a list")
        return tuple(fields_of(row, self.refuse, name) for row in value)

    def reference(self, name: str) -> Reference:
        """A reference {"id", "digest"}."""
        inner = self.within(name)
        inner.only("id", "digest")
        return Reference(id=inner.text("id"), digest=inner.digest("digest"))


def fields_of(value: object, refuse: Refuse, name: str = "document") -> Fields:
    """The members of `value` if it is a JSON object; otherwise `refuse` is raised."""
    if not isinstance(value, Mapping):
        raise refuse(f"{name!r} must be an object")
    return Fields(members=value, refuse=refuse)


def read_share(fields: Fields, name: str) -> Fraction:
    """A fraction of zero or more, written like 2/3; a zero below the line is refused."""
    found = SHARE.fullmatch(fields.text(name))
    if not found or int(found[2]) == 0:
        raise fields.refuse(f"{name!r} must be a fraction like 2/3")
    return Fraction(int(found[1]), int(found[2]))


def share_text(share: Fraction) -> str:
    """A fraction as `numerator/denominator`, always with both parts."""
    return f"{share.numerator}/{share.denominator}"


def governance_of(document: object, kind: str, refuse: Refuse) -> tuple[Fields, Fields]:
    """The members of a governance document and of its `governance` part, which must be of `kind`."""
    outer = fields_of(document, refuse)
    inner = outer.within("governance")
    inner.one_of("kind", (kind,))
    return outer, inner
