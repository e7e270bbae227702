"""`rochdale assembly`: joining one, answering applications, the roster; for operators of co-ops and of assemblies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from node.cli.logs import quiet_logs
from node.cli.opening import OPERATOR, TAKEN_UP, data_option, settings_at, with_node
from node.cli.speaking import table

if TYPE_CHECKING:
    from pathlib import Path

    from node.context import Node
    from storage.records import MembershipRecord, StatuteRecord


@click.group("assembly")
def assembly() -> None:
    """Bodies made of bodies: the assemblies we belong to, and our own constituents."""
    quiet_logs()


@assembly.command("join")
@data_option
@click.argument("address")
def join(data: Path | None, address: str) -> None:
    """Ask the assembly at ADDRESS (its node, or its actor id) to take this body in."""

    async def work(node: Node) -> MembershipRecord:
        from node.services import assemblies

        return await assemblies.ask_to_join(node, by=OPERATOR, address=address)

    asked = with_node(settings_at(data), work)
    click.echo(f"Asked {asked.name}. {TAKEN_UP}")


@assembly.command("leave")
@data_option
@click.argument("actor")
def leave(data: Path | None, actor: str) -> None:
    """Leave the assembly ACTOR. Proposals already open keep their roster."""

    async def work(node: Node) -> MembershipRecord:
        from node.services import assemblies

        return await assemblies.leave(node, by=OPERATOR, assembly=actor)

    left = with_node(settings_at(data), work)
    click.echo(f"Left {left.name}. {TAKEN_UP}")


@assembly.command("list")
@data_option
def list_memberships(data: Path | None) -> None:
    """The assemblies this body belongs to, asked, or left."""
    _show(data, "above", None, empty="This body belongs to no assembly. `rochdale assembly join ADDRESS` asks one.")


@assembly.command("applications")
@data_option
def applications(data: Path | None) -> None:
    """Bodies that ask to join this assembly."""
    _show(data, "below", "asked", empty="Nobody is waiting for an answer.")


@assembly.command("constituents")
@data_option
def constituents(data: Path | None) -> None:
    """The bodies this assembly is made of, with their weights."""
    _show(data, "below", "accepted", empty="This assembly has no constituents yet.")


@assembly.command("accept")
@data_option
@click.argument("actor")
@click.option("--weight", default=1, show_default=True, type=click.IntRange(1), help="In units of the denominator.")
@click.option("--members", type=click.IntRange(1), help="Stands instead of the number that the body says itself.")
def accept(data: Path | None, actor: str, weight: int, members: int | None) -> None:
    """Take the applicant ACTOR in and publish the next version of the statute."""
    _decide(data, actor, is_accepted=True, weight=weight, members=members)


@assembly.command("renew")
@data_option
def renew(data: Path | None) -> None:
    """Publish the next version of the statute with the numbers of members that constituents reported."""

    async def work(node: Node) -> StatuteRecord:
        from node.services import statutes

        return await statutes.renew_statute(node, by=OPERATOR)

    renewed = with_node(settings_at(data), work)
    click.echo(f"Version {renewed.version} of the statute is published. {TAKEN_UP}")


@assembly.command("split")
@data_option
@click.argument("actor")
@click.option("--off", "is_off", is_flag=True, help="Vote as one again.")
def split(data: Path | None, actor: str, *, is_off: bool) -> None:
    """Split our position in the assembly ACTOR as our members decide, where its statute lets bodies split.

    Holds for questions that reach this node from now on.
    """

    async def work(node: Node) -> MembershipRecord:
        from node.services.assembly import splitting

        return await splitting.choose(node, by=OPERATOR, assembly=actor, splits=not is_off)

    chosen = with_node(settings_at(data), work)
    click.echo(f"Positions in {chosen.name} {'are split from now on' if chosen.splits_since else 'go one way again'}.")


@assembly.command("reject")
@data_option
@click.argument("actor")
def reject(data: Path | None, actor: str) -> None:
    """Turn the applicant ACTOR down."""
    _decide(data, actor, is_accepted=False)


def _decide(data: Path | None, actor: str, *, is_accepted: bool, weight: int = 1, members: int | None = None) -> None:
    async def work(node: Node) -> MembershipRecord:
        from node.services import assemblies

        return await assemblies.decide_application(
            node, by=OPERATOR, applicant=actor, is_accepted=is_accepted, weight=weight, members=members
        )

    decided = with_node(settings_at(data), work)
    click.echo(f"{decided.name} is {decided.state}. {TAKEN_UP}")


def _show(data: Path | None, direction: str, state: str | None, *, empty: str) -> None:
    async def work(node: Node) -> tuple[MembershipRecord, ...]:
        from storage import memberships

        async with node.store.read() as tx:
            return await memberships.list(tx, direction, state)

    found = with_node(settings_at(data), work)
    rows = [(one.name, one.kind, one.state, one.weight, _members(one), one.actor_id) for one in found]
    table(("name", "kind", "state", "weight", "members", "actor"), rows, empty=empty)


def _members(tie: MembershipRecord) -> str:
    """What the body reported, and what was decided instead."""
    reported = "" if tie.members is None else str(tie.members)
    return reported if tie.members_decided is None else f"{reported or 'none'}, decided {tie.members_decided}"


COMMANDS = (assembly,)
