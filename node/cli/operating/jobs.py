"""`rochdale job`: work that failed so often that it stands still."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from node.cli.logs import quiet_logs
from node.cli.opening import OPERATOR, TAKEN_UP, data_option, settings_at, with_node
from node.cli.speaking import table

if TYPE_CHECKING:
    from pathlib import Path

    from node.context import Node
    from storage.records import JobRecord

MOST = 1000


@click.group("job")
def job() -> None:
    """Background work that stands still."""
    quiet_logs()


@job.command("list")
@data_option
def list_parked(data: Path | None) -> None:
    """What failed so often that it was put aside, first of all first. Nothing of it is lost."""
    found = with_node(settings_at(data), _parked)
    rows = [(one.id, one.kind, one.attempts, one.key, (one.last_error or "")[:60]) for one in found]
    table(("number", "work", "tries", "about", "error"), rows, empty="Nothing stands still.")


@job.command("retry")
@data_option
@click.argument("numbers", nargs=-1, type=click.IntRange(1), metavar="[NUMBER]...")
@click.option("--all", "is_all", is_flag=True, help="Everything that stands still, best after an update.")
def retry(data: Path | None, numbers: tuple[int, ...], *, is_all: bool) -> None:
    """Take work up again that stands still; NUMBER is what `job list` shows."""
    if is_all == bool(numbers):
        raise click.UsageError("Give the numbers that `rochdale job list` shows, or --all.")

    async def work(node: Node) -> list[JobRecord]:
        from node.services.house import standing_work

        wanted = [one.id for one in await _parked(node)] if is_all else numbers
        return [await standing_work.retry(node, by=OPERATOR, job_id=number) for number in wanted]

    for one in with_node(settings_at(data), work):
        click.echo(f"{one.id} ({one.kind}) is due again. {TAKEN_UP}")


async def _parked(node: Node) -> tuple[JobRecord, ...]:
    from storage import jobs

    async with node.store.read() as tx:
        return await jobs.parked(tx, limit=MOST)


COMMANDS = (job,)
