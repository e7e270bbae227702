"""`rochdale relief`: what an assembly and the bodies below it do in an emergency."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from node.cli.logs import quiet_logs
from node.cli.members import member_named
from node.cli.opening import TAKEN_UP, data_option, settings_at, with_node
from node.cli.papers.relief_check import check
from node.cli.speaking import NO, USAGE, Stop, table

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from node.context import Node
    from node.services.reliefs.log import Log
    from storage.records import MemberRecord, ReliefRecord

    Work = Callable[[Node, MemberRecord, str], Coroutine[Any, Any, Any]]

HOUR = 3600
AS = click.option("--as", "name", help="The operator who says it (default: the first one).")
RELIEF = click.argument("relief_id", metavar="RELIEF")
NOTE = click.option("--note", default="", help="A few words for everybody.")


@click.group("relief", commands=[check])
def relief() -> None:
    """Emergencies: survey, stock, plan, decision, deliveries, appeals. RELIEF is an id, or the last part of it."""
    quiet_logs()


@relief.command("open")
@data_option
@AS
@click.argument("file", type=click.File("r", encoding="utf-8"))
def open_relief(data: Path | None, name: str | None, file: Any) -> None:
    """Begin a relief of this assembly as FILE says (JSON as for POST /api/v1/reliefs; - for standard input)."""
    from pydantic import ValidationError

    from node.api.reliefs.operations import beginning
    from node.api.shapes.reliefs import ReliefIn

    try:
        told = ReliefIn.model_validate_json(file.read())
    except ValidationError as broken:
        where = "/".join(str(part) for part in broken.errors()[0]["loc"])
        happened = f"The file cannot be used: {where}: {broken.errors()[0]['msg']}."
        raise Stop(happened, "docs/how-to/share-in-an-emergency.md shows one.", USAGE) from broken

    async def work(node: Node) -> ReliefRecord:
        from node.services.reliefs import opening

        member = await _speaker(node, name)
        return await opening.begin(node, member=member, written=beginning(told))

    begun = with_node(settings_at(data), work)
    click.echo(f"Begun: {begun.title}. Stock is taken until {begun.stock_until:%Y-%m-%d %H:%M} UTC. {TAKEN_UP}")
    click.echo(begun.id)


@relief.command("stock")
@data_option
@AS
@RELIEF
@click.option("--delegate", required=True, help="Who speaks for this co-op in the council.")
@click.option("--good", "goods", multiple=True, metavar="KEY=HELD/NEEDED", help="Once for each good.")
@click.option("--people", required=True, type=click.IntRange(0), help="How many people are affected.")
@click.option("--urgency", required=True, type=click.IntRange(0, 10), help="From 0 to 10.")
@click.option("--days-left", required=True, type=click.IntRange(0), help="How many days it lasts.")
@NOTE
def stock(data: Path | None, name: str | None, relief_id: str, goods: tuple[str, ...], **told: Any) -> None:
    """Say what this co-op has and needs; it takes the place of what was said before."""
    from federation.assembly.relief.shapes import StockLine

    lines = [StockLine(*_good(good)) for good in goods]

    async def work(node: Node, member: MemberRecord, full: str) -> object:
        from node.services.reliefs import speaking

        written = speaking.Stocked(lines=lines, **told)
        return await speaking.declare_stock(node, member=member, relief_id=full, written=written)

    _say(data, name, relief_id, work, said="Said what we have and need.")


@relief.command("plan")
@data_option
@AS
@RELIEF
@click.option("--adjust", multiple=True, metavar="BODY|GOOD|AMOUNT|REASON", help="Laid down by hand, once for each.")
@click.option("--text", default="", help="What the council says of it.")
def plan(data: Path | None, name: str | None, relief_id: str, *, adjust: tuple[str, ...], text: str) -> None:
    """Draft the next version of this assembly's plan from all stock in hand."""
    adjustments = [_adjustment(one) for one in adjust]

    async def work(node: Node, member: MemberRecord, full: str) -> object:
        from node.services.reliefs import planning

        return await planning.draft(node, member=member, relief_id=full, adjustments=adjustments, text=text)

    _say(data, name, relief_id, work, said="Drafted a version of the plan.")


@relief.command("endorse")
@data_option
@AS
@RELIEF
@click.option("--against", is_flag=True, help="The delegate is against this version.")
@NOTE
def endorse(data: Path | None, name: str | None, relief_id: str, note: str, *, against: bool) -> None:
    """The word of this co-op's delegate on the newest version of the plan."""

    async def work(node: Node, member: MemberRecord, full: str) -> object:
        from node.services.reliefs import speaking

        return await speaking.endorse(node, member=member, relief_id=full, in_favour=not against, note=note)

    _say(data, name, relief_id, work, said="Said what our delegate thinks of the plan.")


@relief.command("put")
@data_option
@AS
@RELIEF
@click.option("--hours", type=click.IntRange(1), help="How long the proposal is open (default: as usual here).")
def put(data: Path | None, name: str | None, relief_id: str, hours: int | None) -> None:
    """Put the newest version of the plan to every co-op; it is in force when that binds."""

    async def work(node: Node, member: MemberRecord, full: str) -> object:
        from node.services.reliefs import planning

        return await planning.put(node, member=member, relief_id=full, window_seconds=hours * HOUR if hours else None)

    _say(data, name, relief_id, work, said="Put the plan to the decision.")


