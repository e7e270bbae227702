"""`rochdale address`: where this body was before, and where it moved to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from node.cli.logs import quiet_logs
from node.cli.opening import OPERATOR, TAKEN_UP, data_option, settings_at, with_node

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from federation.vocabulary.actors import Addresses
    from node.context import Node


@click.group("address")
def address() -> None:
    """Moving to another address, and saying where one was before."""
    quiet_logs()


@address.command("show")
@data_option
def show(data: Path | None) -> None:
    """What this body's actor says about its addresses."""

    async def work(node: Node) -> Addresses:
        return await node.federation.addresses()

    _say(with_node(settings_at(data), work))


@address.command("earlier")
@data_option
@click.argument("actor")
@click.option("--forget", is_flag=True, help="Say it no more.")
def earlier(data: Path | None, actor: str, *, forget: bool) -> None:
    """Say that this body was ACTOR before, like https://old.example/body. Without it nobody believes ACTOR's move."""

    async def work(node: Node) -> Addresses:
        from node.services.house import addresses

        return await (addresses.remove_earlier if forget else addresses.add_earlier)(node, by=OPERATOR, actor=actor)

    _changed(data, work)


@address.command("move")
@data_option
@click.argument("actor")
def move(data: Path | None, actor: str) -> None:
    """Tell everybody who follows that this body is ACTOR now. ACTOR must say first that it was this one."""

    async def work(node: Node) -> Addresses:
        from node.services.house import addresses

        return await addresses.move(node, by=OPERATOR, actor=actor)

    _changed(data, work)


@address.command("stay")
@data_option
def stay(data: Path | None) -> None:
    """Say that this body is here after all. Whoever followed it to the other address is not called back."""

    async def work(node: Node) -> Addresses:
        from node.services.house import addresses

        return await addresses.stay(node, by=OPERATOR)

    _changed(data, work)


def _changed(data: Path | None, work: Callable[[Node], Awaitable[Addresses]]) -> None:
    async def done(node: Node) -> Addresses:
        return await work(node)

    _say(with_node(settings_at(data), done))
    click.echo(TAKEN_UP)


def _say(addresses: Addresses) -> None:
    for actor in addresses.earlier:
        click.echo(f"was {actor}")
    click.echo(f"moved to {addresses.moved_to}" if addresses.moved_to else "is here")


COMMANDS = (address,)
