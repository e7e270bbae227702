"""The command `rochdale`: one file per group of commands; called by the console script and by `python -m node`.

Exit codes: 0 done, 1 the answer is no, 2 the command was not understood, 3 something broke.
Modules here import only click at the top, so that `rochdale --help` is instant; commands import what they need.
"""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING, NoReturn

import click

from node.cli import (
    assemblies,
    audit,
    init,
    keys,
    members,
    papers,
    peers,
    proposals,
    reliefs,
    serve,
    settings,
    showing,
    upkeep,
)
from node.cli.operating import addresses, jobs
from node.cli.speaking import NO, Stop, say_error, stop_of

if TYPE_CHECKING:
    from collections.abc import Sequence

EPILOG = """Every command reads its settings from the data folder (--data, or ROCHDALE_DATA_DIR) and the environment.
Exit codes: 0 done, 1 the answer is no, 2 the command was not understood, 3 something broke."""

COLLECT_AFTER = (10_000, 20, 20)
"""Of Python's garbage collector: what a request or an import leaves is gone by itself, and there is hardly a cycle."""


@click.group(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="rochdale", message="rochdale %(version)s")
def rochdale() -> None:
    """A node that a co-operative hosts itself: proposals, ballots, offers, and decisions with other co-ops."""


for group in (
    init,
    serve,
    upkeep,
    settings,
    keys,
    members,
    proposals,
    assemblies,
    reliefs,
    peers,
    jobs,
    addresses,
    audit,
    papers,
    showing,
):
    for command in group.COMMANDS:
        rochdale.add_command(command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and exit with its code."""
    gc.set_threshold(*COLLECT_AFTER)
    try:
        code = rochdale.main(args=arguments, prog_name="rochdale", standalone_mode=False)
    except click.Abort:
        say_error(Stop("Stopped before anything was done.", "Run the command again when you are ready.", NO))
        sys.exit(NO)
    except click.ClickException as misuse:
        misuse.show()
        sys.exit(misuse.exit_code)
    except Exception as raised:  # noqa: BLE001  # the last stop: two lines for people instead of a traceback
        stop = stop_of(raised)
        say_error(stop)
        sys.exit(stop.exit_code)
    sys.exit(code if isinstance(code, int) else 0)
