"""`rochdale proposal`: what stands, one in full, opening a submitted one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from node.cli.logs import quiet_logs
from node.cli.members import member_named
from node.cli.opening import TAKEN_UP, data_option, settings_at, with_node
from node.cli.speaking import NO, Stop, table

if TYPE_CHECKING:
    from pathlib import Path

    from node.context import Node
    from storage.records import MemberRecord, ProposalRecord

STATES = ("draft", "submitted", "open", "passed", "rejected", "closed_without_quorum", "withdrawn")


@click.group("proposal")
def proposal() -> None:
    """What this body decides, and what it heard of."""
    quiet_logs()


@proposal.command("list")
@data_option
@click.option("--state", type=click.Choice(STATES), help="Only those in this state.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000), help="At most so many.")
def list_proposals(data: Path | None, state: str | None, limit: int) -> None:
    """Proposals, newest first."""

    async def work(node: Node) -> tuple[ProposalRecord, ...]:
        from storage import proposals

        async with node.store.read() as tx:
            return await proposals.list(tx, states={state} if state else None, limit=limit)

    rows = [(one.state, one.title[:60], one.id) for one in with_node(settings_at(data), work)]
    table(("state", "title", "id"), rows, empty="There are no proposals.")


@proposal.command("show")
@data_option
@click.argument("proposal_id")
def show(data: Path | None, proposal_id: str) -> None:
    """One proposal in full; PROPOSAL_ID is its id, or the last part of it."""

    async def work(node: Node) -> ProposalRecord:
        return await _named(node, proposal_id)

    found = with_node(settings_at(data), work)
    tally = ", ".join(f"{count} {choice}" for choice, count in (found.tally or {}).items())
    facts = {
        "id": found.id,
        "state": found.state,
        "opens": found.opens_at,
        "closes": found.closes_at if found.opens_at else None,
        "outcome": found.outcome,
        "reason": found.reason,
        "tally": tally,
        "digest": found.digest,
        "answers": found.upstream_id,
    }
    click.echo(click.style(found.title, bold=True))
    for name, value in facts.items():
        if value:
            click.echo(f"{name:8} {value}")
    click.echo(f"\n{found.text}")


@proposal.command("open")
@data_option
@click.argument("proposal_id")
@click.option("--as", "name", help="The operator who opens it (default: the first one).")
def open_proposal(data: Path | None, proposal_id: str, name: str | None) -> None:
    """Freeze a submitted proposal and open it for ballots."""

    async def work(node: Node) -> ProposalRecord:
        from node.services import proposals

        found = await _named(node, proposal_id)
        opener = await member_named(node, name) if name else await first_operator(node)
        return await proposals.open_proposal(node, member=opener, proposal_id=found.id)

    opened = with_node(settings_at(data), work)
    click.echo(f"Open until {opened.closes_at:%Y-%m-%d %H:%M} UTC: {opened.title}. {TAKEN_UP}")


async def _named(node: Node, proposal_id: str) -> ProposalRecord:
    from storage import proposals

    full = proposal_id if "://" in proposal_id else node.url("proposals", proposal_id)
    async with node.store.read() as tx:
        found = await proposals.find(tx, full)
    if found is None:
        raise Stop(f"There is no proposal {proposal_id}.", "See `rochdale proposal list`.", NO)
    return found


async def first_operator(node: Node) -> MemberRecord:
    """The operator who has been here longest."""
    from storage import members

    async with node.store.read() as tx:
        active = await members.active(tx)
    operators = sorted((one for one in active if "operator" in one.roles), key=lambda one: one.created_at)
    if not operators:
        raise Stop("No member is an operator.", "Enrol one with `rochdale member add NAME --operator`.", NO)
    return operators[0]


COMMANDS = (proposal,)
