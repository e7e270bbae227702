"""What the verifier found: the verdict, the first failed check, and every level recomputed.

Made by `verify_bundle`; read by the command line, pages and tests, as plain JSON values by programs, as text by people.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from federation.assembly.decide import NOTHING, Further, Outcome
from federation.assembly.positions import Bodies
from federation.assembly.roll_up import ReportStatus
from federation.assembly.rules import Rule, preset_name, share_text
from federation.assembly.tally import Count, Tally, count_document
from federation.assembly.weighing.leaves import Leaf
from identity.instants import instant_text
from node.governance.evidence.bundle import Anchor
from node.governance.outcomes import amount, sentence
from node.governance.plain import in_a_line
from node.governance.recounts import Recount

FIRST_CALLS: Final[Mapping[bool | None, tuple[str | None, str]]] = {
    None: (None, ""),
    True: ("recounted", "counted again from what was in by then"),
    False: ("stated", "by the body's word alone: ballots of then were changed later and are not in the evidence"),
}
"""By whether a first call was counted again: the word for programs, and for people."""


UNPROVEN: Final[Mapping[ReportStatus, str]] = {
    ReportStatus.MISSING: "missing: nobody can prove that nothing came; ask the body",
    ReportStatus.LATE: "late: when it came is the word of the body above; ask both",
}
"""What is claimed of a constituent and rests on no document, and what to do about it."""


@dataclass(frozen=True, slots=True)
class Failure:
    """The first check that failed; `line` counts from 1, None where no single line is to blame."""

    code: str
    text: str
    line: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What one body decided, recomputed; `denominator` units are shown as 1. A co-op has `ballots`, else `bodies`.

    `is_split` is true where its members were told that its position would be split as its tally is. After a second
    call `is_first_recounted` says whether the evidence holds what the first was counted from.
    """

    level: int
    outcome: Outcome
    tally: Tally
    rule: Rule
    members: Tally | None
    denominator: int = 1
    ballots: int | None = None
    bodies: Bodies | None = None
    leaves: tuple[Leaf, ...] | None = None
    further: Further = NOTHING
    call: int | None = None
    is_first_recounted: bool | None = None
    needs_ratification: bool = False
    is_split: bool = False
    recount: Recount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One body in the tree. `status`, `choice` and weights are its line in the roll-up above, None at the root.

    `decided` is None where the bundle holds no decision of this body: it was silent, or late without its evidence.
    `ratifies` is the decision that becomes binding if this one passed.
    """

    body: str
    name: str
    decided: Decided | None
    status: ReportStatus | None = None
    choice: str | None = None
    weight: Count | None = None
    counted_weight: Count | None = None
    below: tuple["Level", ...] = ()
    ratifies: "Level | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The verdict. A valid report has `levels`, the tree from the deciding body down; an invalid one its `failure`."""

    failure: Failure | None = None
    title: str | None = None
    levels: Level | None = None
    anchor: Anchor | None = None
    documents: int = 0

    @property
    def valid(self) -> bool:
        """True when every check held."""
        return self.failure is None


def report_document(report: Report) -> dict[str, Any]:
    """The whole report: verdict, first failure, anchor, and the levels, each with its recomputed numbers."""
    failure, anchor = report.failure, report.anchor
    return {
        "valid": report.valid,
        "failure": {"code": failure.code, "text": failure.text, "line": failure.line} if failure else None,
        "title": report.title,
        "anchor": anchor.to_document() if anchor else None,
        "documents": report.documents,
        "levels": _level_document(report.levels) if report.levels else None,
    }


def _level_document(level: Level) -> dict[str, Any]:
    decided = level.decided
    return {
        "body": level.body,
        "name": level.name,
        "status": level.status,
        "choice": level.choice,
        "weight": _count(level.weight),
        "counted_weight": _count(level.counted_weight),
        "outcome": decided.outcome.state if decided else None,
        "reason": decided.outcome.reason if decided else None,
        "tally": decided.tally.to_document() if decided else None,
        "ballots": decided.ballots if decided else None,
        "below": [_level_document(below) for below in level.below],
        **_ends(level),
    }


