"""`rochdale simulate`: a decision replayed under other rules side by side, from a file or from this node."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from node.cli.logs import quiet_logs
from node.cli.opening import data_option, settings_at, with_node
from node.cli.papers.files import paper_in
from node.cli.speaking import NO, Stop, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from federation.assembly.on_paper.paper import Paper
    from federation.assembly.on_paper.simulation import Replay, Variant
    from federation.assembly.roll_up import RollUp
    from federation.assembly.tally import Count
    from node.context import Node
    from storage.engine import Tx
    from storage.records import ProposalRecord

TITLES = ("change", "outcome", "for", "against", "abstain", "of", "pivotal", "members")
PIVOTAL_SHOWN = 4


@click.command("simulate")
@data_option
@click.argument("decision")
@click.option("--only", type=click.Choice(("mode", "rule", "cap")), multiple=True, help="Only such changes.")
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON, exact, with the power of every variant.")
def simulate(data: Path | None, decision: str, only: tuple[str, ...], *, as_json: bool) -> None:
    """Replay DECISION under other modes, thresholds and caps, each beside what was decided.

    DECISION is a file as `rochdale roll-up` reads it, or the id of a decision that this assembly has closed. Shows who
    was pivotal, how much power the weights give (Banzhaf, Shapley-Shubik), what a cap changes, and where members and
    bodies disagree.
    """
    from federation.assembly.on_paper.simulation import simulate as replayed
    from federation.assembly.on_paper.simulation import variants_of

    paper = paper_in(Path(decision)) if Path(decision).is_file() else _decided(data, decision)
    replays = replayed(paper, _wanted(variants_of(paper), only))
    if as_json:
        click.echo(json.dumps([_document(each) for each in replays], indent=2, ensure_ascii=False))
        return
    table(TITLES, [_row(paper, each, replays[0].rolled) for each in replays], empty="Nothing to replay.")
    click.echo()
    table(("body", "weight", "Banzhaf", "Shapley-Shubik"), list(_powers(replays[0])), empty=_NO_POWER)
    for each in replays:
        if each.refusal:
            click.echo(f"{each.what} {each.name}: {each.refusal}")


_NO_POWER = "Power is not shown: bodies do not vote as one here, or there are too many different sums."


def _wanted(variants: Iterable[Variant], only: tuple[str, ...]) -> Iterator[Variant]:
    return (each for each in variants if not only or each.what in only)


def _decided(data: Path | None, decision: str) -> Paper:
    quiet_logs()

    async def work(node: Node) -> Paper:
        from storage import proposals

        full = decision if "://" in decision else node.url("proposals", decision)
        async with node.store.read() as tx:
            found = await proposals.find(tx, full)
            if found is None or found.electorate_kind != "constituents" or found.outcome_document is None:
                happened = f"There is no file and no closed decision of this assembly called {decision}."
                raise Stop(happened, "See `rochdale proposal list`.", NO)
            return await _paper_of(tx, found)

    return with_node(settings_at(data), work)


async def _paper_of(tx: Tx, proposal: ProposalRecord) -> Paper:
    """The decision as this node closed it: its statute, its rule, and the positions it counted or kept as late."""
    from federation.assembly.on_paper.paper import Paper
    from federation.assembly.positions import read_position
    from federation.assembly.roll_up import report_of
    from federation.assembly.rules import read_rule
    from federation.assembly.statute import read_statute
    from storage import positions, statutes

    kept = await statutes.find(tx, proposal.statute_digest or "")
    if kept is None:
        raise Stop(f"The statute of {proposal.id} is missing.", "Restore it from a backup.", NO)
    heard = sorted(await positions.for_proposal(tx, proposal.id), key=lambda one: one.seq)
    reports = {
        one.body_did: report_of(read_position(one.document), is_late=one.status == "late")
        for one in heard
        if one.status in {"counted", "late"}
    }
    return Paper(statute=read_statute(kept.document), rule=read_rule(proposal.rule), reports=reports)


def _row(paper: Paper, replay: Replay, decided: RollUp | None) -> tuple[object, ...]:
    label = f"{replay.what} {replay.name}"
    rolled = replay.rolled
    if rolled is None:
        return (label, "cannot be applied", "", "", "", "", "", "")
    counts = (rolled.tally.in_favour, rolled.tally.against, rolled.tally.abstain, rolled.tally.electorate)
    changed = decided is not None and rolled.outcome.state != decided.outcome.state
    outcome = f"{rolled.outcome.state}{' *' if changed else ''}"
    return (
        label,
        outcome,
        *(_short(count, replay.denominator) for count in counts),
        _pivotal(paper, replay),
        _members(replay),
    )


def _short(count: Count, denominator: int) -> str:
    """A count with at most two decimals; the exact one is in the JSON."""
    hundredths = round(count * 100 / Fraction(denominator))
    return f"{hundredths // 100}.{hundredths % 100:02d}".removesuffix(".00")


def _pivotal(paper: Paper, replay: Replay) -> str:
    if replay.pivotal is None:
        return "not looked for"
    names = {each.body: each.name for each in paper.statute.constituents}
    shown = [names[body] for body in replay.pivotal[:PIVOTAL_SHOWN]]
    more = len(replay.pivotal) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "") if shown else "nobody"


def _members(replay: Replay) -> str:
    if replay.divergence is None:
        return "unknown"
    return f"{replay.divergence.direct.state}{', DIFFERS' if replay.divergence.differs else ''}"


def _powers(replay: Replay) -> Iterator[tuple[object, ...]]:
    from node.governance.outcomes import amount, percent

    if replay.power is None or replay.rolled is None:
        return
    for line, banzhaf, shapley in zip(replay.rolled.lines, replay.power.banzhaf, replay.power.shapley, strict=True):
        yield (line.name, amount(line.weight, replay.denominator), percent(banzhaf), percent(shapley))


def _document(replay: Replay) -> dict[str, Any]:
    from federation.assembly.rules import rule_document
    from federation.assembly.tally import count_document

    rolled = replay.rolled
    if rolled is None:
        return {"what": replay.what, "name": replay.name, "refusal": replay.refusal}
    bodies = [line.body for line in rolled.lines]
    return {
        "what": replay.what,
        "name": replay.name,
        "outcome": rolled.outcome.state,
        "reason": rolled.outcome.reason,
        "tally": rolled.tally.to_document(),
        "rule": rule_document(rolled.rule),
        "weights": {line.body: count_document(line.weight) for line in rolled.lines},
        "trace": list(rolled.outcome.trace),
        "pivotal": list(replay.pivotal) if replay.pivotal is not None else None,
        "banzhaf": _shares(bodies, replay.power.banzhaf) if replay.power else None,
        "shapley": _shares(bodies, replay.power.shapley) if replay.power else None,
        "members": replay.divergence.direct.state if replay.divergence else None,
        "differs": replay.divergence.differs if replay.divergence else None,
    }


def _shares(bodies: Iterable[str], shares: Iterable[Fraction]) -> dict[str, str]:
    from federation.assembly.rules import share_text

    return {body: share_text(share) for body, share in zip(bodies, shares, strict=True)}


COMMANDS = (simulate,)
