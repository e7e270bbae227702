"""`rochdale member`: enrolling, listing, passphrases; for whoever runs the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from node.cli.init import asked_passphrase
from node.cli.logs import quiet_logs
from node.cli.opening import OPERATOR, data_option, settings_at, with_node
from node.cli.speaking import NO, Stop, table

if TYPE_CHECKING:
    from pathlib import Path

    from node.context import Node
    from storage.records import MemberRecord


@click.group("member")
def member() -> None:
    """The people of this co-op."""
    quiet_logs()


@member.command("add")
@data_option
@click.argument("name")
@click.option("--display-name", help="Name as others read it (default: NAME).")
@click.option("--operator", is_flag=True, help="May also enrol members, open proposals and answer applications.")
@click.option(
    "--weight", default=1, show_default=True, type=click.IntRange(1), help="Weight on rolls frozen from now on."
)
@click.option("--passphrase-stdin", is_flag=True, help="Read the passphrase from standard input.")
@click.option("--no-passphrase", is_flag=True, help="The member cannot sign in until a passphrase is set.")
def add(data: Path | None, name: str, weight: int, **said: str | bool | None) -> None:
    """Enrol NAME. Proposals already open keep their frozen roll."""
    from node.services import members

    asked = None if said["no_passphrase"] else asked_passphrase(from_stdin=bool(said["passphrase_stdin"]))
    newcomer = members.Newcomer(
        name=name,
        display_name=str(said["display_name"] or name),
        passphrase=asked,
        roles=("member", "operator") if said["operator"] else ("member",),
        weight=weight,
    )

    async def work(node: Node) -> MemberRecord:
        return await members.enrol(node, newcomer, by=OPERATOR)

    enrolled = with_node(settings_at(data), work)
    click.echo(f"{enrolled.name} is enrolled as {enrolled.did}")


@member.command("list")
@data_option
def list_members(data: Path | None) -> None:
    """Everybody who is a member now."""

    async def work(node: Node) -> tuple[MemberRecord, ...]:
        from storage import members

        async with node.store.read() as tx:
            return await members.active(tx)

    found = with_node(settings_at(data), work)
    rows = [(one.name, one.display_name, ", ".join(one.roles), one.weight, one.did) for one in found]
    table(("name", "display name", "roles", "weight", "did"), rows, empty="There are no members yet.")


@member.command("passphrase")
@data_option
@click.argument("name")
@click.option("--passphrase-stdin", is_flag=True, help="Read the passphrase from standard input.")
def passphrase(data: Path | None, name: str, *, passphrase_stdin: bool) -> None:
    """Set a new passphrase for NAME and end all their sessions."""
    chosen = asked_passphrase(from_stdin=passphrase_stdin)

    async def work(node: Node) -> None:
        from node.services import members

        found = await member_named(node, name)
        await members.set_passphrase(node, member=found, passphrase=chosen, by=OPERATOR)

    with_node(settings_at(data), work)
    click.echo(f"{name} has a new passphrase; their sessions have ended.")


async def member_named(node: Node, name: str) -> MemberRecord:
    """The member of that name, or a plain answer that there is none."""
    from storage import members

    async with node.store.read() as tx:
        found = await members.by_name(tx, name)
    if found is None:
        raise Stop(f"There is no member named {name}.", "See `rochdale member list`.", NO)
    return found


COMMANDS = (member,)