def _ends(level: Level) -> dict[str, Any]:
    """The members that only some levels have."""
    decided = level.decided
    more = {
        "call": decided.call if decided else None,
        "first_call": FIRST_CALLS[decided.is_first_recounted][0] if decided else None,
        "recount": decided.recount.to_document() if decided and decided.recount else None,
        "needs_ratification": True if decided and decided.needs_ratification else None,
        "ratifies": _level_document(level.ratifies) if level.ratifies else None,
    }
    return {name: value for name, value in more.items() if value is not None}


def _count(weight: Count | None) -> int | str | None:
    return None if weight is None else count_document(weight)


CALLS: Final = {1: "first call", 2: "second call"}


def render(report: Report) -> str:
    """The text of a report, ending with a line feed; its first word is VALID or INVALID."""
    return "\n".join(in_a_line(line) for line in _lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    if report.failure:
        where = f", line {report.failure.line}" if report.failure.line else ""
        yield "INVALID"
        yield f"  first failing check: {report.failure.code}{where}"
        yield f"  {report.failure.text}"
    if report.levels and report.anchor:
        yield "VALID"
        yield f"  motion: {report.title}"
        yield f"  decided by: {report.levels.name} ({report.anchor.did})"
        yield f"  checked with the key {report.anchor.key}"
        yield f"  {report.documents} documents, every level recomputed:"
        yield from _level(report.levels, depth=1, denominator=1)


def _level(level: Level, *, depth: int, denominator: int) -> Iterator[str]:
    indent = "  " * depth
    yield f"{indent}- {level.name}{_line(level, denominator)}"
    if level.decided:
        yield f"{indent}  {_decision(level.decided)}"
        yield f"{indent}  {_rule(level.decided)}"
        yield from _first_call(level.decided, indent)
        yield from _recount(level.decided, indent)
        if level.decided.needs_ratification:
            yield f"{indent}  not binding before its constituents ratify it"
        for below in level.below:
            yield from _level(below, depth=depth + 1, denominator=level.decided.denominator)
        yield from (f"{indent}  {UNPROVEN[status]}" for status in UNPROVEN if _is_below(level, status))
    if level.ratifies:
        yield f"{indent}  what was to be ratified:"
        yield from _level(level.ratifies, depth=depth + 1, denominator=1)


def _is_below(level: Level, status: ReportStatus) -> bool:
    return any(below.status is status for below in level.below)


def _first_call(decided: Decided, indent: str) -> Iterator[str]:
    """What is known of the call that missed its quorum before this one."""
    if decided.is_first_recounted is not None:
        yield f"{indent}  the first call missed its quorum, {FIRST_CALLS[decided.is_first_recounted][1]}"


def _recount(decided: Decided, indent: str) -> Iterator[str]:
    """Whether a second outcome may follow this one, or it takes the place of a first."""
    if decided.recount and decided.recount.until:
        yield f"{indent}  stands unless a recount took its place at {instant_text(decided.recount.until)}"
    elif decided.recount:
        yield f"{indent}  a recount with positions that came late; it takes the place of the first outcome"


def _line(level: Level, denominator: int) -> str:
    """Weight, status and choice of a constituent in the roll-up above it; nothing for the root."""
    if level.status is None or level.weight is None:
        return ""
    said = f", {level.choice}" if level.choice else ""
    return f": weight {amount(level.weight, denominator)}, {level.status}{said}"


def _decision(decided: Decided) -> str:
    words = sentence(decided.outcome, decided.tally, rule=decided.rule, denominator=decided.denominator)
    call = f" ({CALLS[decided.call]})" if decided.call else ""
    return f"level {decided.level}{call}: {words}"


def _rule(decided: Decided) -> str:
    rule = decided.rule
    written = f"{'more than' if rule.strict else 'at least'} {share_text(rule.threshold)} of {rule.of}"
    quorum = f"; quorum {rule.quorum.kind} {share_text(rule.quorum.share)}" if rule.quorum else ""
    return f"rule {preset_name(rule) or written}{quorum}; {_turnout(decided)}"


def _turnout(decided: Decided) -> str:
    if decided.bodies:
        return f"{decided.bodies.reached} of {decided.bodies.of} bodies reported"
    noun = "ballot" if decided.ballots == 1 else "ballots"
    return f"{decided.ballots} {noun}, electorate {decided.tally.electorate}"
