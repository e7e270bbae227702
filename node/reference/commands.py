"""docs/reference/commands.md, from the command `rochdale` as installed."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

import click

from node.reference.markdown_table import code, page, table

if TYPE_CHECKING:
    from collections.abc import Iterator

INTRODUCTION = """Run `rochdale COMMAND --help` for the same on your screen. Settings that are not on the line
come from the environment and the settings file, see [settings](settings.md). Exit codes: 0 done, 1 the answer
is no, 2 the command line was not understood, 3 something broke."""


def commands() -> dict[str, click.Command]:
    """Every command that does something, by its full name after `rochdale`, in the order of the alphabet."""
    (script,) = entry_points(group="console_scripts", name="rochdale")
    # The script itself is a function that turns exceptions into exit codes; the group stands beside it.
    return dict(sorted(_below(import_module(script.module).rochdale, ())))


def _below(command: click.Command, names: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield " ".join(names), command
        return
    for name, inner in command.commands.items():
        if not inner.hidden:
            yield from _below(inner, (*names, name))


def text() -> str:
    """The page."""
    return page("Commands", INTRODUCTION, *(_section(name, command) for name, command in commands().items()))


def _section(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=f"rochdale {name}", terminal_width=100)
    usage = " ".join((context.command_path, *command.collect_usage_pieces(context)))
    options = [option for option in command.params if isinstance(option, click.Option) and not option.hidden]
    parts = [f"## rochdale {name}", f"`{usage}`", (command.help or "").strip()]
    if options:
        parts.append(table(("option", "default", "meaning"), (_row(option, context) for option in options)))
    return "\n\n".join(part for part in parts if part)


def _row(option: click.Option, context: click.Context) -> tuple[str, str, str]:
    kind = "" if option.is_flag else f" {option.make_metavar(context)}"
    default = option.default if isinstance(option.default, str | int | float) and not option.is_flag else ""
    return code(", ".join((*option.opts, *option.secondary_opts)) + kind), code(str(default)), option.help or ""
