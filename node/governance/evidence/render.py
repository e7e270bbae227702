"""A verifier's report as plain text for a terminal: the verdict, then every level with its own numbers.

Called by the command line.
"""

from collections.abc import Iterator

from federation.assembly.rules import preset_name, share_text
from node.governance.evidence.report import Decided, Level, Report
from node.governance.outcomes import amount, sentence

CALLS = {1: "first call", 2: "second call"}


def render(report: Report) -> str:
    """The text of a report, ending with a line feed; its first word is VALID or INVALID."""
    return "\n".join(_lines(report)) + "\n"


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
        if level.decided.needs_ratification:
            yield f"{indent}  not binding before its constituents ratify it"
        for below in level.below:
            yield from _level(below, depth=depth + 1, denominator=level.decided.denominator)
    if level.ratifies:
        yield f"{indent}  what was to be ratified:"
        yield from _level(level.ratifies, depth=depth + 1, denominator=1)


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
