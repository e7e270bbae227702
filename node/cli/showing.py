"""`rochdale demo` and `rochdale reference`: the product shown, and its reference written from the code."""

from __future__ import annotations

from pathlib import Path

import click

from node.cli.opening import run_loop
from node.cli.speaking import FAULT, NO, USAGE, Stop


@click.command("demo")
@click.option("--exit", "exits", is_flag=True, help="End after the story instead of serving on.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the outcome there.")
@click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".demo"),
    show_default=True,
    help="Where the nodes keep their data; an earlier demo there is cleared.",
)
@click.option("--base-port", default=8101, show_default=True, type=click.IntRange(1024, 59_000), help="First port.")
@click.option("--processes", is_flag=True, help="Each node in a process of its own (needs about 1 GiB of memory).")
def demo(folder: Path, json_file: Path | None, base_port: int, *, exits: bool, processes: bool) -> None:
    """Thirteen co-operative nodes on this machine decide something together, then keep serving.

    Three federations of three co-ops each, and the union of the three: a motion goes down to the members, their
    ballots are counted at home, positions go up by weight, the decision comes down, and its evidence is recounted
    offline. Exits 0 if the evidence holds.
    """
    from rich.console import Console

    from node.cli.logs import start_logs
    from node.demo.run import FolderTakenError, Play, play

    start_logs("warning", "text")
    asked = Play(
        folder=folder, first_port=base_port, is_staying=not exits, has_processes=processes, json_file=json_file
    )
    try:
        is_proven = run_loop(play(asked, Console()))
    except FolderTakenError as taken:
        raise Stop(f"{taken}.", "Name another folder with --dir.", USAGE) from taken
    except TimeoutError as slow:
        happened = "The story did not come to its end in time."
        raise Stop(happened, "Close other programs and try again; --processes uses all cores.", FAULT) from slow
    if not is_proven:
        raise click.exceptions.Exit(NO)


@click.command("reference")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def reference(folder: Path) -> None:
    """Write the reference (settings, commands, door, refusals, tables) from the code into FOLDER."""
    from node.reference import write_reference

    write_reference(folder)
    click.echo(f"Written to {folder}.")


COMMANDS = (demo, reference)
