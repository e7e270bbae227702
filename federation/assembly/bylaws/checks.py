"""Combinations of terms that cannot be applied, in one table: each is refused when a statute is read, with its reason.

Called by the reader of statutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from federation.assembly.bylaws.jurisdictions import JURISDICTIONS, differs_from
from federation.assembly.refusals import StatuteError
from federation.assembly.rules import QuorumKind
from federation.assembly.weighing.modes import MODES, cap_share

if TYPE_CHECKING:
    from collections.abc import Callable

    from federation.assembly.statute import Statute


@dataclass(frozen=True, slots=True)
class Check:
    """One combination: the refusal's code, whether a statute has it, and why that cannot be."""

    code: str
    has_it: Callable[[Statute], bool]
    reason: str


def check_terms(statute: Statute) -> None:
    """Nothing, or StatuteError for the first combination of the table that this statute has."""
    for check in CHECKS:
        if check.has_it(statute):
            raise StatuteError(check.code, check.reason)


def _lacks_members(statute: Statute) -> bool:
    needed = MODES[statute.mode].needs_members or statute.terms.needs_leaves
    return needed and not all(each.members for each in statute.constituents)


def _lacks_range(statute: Statute) -> bool:
    return statute.mode == "degressive" and not (statute.terms.seats and statute.terms.seats.most)


def _lacks_total(statute: Statute) -> bool:
    return statute.mode == "delegates" and not (statute.terms.seats and statute.terms.seats.total)


def _idle_seats(statute: Statute) -> bool:
    return statute.terms.seats is not None and statute.mode not in {"degressive", "delegates"}


def _idle_double(statute: Statute) -> bool:
    return (statute.terms.double is not None) != (statute.mode == "double")


def _unreachable_double(statute: Statute) -> bool:
    double = statute.terms.double
    return double is not None and statute.rule.strict and double.share == 1


def _unasked_count(statute: Statute) -> bool:
    is_rejection = statute.rule.quorum is not None and statute.rule.quorum.kind is QuorumKind.REJECTION
    return is_rejection and (statute.mode == "double" or statute.terms.quota == "optimal")


def _idle_quota(statute: Statute) -> bool:
    return statute.terms.quota == "optimal" and statute.mode != "sqrt"


def _capped_quota(statute: Statute) -> bool:
    return statute.terms.quota == "optimal" and statute.terms.cap is not None


def _idle_cap(statute: Statute) -> bool:
    return statute.terms.cap is not None and not MODES[statute.mode].may_cap


def _unreachable_cap(statute: Statute) -> bool:
    share = cap_share(statute)
    weighty = sum(1 for weight in MODES[statute.mode].weigh(statute) if weight)
    return share is not None and share * weighty < 1


def _split_root(statute: Statute) -> bool:
    return statute.terms.may_split and statute.mode == "sqrt"


def _idle_split(statute: Statute) -> bool:
    return statute.terms.may_split and not MODES[statute.mode].may_split


def _blind_members(statute: Statute) -> bool:
    return statute.mode == "members" and not statute.terms.needs_leaves


def _repeated_stage(statute: Statute) -> bool:
    return statute.mode == "members" and "previous_stage" in statute.rule.tie


def _advised_veto(statute: Statute) -> bool:
    return not statute.terms.is_binding and statute.terms.veto is not None


def _advised_ratification(statute: Statute) -> bool:
    return not statute.terms.is_binding and statute.terms.ratification is not None


def _hasty_ratification(statute: Statute) -> bool:
    ratification = statute.terms.ratification
    return ratification is not None and ratification.within_seconds <= statute.margin_seconds


def _advised_recount(statute: Statute) -> bool:
    return not statute.terms.is_binding and statute.terms.recount is not None


def _drawn_recount(statute: Statute) -> bool:
    return statute.terms.recount is not None and "lot" in statute.rule.tie


def _weak_override(statute: Statute) -> bool:
    veto = statute.terms.veto
    return veto is not None and veto.override is not None and veto.override <= Fraction(1, 2)


def _unknown_jurisdiction(statute: Statute) -> bool:
    return statute.terms.jurisdiction is not None and statute.terms.jurisdiction not in JURISDICTIONS


def _other_jurisdiction(statute: Statute) -> bool:
    name = statute.terms.jurisdiction
    return name is not None and name in JURISDICTIONS and differs_from(name, statute.terms)


CHECKS: Final = (
    Check(
        "statute-members",
        _lacks_members,
        "this mode, or the counts of co-ops below, need the number of members of every constituent",
    ),
    Check("statute-seats", _lacks_range, "degressive seats need a least and a most"),
    Check("statute-seats", _lacks_total, "delegates need a total of seats and a method"),
    Check("statute-seats", _idle_seats, "this mode gives out no seats"),
    Check("statute-double", _idle_double, "a second share for members belongs to the mode double, which needs it"),
    Check("statute-double", _unreachable_double, "more than all members can never be reached"),
    Check("statute-double", _unasked_count, "a rejection quorum decides alone: the second share is never asked"),
    Check("statute-quota", _idle_quota, "the optimal quota is that of square roots"),
    Check("statute-quota", _capped_quota, "the optimal quota holds for square roots without a cap"),
    Check("statute-cap", _idle_cap, "this mode has no weights that could be capped"),
    Check("statute-cap", _unreachable_cap, "so few constituents cannot all stay below this share"),
    Check("statute-split", _split_root, "square roots presume that each body votes as one"),
    Check("statute-split", _idle_split, "this mode has no weight that a body could split"),
    Check("statute-leaves", _blind_members, "counting members needs the count of every co-op below"),
    Check("statute-rule", _repeated_stage, "the members' count is this stage itself, so it cannot break its own tie"),
    Check("statute-veto", _advised_veto, "nobody is bound by advice, so there is nothing to veto"),
    Check("statute-veto", _weak_override, "an override takes more than half of all weight"),
    Check("statute-ratification", _advised_ratification, "nobody is bound by advice, so there is nothing to ratify"),
    Check(
        "statute-ratification",
        _hasty_ratification,
        "a ratification that is open no longer than the margin leaves the constituents no time to answer",
    ),
    Check("statute-recount", _advised_recount, "nobody is bound by advice, so there is nothing to turn"),
    Check(
        "statute-recount",
        _drawn_recount,
        "the close reveals what a lot is drawn with, so whoever comes late could choose who wins it",
    ),
    Check("statute-jurisdiction", _unknown_jurisdiction, "we know no preset of this name"),
    Check("statute-jurisdiction", _other_jurisdiction, "its terms are not those of the preset it names"),
)