@relief.command("deliver")
@data_option
@AS
@RELIEF
@click.argument("transfer", type=click.IntRange(1))
@click.argument("state", type=click.Choice(("sent", "arrived", "failed")))
@click.argument("amount", type=click.IntRange(0), default=0)
@click.option("--version", type=click.IntRange(1), help="The plan it left under (default: the one in force).")
@NOTE
def deliver(data: Path | None, name: str | None, relief_id: str, **told: Any) -> None:
    """Say what was sent, or has arrived, of the TRANSFER with this number: all of it so far."""
    from federation.assembly.relief.shapes import Sent

    async def work(node: Node, member: MemberRecord, full: str) -> object:
        from node.services.reliefs import speaking

        written = speaking.Moved(**{**told, "state": Sent(told["state"])})
        return await speaking.report_delivery(node, member=member, relief_id=full, written=written)

    _say(data, name, relief_id, work, said="Said what became of the transfer.")


@relief.command("appeal")
@data_option
@AS
@RELIEF
@click.argument("reason")
@click.option("--transfer", type=click.IntRange(1), help="Only against the transfer with this number.")
def appeal(data: Path | None, name: str | None, relief_id: str, *, reason: str, transfer: int | None) -> None:
    """Appeal against the plan, or one transfer of it, with a REASON."""

    async def work(node: Node, member: MemberRecord, full: str) -> object:
        from node.services.reliefs import speaking

        return await speaking.appeal(node, member=member, relief_id=full, reason=reason, transfer=transfer)

    _say(data, name, relief_id, work, said="Appealed.")


@relief.command("answer")
@data_option
@AS
@RELIEF
@click.argument("appeal_id", metavar="APPEAL")
@click.argument("verdict", type=click.Choice(("upheld", "dismissed")))
@click.argument("reason")
def answer(data: Path | None, name: str | None, relief_id: str, *, appeal_id: str, verdict: str, reason: str) -> None:
    """Answer the APPEAL of that id with a REASON; one that is upheld holds its transfer."""

    async def work(node: Node, member: MemberRecord, full: str) -> object:
        from node.services.reliefs import planning

        is_upheld = verdict == "upheld"
        return await planning.answer(
            node, member=member, relief_id=full, appeal_id=appeal_id, upheld=is_upheld, reason=reason
        )

    _say(data, name, relief_id, work, said="Answered the appeal.")


@relief.command("show")
@data_option
@click.argument("relief_id", metavar="RELIEF", required=False)
def show(data: Path | None, relief_id: str | None) -> None:
    """One relief as it stands, as JSON; without RELIEF the list of all."""

    async def work(node: Node) -> list[Log]:
        from node.services.reliefs.log import load
        from storage import reliefs

        async with node.store.read() as tx:
            found = [await _named(tx, relief_id)] if relief_id else await reliefs.list(tx)
            return [await load(tx, record) for record in found]

    async def shown(node: Node) -> tuple[list[Log], str]:
        from node.api.reliefs.views import relief_view

        logs = await work(node)
        return logs, relief_view(node, logs[0]).model_dump_json() if relief_id else ""

    logs, text = with_node(settings_at(data), shown)
    if relief_id:
        click.echo(json.dumps(json.loads(text), indent=2, ensure_ascii=False))
        return
    rows = [(str(log.state.step), log.relief.title[:60], log.relief.id) for log in logs]
    table(("step", "title", "id"), rows, empty="There are no reliefs.")


def _say(data: Path | None, name: str | None, relief_id: str, work: Work, *, said: str) -> None:
    async def run(node: Node) -> None:
        async with node.store.read() as tx:
            record = await _named(tx, relief_id)
        await work(node, await _speaker(node, name), record.id)

    with_node(settings_at(data), run)
    click.echo(f"{said} {TAKEN_UP}")


async def _named(tx: Any, relief_id: str) -> ReliefRecord:
    from storage import reliefs

    found = next((one for one in await reliefs.list(tx) if relief_id in {one.id, one.id.rsplit("/", 1)[1]}), None)
    if found is None:
        raise Stop(f"There is no relief {relief_id}.", "See `rochdale relief show`.", NO)
    return found


async def _speaker(node: Node, name: str | None) -> MemberRecord:
    from node.cli.proposals import first_operator

    return await member_named(node, name) if name else await first_operator(node)


def _good(text: str) -> tuple[str, int, int]:
    key, _, amounts = text.partition("=")
    held, _, needed = amounts.partition("/")
    if not key or not held.isdecimal() or not needed.isdecimal():
        raise Stop(f"{text!r} is no stock.", "Write it like flour=100/20: what is held, then what is needed.", USAGE)
    return key, int(held), int(needed)


def _adjustment(text: str) -> Any:
    from federation.assembly.relief.shapes import Adjustment

    parts = [part.strip() for part in text.split("|", 3)]
    if len(parts) < 4 or not parts[2].isdecimal():  # noqa: PLR2004 - body, good, amount, reason
        raise Stop(f"{text!r} is no adjustment.", "Write it like did:web:a.example|flour|20|why.", USAGE)
    return Adjustment(parts[0], parts[1], int(parts[2]), parts[3])
