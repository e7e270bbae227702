"""What the demo shows in a terminal: progress, the tree of positions, the outcome as tables; called by run.

Everything shown is taken from the verifier's report, so what is on screen is what anybody can recompute.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from federation.assembly.divergence import divergence
from federation.assembly.rules import Base
from node.governance.outcomes import amount, percent, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from federation.assembly.tally import Tally
    from node.governance.evidence import Decided, Level, Report

COLOURS = {"for": "green", "against": "red", "passed": "green", "rejected": "red"}


class Acts:
    """One bar for each act of the story; without a terminal one line when an act is through."""

    def __init__(self, console: Console) -> None:
        """Nothing is drawn before the first act."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self.bars = Progress(*columns, console=console, disable=not console.is_terminal)
        self._console = console
        self._tasks: dict[str, TaskID] = {}

    def tell(self, what: str, done: int, total: int) -> None:
        """The progress the story reports."""
        task = self._tasks.get(what)
        if task is None:
            task = self._tasks[what] = self.bars.add_task(what, total=total)
        self.bars.update(task, completed=done)
        if done == total and not self._console.is_terminal:
            self._console.print(f"{what}: {done} of {total}", highlight=False)


def positions_tree(report: Report, order: Sequence[str]) -> Tree:
    """The bodies from the top, each with its weight, its choice and its own count; siblings in the given order."""
    assert report.levels is not None
    tree = Tree(_branch(report.levels, 1))
    _grow(tree, report.levels, order)
    return tree


def outcome_table(report: Report, order: Sequence[str]) -> Table:
    """The roll-up at the top: each constituent's position, weight and the sum on either side."""
    top = report.levels
    assert top is not None
    assert top.decided is not None
    unit, tally = top.decided.denominator, top.decided.tally
    table = Table(title=f"{top.name}: {report.title}", show_footer=True, title_justify="left")
    footers = (
        ("Constituent", ""),
        ("Position", ""),
        ("For", amount(tally.in_favour, unit)),
        ("Against", amount(tally.against, unit)),
        ("Members' own ballots", _members(top.decided)),
    )
    for number, (title, footer) in enumerate(footers):
        table.add_column(title, footer, justify="right" if number in {2, 3} else "left")
    for level in _sorted(top.below, order):
        weight = amount(level.weight or 0, unit)
        sides = [weight if level.choice == side else "" for side in ("for", "against")]
        table.add_row(level.name, _choice(level.choice), *sides, _members(level.decided) if level.decided else "")
    return table


def outcome_line(report: Report) -> Text:
    """The sum in one line: `1.9 of 2.6 = 73.08 %`, and what the rule asks."""
    assert report.levels is not None
    decided = report.levels.decided
    assert decided is not None
    tally, unit = decided.tally, decided.denominator
    base = {Base.DECISIVE: tally.decisive, Base.CAST: tally.cast, Base.ELECTORATE: tally.electorate}[decided.rule.of]
    share = percent(Fraction(tally.in_favour, base)) if base else "0 %"
    needed = f"{'more than' if decided.rule.strict else 'at least'} {percent(decided.rule.threshold)} needed"
    text = Text(f"{amount(tally.in_favour, unit)} of {amount(base, unit)} = {share}, {needed}: ")
    return text.append(str(decided.outcome.state).upper(), style=f"bold {COLOURS.get(decided.outcome.state, 'yellow')}")


def members_line(report: Report) -> Text:
    """What the members' own ballots add up to, with a warning where they would have decided otherwise (G6)."""
    assert report.levels is not None
    decided = report.levels.decided
    assert decided is not None
    beside = divergence(decided.rule, decided.outcome, decided.members)
    if beside is None or decided.members is None:
        return Text("The members' own counts are not complete.")
    words = sentence(beside.direct, decided.members, rule=decided.rule)
    text = Text(f"Counted member by member, by the same threshold. {words}\n")
    if beside.differs:
        text.append("The bodies decided otherwise than their members would have.\n", style="bold yellow")
    return text


def tampering_table(tried: Mapping[str, Report]) -> Table:
    """What the verifier says to each altered copy of the evidence."""
    table = Table("What was done to a copy", "Verdict", "First failing check", title="Tampering", title_justify="left")
    for what, report in tried.items():
        verdict = Text("VALID", style="bold red") if report.valid else Text("INVALID", style="bold green")
        table.add_row(what, verdict, f"{report.failure.code}: {report.failure.text}" if report.failure else "")
    return table


def _grow(tree: Tree, level: Level, order: Sequence[str]) -> None:
    unit = level.decided.denominator if level.decided else 1
    for below in _sorted(level.below, order):
        _grow(tree.add(_branch(below, unit)), below, order)


def _branch(level: Level, unit: int) -> Text:
    """One body in one line; `unit` is the denominator of the assembly above."""
    text = Text(level.name, style="bold")
    if level.weight is not None:
        text.append(f"  weight {amount(level.weight, unit)}  ", style="default").append_text(_choice(level.choice))
    if level.decided is not None:
        decided = level.decided
        text.append(f"  {_counts(decided.tally, decided.denominator)}", style="not bold")
    return text


def _choice(choice: str | None) -> Text:
    return Text((choice or "not reported").upper(), style=f"bold {COLOURS.get(choice or '', 'yellow')}")


def _members(decided: Decided) -> str:
    return _counts(decided.members or decided.tally, 1)


def _counts(tally: Tally, unit: int) -> str:
    counts = f"{amount(tally.in_favour, unit)} for, {amount(tally.against, unit)} against"
    return f"{counts}, {amount(tally.abstain, unit)} abstained" if tally.abstain else counts


def _sorted(levels: Sequence[Level], order: Sequence[str]) -> list[Level]:
    return sorted(levels, key=lambda level: order.index(level.name))
