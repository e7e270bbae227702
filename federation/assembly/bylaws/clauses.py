"""The terms of a statute that have parts of their own, each with its reader and writer (G6).

Called by `terms` alone. A reader refuses shapes; whether a term fits the rest of the statute is for `checks`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from federation.assembly.fields import LONGEST_SECONDS, Fields, read_share, share_text
from federation.assembly.weighing.seats import METHODS

MOST_SEATS: Final = 100_000
PROPOSAL_TYPE: Final = re.compile(r"[a-z][a-z-]{0,39}", re.ASCII)
"""What the type of a proposal looks like, and so what a statute may name."""
LONGEST_LIST: Final = 20
SIZE: Final = re.compile(r"[1-9]\d{0,5}", re.ASCII)
UNANIMITY: Final = "unanimity"
RATIFICATIONS: Final = (UNANIMITY, "threshold")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seats:
    """From `least` to `most` each (degressive), or `total` of them by `method` (delegates); 0 and '' where absent."""

    least: int = 0
    most: int = 0
    total: int = 0
    method: str = ""


@dataclass(frozen=True, slots=True)
class Cap:
    """The largest share of one constituent. By the number of constituents another one, or None: unanimity instead."""

    share: Fraction
    by_size: Mapping[int, Fraction | None] = field(default_factory=dict, hash=False)

    def share_among(self, constituents: int) -> Fraction | None:
        """The share among so many, None where unanimity stands in for it."""
        return self.by_size.get(constituents, self.share)

    def is_unanimity(self, constituents: int) -> bool:
        """Whether so few constituents decide together or not at all."""
        return self.share_among(constituents) is None


@dataclass(frozen=True, slots=True)
class Doubled:
    """Mode `double`: the share of members beside that of heads, who abstains, and how few bodies block nothing."""

    share: Fraction
    blocking: int | None = None
    abstain_as_against: bool = False


@dataclass(frozen=True, slots=True)
class VetoRight:
    """On which types of proposals a constituent may veto, and the share of all weight that goes past it, if any."""

    types: tuple[str, ...]
    override: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Ratification:
    """Within so many seconds all constituents (share None) or a share of all weight must ratify."""

    share: Fraction | None
    within_seconds: int


@dataclass(frozen=True, slots=True)
class Recounting:
    """For so many seconds after the close a late position still leads to a recount when they are over."""

    within_seconds: int


def read_seats(fields: Fields) -> Seats:
    """`{"least", "most"}` or `{"total", "method"}`."""
    if fields.is_absent("total"):
        fields.only("least", "most")
        least = fields.integer("least", least=1, most=MOST_SEATS)
        return Seats(least=least, most=fields.integer("most", least=least, most=MOST_SEATS))
    fields.only("total", "method")
    total = fields.integer("total", least=1, most=MOST_SEATS)
    return Seats(total=total, method=fields.one_of("method", tuple(METHODS)))


def seats_document(seats: Seats | None) -> dict[str, object] | None:
    """The JSON form."""
    if seats is None:
        return None
    if seats.total:
        return {"total": seats.total, "method": seats.method}
    return {"least": seats.least, "most": seats.most}


def read_cap(fields: Fields) -> Cap:
    """`{"share", "by_size": {"3": "2/5", "2": "unanimity"}}`; `by_size` may be left out."""
    fields.only("share", "by_size")
    share = _proper(fields, "share")
    if fields.is_absent("by_size"):
        return Cap(share)
    sizes = fields.within("by_size")
    names = [str(name) for name in sizes.members]
    if len(names) > LONGEST_LIST or not all(SIZE.fullmatch(name) for name in names):
        raise fields.refuse("'by_size' must name numbers of constituents")
    return Cap(share, {int(name): _share_or_unanimity(sizes, name) for name in names})


def cap_document(cap: Cap | None) -> dict[str, object] | None:
    """The JSON form."""
    if cap is None:
        return None
    by_size = {str(size): share_text(share) if share else UNANIMITY for size, share in cap.by_size.items()}
    return {"share": share_text(cap.share), "by_size": by_size}


def read_doubled(fields: Fields) -> Doubled:
    """`{"members", "blocking", "abstain_as_against"}`; only the first is needed."""
    fields.only("members", "blocking", "abstain_as_against")
    return Doubled(
        share=_proper(fields, "members"),
        blocking=None if fields.is_absent("blocking") else fields.integer("blocking", least=1),
        abstain_as_against=not fields.is_absent("abstain_as_against") and fields.flag("abstain_as_against"),
    )


def doubled_document(doubled: Doubled | None) -> dict[str, object] | None:
    """The JSON form."""
    if doubled is None:
        return None
    return {
        "members": share_text(doubled.share),
        "blocking": doubled.blocking,
        "abstain_as_against": doubled.abstain_as_against,
    }


def read_veto(fields: Fields) -> VetoRight:
    """`{"types": ["emergency"], "override": "3/4"}`; `override` may be left out."""
    fields.only("types", "override")
    types = fields.members.get("types")
    if not isinstance(types, list) or not 0 < len(types) <= LONGEST_LIST:
        raise fields.refuse("'types' must list types of proposals")
    if not all(isinstance(one, str) and PROPOSAL_TYPE.fullmatch(one) for one in types) or len(set(types)) < len(types):
        raise fields.refuse("'types' must be words of small letters and hyphens, each once")
    return VetoRight(tuple(types), None if fields.is_absent("override") else _proper(fields, "override"))


def veto_document(veto: VetoRight | None) -> dict[str, object] | None:
    """The JSON form."""
    if veto is None:
        return None
    return {"types": list(veto.types), "override": share_text(veto.override) if veto.override else None}


def read_ratification(fields: Fields) -> Ratification:
    """`{"kind": "unanimity", "within_seconds"}`, or `{"kind": "threshold", "share", "within_seconds"}`."""
    fields.only("kind", "share", "within_seconds")
    is_threshold = fields.one_of("kind", RATIFICATIONS) == "threshold"
    if not is_threshold and not fields.is_absent("share"):
        raise fields.refuse("'share' belongs to a ratification by threshold")
    within = fields.integer("within_seconds", least=1, most=LONGEST_SECONDS)
    return Ratification(_proper(fields, "share") if is_threshold else None, within)


def ratification_document(ratification: Ratification | None) -> dict[str, object] | None:
    """The JSON form."""
    if ratification is None:
        return None
    kind = "threshold" if ratification.share else UNANIMITY
    share = {"share": share_text(ratification.share)} if ratification.share else {}
    return {"kind": kind, **share, "within_seconds": ratification.within_seconds}


def read_recounting(fields: Fields) -> Recounting:
    """`{"within_seconds"}`."""
    fields.only("within_seconds")
    return Recounting(fields.integer("within_seconds", least=1, most=LONGEST_SECONDS))


def recounting_document(recounting: Recounting | None) -> dict[str, object] | None:
    """The JSON form."""
    return {"within_seconds": recounting.within_seconds} if recounting else None


def _share_or_unanimity(fields: Fields, name: str) -> Fraction | None:
    return None if fields.text(name) == UNANIMITY else _proper(fields, name)


def _proper(fields: Fields, name: str) -> Fraction:
    """A share above 0 and at most 1."""
    share = read_share(fields, name)
    if not 0 < share <= 1:
        raise fields.refuse(f"{name!r} must lie above 0 and be at most 1")
    return share
