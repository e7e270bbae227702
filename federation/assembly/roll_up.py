"""Positions combined into one tally and outcome, with a line for every constituent whether it spoke or not (G6).

Called by an assembly's node when its proposal closes, and again by everyone who checks the decision.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from functools import reduce
from typing import Final

from federation.assembly.decide import NOTHING, Further, Outcome, Second, Vetoes, decide
from federation.assembly.lots import Lot
from federation.assembly.positions import Position, PositionChoice, Split
from federation.assembly.refusals import PositionRefusal
from federation.assembly.rules import Rule
from federation.assembly.statute import Constituent, Statute
from federation.assembly.tally import Count, Tally, total
from federation.assembly.weighing.leaves import Leaf, distinct, leaf_tally, not_counting, silent_leaf
from federation.assembly.weighing.modes import effective_rule, member_counts, weights_of


class ReportStatus(StrEnum):
    """What became of one constituent's report."""

    COUNTED = "counted"
    NO_QUORUM = "no_quorum"
    LATE = "late"
    MISSING = "missing"
    INVALID = "invalid"
    EQUIVOCATION = "equivocation"


REACHED: Final = frozenset({ReportStatus.COUNTED, ReportStatus.NO_QUORUM})
HEARD: Final = REACHED | {ReportStatus.LATE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One constituent's report as the assembly took it. `members` sums the leaves below it, None if incomplete.

    A counted report whose choice is `no_quorum` is treated as `no_quorum`. `leaves` lists the co-ops below, or the
    co-op itself; None where they were not asked for.
    """

    status: ReportStatus
    choice: PositionChoice | None = None
    tally: Tally | None = None
    members: Tally | None = None
    level: int = 1
    split: Split | None = None
    leaves: tuple[Leaf, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One constituent: its `weight` under the statute's mode, and how much of it counts for, against or abstain."""

    body: str
    name: str
    weight: Count
    status: ReportStatus
    choice: PositionChoice | None
    counted_weight: Count
    split: Split | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RollUp:
    """The assembly's decision. `reached` of `bodies` reported in time; `members` is the direct count, if complete.

    `rule` is `asked` as the statute applies it; `further` is what else the outcome rests on; `leaves` are the co-ops
    below, where the statute asks for them.
    """

    tally: Tally
    lines: tuple[Line, ...]
    reached: int
    bodies: int
    outcome: Outcome
    members: Tally | None
    level: int
    asked: Rule
    rule: Rule
    further: Further = field(default=NOTHING)
    leaves: tuple[Leaf, ...] | None = None


MISSING: Final = Report(status=ReportStatus.MISSING)
NOBODY: Final[tuple[Count, Count, Count]] = (0, 0, 0)
Parts = tuple[Count, Count, Count]
"""Weight for, against and abstaining."""


def report_of(position: Position, *, is_late: bool = False) -> Report:
    """The report that a checked position makes, in time or late."""
    status = ReportStatus.LATE if is_late else ReportStatus.COUNTED
    report = Report(
        status=status,
        choice=position.choice,
        tally=position.tally,
        members=position.members,
        level=position.level,
        split=position.split,
        leaves=_leaves_of(position),
    )
    return _normal(report)


def roll_up(
    statute: Statute,
    rule: Rule,
    reports: Mapping[str, Report],
    *,
    vetoed_by: Collection[str] = (),
    lot: Lot | None = None,
) -> RollUp:
    """The decision of the assembly under `rule`, from one report per constituent DID; absent means missing.

    An abstaining body is in the quorum and not decisive; a late, missing, invalid or equivocating one is only in the
    electorate; one without quorum counts as reached and nowhere else. `vetoed_by` are constituents whose veto came in
    time and was checked. Raises PositionRefusal for a report or veto by a body that is not on the roster, and for a
    report that lacks what the mode counts. Linear in the constituents, or n log n where weights are capped.
    """
    _refuse_strangers(statute, {*reports, *vetoed_by})
    heard = [_normal(reports.get(each.body, MISSING)) for each in statute.constituents]
    leaves = _all_leaves(statute, heard) if statute.terms.needs_leaves else None
    weights = weights_of(statute)
    parts = [_parts(statute.mode, weight, report) for weight, report in zip(weights, heard, strict=True)]
    lines = tuple(map(_line, statute.constituents, weights, heard))
    applied = effective_rule(statute, rule)
    tally = leaf_tally(leaves) if statute.mode == "members" and leaves is not None else _tally(weights, parts)
    reached, members = sum(line.status in REACHED for line in lines), _members(heard, leaves)
    further = Further(second=_second(statute, heard), vetoes=_vetoes(statute, vetoed_by), members=members, lot=lot)
    return RollUp(
        tally=tally,
        lines=lines,
        reached=reached,
        bodies=len(lines),
        outcome=decide(applied, tally, reached=reached, bodies=len(lines), further=further),
        members=members,
        level=1 + max((report.level for report in heard if report.status in REACHED), default=1),
        asked=rule,
        rule=applied,
        further=further,
        leaves=leaves,
    )


def _leaves_of(position: Position) -> tuple[Leaf, ...] | None:
    """A co-op is its own leaf; an assembly brings those below it."""
    if position.bodies is not None or position.members is None:
        return position.leaves
    at, outcome = position.signed_at, position.basis_outcome.digest
    return (Leaf(body=position.body, at=at, outcome=outcome, tally=position.members, counts=True),)


def _refuse_strangers(statute: Statute, heard: set[str]) -> None:
    strangers = heard - {each.body for each in statute.constituents}
    if strangers:
        raise PositionRefusal("position-not-a-constituent", min(strangers))


def _normal(report: Report) -> Report:
    if report.status is ReportStatus.COUNTED and report.choice is PositionChoice.NO_QUORUM:
        return replace(report, status=ReportStatus.NO_QUORUM)
    return report


def _line(constituent: Constituent, weight: Count, report: Report) -> Line:
    return Line(
        body=constituent.body,
        name=constituent.name,
        weight=weight,
        status=report.status,
        choice=report.choice if report.status in HEARD else None,
        counted_weight=weight if report.status is ReportStatus.COUNTED else 0,
        split=report.split if report.status in HEARD else None,
    )


def _parts(mode: str, weight: Count, report: Report) -> Parts:
    """How one constituent's weight counts: all of it for one choice, unless the mode or the body itself parts it."""
    if report.status is not ReportStatus.COUNTED:
        return NOBODY
    if report.split is not None:
        return _split_parts(weight, report.split)
    if mode == "proportional":
        return _proportional_parts(weight, report)
    return BLOCS[report.choice](weight) if report.choice else NOBODY


BLOCS: Final[Mapping[PositionChoice, Callable[[Count], Parts]]] = {
    PositionChoice.FOR: lambda weight: (weight, 0, 0),
    PositionChoice.AGAINST: lambda weight: (0, weight, 0),
    PositionChoice.ABSTAIN: lambda weight: (0, 0, weight),
}


def _split_parts(weight: Count, split: Split) -> Parts:
    if split.in_favour + split.against + split.abstain > weight:
        raise PositionRefusal("position-split", f"more than the {weight} units there are")
    return (split.in_favour, split.against, weight - split.in_favour - split.against)


def _proportional_parts(weight: Count, report: Report) -> Parts:
    """Exactly W·F/D and W·A/D of the body's own tally; without anybody for or against all of it abstains."""
    if report.tally is None:
        raise PositionRefusal("position-invalid", "this mode parts weights by a tally, and there is none")
    decisive = report.tally.decisive
    if decisive == 0:
        return (0, 0, weight)
    in_favour = weight * Fraction(report.tally.in_favour) / decisive
    return (in_favour, weight - in_favour, 0)


def _tally(weights: Sequence[Count], parts: Sequence[Parts]) -> Tally:
    in_favour, against, abstain = (total(part[place] for part in parts) for place in range(3))
    return Tally(in_favour=in_favour, against=against, abstain=abstain, electorate=total(weights))


def _second(statute: Statute, heard: Sequence[Report]) -> Second | None:
    """Members represented, by the choice of their body; a blocking minority of all bodies is ignored (G6)."""
    double = statute.terms.double
    if double is None:
        return None
    sizes = member_counts(statute)
    tally = _tally(sizes, [_parts(statute.mode, size, report) for size, report in zip(sizes, heard, strict=True)])
    is_heeded = double.blocking is not None and double.blocking < len(sizes)
    return Second(tally=tally, share=double.share, blocking=double.blocking if is_heeded else None)


def _vetoes(statute: Statute, by: Collection[str]) -> Vetoes | None:
    right = statute.terms.veto
    return Vetoes(by=tuple(sorted(by)), override=right.override) if right and by else None


def _all_leaves(statute: Statute, heard: Sequence[Report]) -> tuple[Leaf, ...]:
    """Every co-op below, once; those of a body without quorum, and whoever was not heard, in the electorate only."""
    found: list[Leaf] = []
    for constituent, report in zip(statute.constituents, heard, strict=True):
        if report.status not in REACHED:
            found.append(silent_leaf(constituent.body, constituent.members or 0))
        elif report.leaves is None:
            raise PositionRefusal("position-leaves", constituent.body)
        elif report.status is ReportStatus.NO_QUORUM:
            found.extend(not_counting(report.leaves))
        else:
            found.extend(report.leaves)
    return distinct(found)


def _members(reports: Sequence[Report], leaves: Sequence[Leaf] | None) -> Tally | None:
    """The members' own counts added up, or None unless every constituent reported them in time.

    Where every leaf is known, one that two paths lead to is added once.
    """
    tallies = [report.members for report in reports if report.status in REACHED]
    complete = [tally for tally in tallies if tally is not None]
    if not reports or len(complete) < len(reports):
        return None
    return reduce(Tally.plus, complete if leaves is None else [leaf.tally for leaf in leaves])
