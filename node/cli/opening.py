"""Settings and an opened node for a command, with its failures in plain words; called by most commands."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from node.cli.speaking import NO, USAGE, Stop

if TYPE_CHECKING:
    from node.context import Node
    from node.settings import Settings

T = TypeVar("T")
Command = TypeVar("Command", bound=Callable[..., Any])
OPERATOR = "operator"
"""Who the event log names when the command line acts: whoever holds the machine."""

TAKEN_UP = "A running node takes it up within a minute; a stopped one when it starts."


def data_option(command: Command) -> Command:
    """The option every command shares: the node's data folder."""
    return click.option(
        "--data",
        type=click.Path(file_okay=False, path_type=Path),
        help="The node's data folder (default: ROCHDALE_DATA_DIR, else ./data).",
    )(command)


def settings_at(data: Path | None, **given: Any) -> Settings:
    """The settings of the node in that folder; options that are None are left to environment, file and default."""
    from pydantic import ValidationError

    from node.settings import Settings

    told = {name: value for name, value in {"data_dir": data, **given}.items() if value is not None}
    try:
        return Settings(**told)
    except ValidationError as broken:
        first = broken.errors()[0]
        name = "_".join(str(part) for part in first["loc"]) or "settings"
        happened = f"The setting {name} cannot be used: {first['msg'].removeprefix('Value error, ')}."
        raise Stop(happened, "See `rochdale settings --help`, then correct it where it is set.", USAGE) from broken
    except ValueError as broken:
        raise Stop(f"The settings file cannot be read: {broken}", "Correct rochdale.toml.", USAGE) from broken


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Node]:
    """The node, without its worker: what it changes waits in rows for the running node."""
    from node.wiring import NotInitialisedError, build_node, close_node

    if not settings.database_url and not (settings.data_dir / "node.db").exists():
        raise _not_set_up(settings)
    try:
        running = await build_node(settings)
    except NotInitialisedError as missing:
        raise _not_set_up(settings) from missing
    try:
        yield running.node
    finally:
        await close_node(running.node)


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """What the coroutine returns; the event loop is loaded only here, so that `--help` does without it."""
    import asyncio

    return asyncio.run(work)


def run_loop(work: Coroutine[Any, Any, T]) -> T:
    """What the coroutine returns, for work that keeps running: on uvloop where it is installed, the same but faster."""
    try:
        import uvloop
    except ImportError:
        return run_async(work)
    return uvloop.run(work)


def with_node(settings: Settings, work: Callable[[Node], Coroutine[Any, Any, T]]) -> T:
    """What `work` returns, given the node of these settings."""

    async def run() -> T:
        async with opened(settings) as node:
            return await work(node)

    return run_async(run())


def _not_set_up(settings: Settings) -> Stop:
    return Stop(f"There is no node in {settings.data_dir} yet.", "Run `rochdale init` first, or name its --data.", NO)
