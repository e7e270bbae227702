"""`rochdale peer` and `rochdale delivery`: the nodes this one knows, and messages that did not reach them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from node.cli.logs import quiet_logs
from node.cli.opening import OPERATOR, TAKEN_UP, data_option, settings_at, with_node
from node.cli.speaking import table

if TYPE_CHECKING:
    from pathlib import Path

    from node.context import Node
    from storage.records import DeliveryRecord, PeerPolicyRecord, PeerRecord, UnreachableHostRecord

DAY_AND_TIME = "%Y-%m-%d %H:%M"


@click.group("peer")
def peer() -> None:
    """Other nodes."""
    quiet_logs()


@peer.command("list")
@data_option
@click.option("--limit", default=1000, show_default=True, type=click.IntRange(1, 100_000), help="At most so many.")
def list_peers(data: Path | None, limit: int) -> None:
    """Actors this node has fetched, those we follow first, and when; and whose outbox is so long that it is put off."""

    async def work(node: Node) -> tuple[tuple[PeerRecord, ...], frozenset[str]]:
        from node.services import follows
        from storage import peers

        async with node.store.read() as tx:
            return await peers.all(tx, limit=limit), await follows.endless(tx)

    found, endless = with_node(settings_at(data), work)
    rows = [(one.name or one.handle, one.kind, one.host, f"{one.fetched_at:%Y-%m-%d}", one.actor_id,
             "put off: no end" if one.actor_id in endless else "") for one in found]  # fmt: skip
    table(("name", "kind", "host", "fetched", "actor", "outbox"), rows, empty="This node knows no other yet.")


@peer.command("policies")
@data_option
def list_policies(data: Path | None) -> None:
    """Every host that is limited or blocked, with all names under it but those that are allowed."""

    async def work(node: Node) -> tuple[PeerPolicyRecord, ...]:
        from storage import peer_policies

        async with node.store.read() as tx:
            return await peer_policies.all(tx)

    found = with_node(settings_at(data), work)
    rows = [(one.host, one.policy, f"{one.decided_at:%Y-%m-%d}", one.note) for one in found]
    table(("host", "policy", "since", "note"), rows, empty="Every host is heard in full.")


@peer.command("unreachable")
@data_option
def list_unreachable(data: Path | None) -> None:
    """Hosts that do not answer, longest first, with the next try. What waits for them is kept."""

    async def work(node: Node) -> tuple[UnreachableHostRecord, ...]:
        from storage import unreachable_hosts

        async with node.store.read() as tx:
            return await unreachable_hosts.list(tx)

    found = with_node(settings_at(data), work)
    rows = [(one.host, one.failures, f"{one.since:{DAY_AND_TIME}}", f"{one.try_at:{DAY_AND_TIME}}", one.error[:60])
            for one in found]  # fmt: skip
    table(("host", "tries", "since (UTC)", "next try", "error"), rows, empty="Whoever we wrote to last answered.")


@peer.command("try")
@data_option
@click.argument("host")
def try_host(data: Path | None, host: str) -> None:
    """Try a HOST now that did not answer; HOST is what `peer unreachable` shows."""

    async def work(node: Node) -> UnreachableHostRecord:
        from node.services.house import standing_work

        return await standing_work.try_host(node, by=OPERATOR, host=host)

    click.echo(f"{with_node(settings_at(data), work).host} is due now. {TAKEN_UP}")


def _policy_command(policy: str, says: str) -> click.Command:
    @peer.command(policy, help=says)
    @data_option
    @click.argument("host")
    @click.option("--note", default="", help="Why, for whoever runs this node later.")
    def decide(data: Path | None, host: str, note: str) -> None:
        async def work(node: Node) -> PeerPolicyRecord:
            from federation.peers.policy import Policy
            from node.services import peers

            return await peers.decide_policy(node, by=OPERATOR, host=host, policy=Policy(policy), note=note)

        click.echo(f"{with_node(settings_at(data), work).host}: {policy}")

    return decide


POLICIES = {
    "block": "Take nothing from HOST, fetch nothing from it, send nothing to it; names under it too.",
    "limit": "Take in what HOST sends, but pass none of it on and show none of it in public; names under it too.",
    "allow": "Hear HOST in full again, also where a name above it is limited or blocked.",
}
for name, says in POLICIES.items():
    _policy_command(name, says)


@click.group("delivery")
def delivery() -> None:
    """Messages to other nodes."""
    quiet_logs()


@delivery.command("list")
@data_option
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000), help="At most so many.")
def list_failed(data: Path | None, limit: int) -> None:
    """Deliveries given up, newest first, with what the peer said last."""

    async def work(node: Node) -> tuple[DeliveryRecord, ...]:
        from storage import deliveries

        async with node.store.read() as tx:
            return await deliveries.failed(tx, limit=limit)

    found = with_node(settings_at(data), work)
    rows = [(one.id, one.host, one.attempts, one.last_status, (one.last_error or "")[:60]) for one in found]
    table(("number", "host", "tries", "status", "error"), rows, empty="Nothing was given up.")


@delivery.command("retry")
@data_option
@click.argument("numbers", nargs=-1, required=True, type=click.IntRange(1), metavar="NUMBER...")
def retry(data: Path | None, numbers: tuple[int, ...]) -> None:
    """Try deliveries again that were given up; NUMBER is what `delivery list` shows."""

    async def work(node: Node) -> list[DeliveryRecord]:
        from node.services import peers

        return [await peers.retry(node, by=OPERATOR, delivery_id=number) for number in numbers]

    for one in with_node(settings_at(data), work):
        click.echo(f"{one.id} to {one.host} is due again. {TAKEN_UP}")


COMMANDS = (peer, delivery)
