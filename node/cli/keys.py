"""`rochdale keys`: the signing keys of this node, listed and changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from node.cli.logs import quiet_logs
from node.cli.opening import OPERATOR, TAKEN_UP, data_option, settings_at, with_node
from node.cli.speaking import table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from node.context import Node
    from storage.records import KeyRecord


@click.group("keys")
def keys() -> None:
    """The keys this node signs with."""
    quiet_logs()


@keys.command("list")
@data_option
def list_keys(data: Path | None) -> None:
    """Every key of the body and of the instance actor, and until when peers are shown it."""

    async def work(node: Node) -> tuple[datetime, Sequence[KeyRecord]]:
        from node.services.house.keys import own_keys

        return node.clock(), await own_keys(node)

    now, found = with_node(settings_at(data), work)
    rows = [(one.key_id, one.algorithm, f"{one.created_at:%Y-%m-%d}", _state(one, now)) for one in found]
    table(("key", "kind", "made", "state"), rows, empty="This node has no keys.")


@keys.command("rotate")
@data_option
@click.option("--stolen", is_flag=True, help="Others may have the old keys: stop showing them now, not in 48 hours.")
def rotate(data: Path | None, *, stolen: bool) -> None:
    """Make new keys and sign with them from now on; everybody who follows this body is told.

    The old keys stay published for 48 hours, so that nothing on its way is lost, and are kept for ever: decisions
    they signed stay verifiable. Assemblies this body belongs to put the new key on their roster by themselves.
    """

    async def work(node: Node) -> Sequence[KeyRecord]:
        from node.services.house.keys import rotate as make_new

        return await make_new(node, by=OPERATOR, at_once=stolen)

    for record in with_node(settings_at(data), work):
        click.echo(record.key_id)
    click.echo(f"These sign from now on. {TAKEN_UP}")


def _state(record: KeyRecord, now: datetime) -> str:
    if record.retired_at is None:
        return "signs"
    until = f"{record.retired_at:%Y-%m-%d %H:%M} UTC"
    return f"shown until {until}" if record.retired_at > now else f"retired {until}"


COMMANDS = (keys,)
