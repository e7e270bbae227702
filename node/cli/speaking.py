"""How the command speaks: tables, and errors in two lines, what happened and what to do; called by every command."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from federation.assembly.refusals import AssemblyRefusal
from node.governance.plain import in_a_line
from node.governance.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

DONE, NO, USAGE, FAULT = 0, 1, 2, 3
TRACEBACK = "ROCHDALE_TRACEBACK"


class Stop(Exception):  # noqa: N818  # not always an error: some answers are no
    """A command ends here: `happened` and `advice` are one line each."""

    def __init__(self, happened: str, advice: str, exit_code: int = FAULT) -> None:
        super().__init__(happened)
        self.happened = happened
        self.advice = advice
        self.exit_code = exit_code


def stop_of(raised: Exception) -> Stop:
    """What is said about an exception that ended a command."""
    if isinstance(raised, Stop):
        return raised
    if isinstance(raised, Refusal):
        return Stop(raised.public, raised.advice, NO)
    if isinstance(raised, AssemblyRefusal):
        return Stop(raised.explained, "Nothing was changed; what may stand in a statute: docs/reference.", NO)
    from storage.away import is_away  # loads the database's drivers, which most commands that end well do without

    if is_away(raised):
        advice = "Start it, or correct the setting database_url; `rochdale doctor` tells more."
        return Stop(f"The database takes nothing: {_in_short(raised)}", advice)
    if os.environ.get(TRACEBACK):
        import traceback

        click.echo("".join(traceback.format_exception(raised)), err=True)
    return Stop(
        f"Something broke: {_in_short(raised)}",
        f"Run `rochdale doctor`; with {TRACEBACK}=1 the command also prints where it broke.",
    )


def _in_short(raised: Exception) -> str:
    return (" ".join(str(raised).split()) or type(raised).__name__)[:300]


def say_error(stop: Stop) -> None:
    """The two lines, on standard error."""
    click.echo(click.style(stop.happened, fg="red", bold=True), err=True)
    click.echo(stop.advice, err=True)


def table(titles: Sequence[str], rows: Sequence[Sequence[object]], *, empty: str) -> None:
    """Rows under titles, columns as wide as they need, each in a line; `empty` is said when there are none."""
    if not rows:
        click.echo(empty)
        return
    cells = [[in_a_line(str("" if cell is None else cell)) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(titles, *cells, strict=True)]
    for number, line in enumerate([list(titles), *cells]):
        text = "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        click.echo(click.style(text, bold=True) if number == 0 else text)
