"""`rochdale roll-up`: statute and positions in one file, rolled up offline with every step shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from node.cli.papers.files import paper_in
from node.cli.speaking import USAGE, Stop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from federation.assembly.on_paper.paper import Paper
    from federation.assembly.roll_up import Line, RollUp


@click.command("roll-up")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="The outcome as JSON, as an outcome document states it.")
def roll_up(file: Path, *, as_json: bool) -> None:
    """Roll up the positions in FILE under the statute in it, offline, with the arithmetic.

    FILE is JSON: a statute, and what each constituent says, by choice, by tally, or by a roll-up of its own below.
    """
    from federation.assembly.refusals import AssemblyRefusal

    paper = paper_in(file)
    try:
        said = json.dumps(document_of(paper), indent=2, ensure_ascii=False) if as_json else "\n".join(text_of(paper))
    except AssemblyRefusal as refusal:
        raise Stop(str(refusal), "Correct the positions in the file.", USAGE) from refusal
    click.echo(said)


def text_of(paper: Paper) -> Iterator[str]:
    """The roll-up and those below it, in lines."""
    yield from _lines(paper, paper.rolled_up(), indent="")


def document_of(paper: Paper) -> dict[str, Any]:
    """The roll-up and those below it: the members of an outcome document, with names, trace and divergence beside."""
    from federation.assembly.divergence import divergence
    from federation.assembly.references import Reference
    from node.governance.outcomes import assembly_finding, outcome_governance

    rolled = paper.rolled_up()
    nowhere = Reference("", "")
    stated = outcome_governance(
        proposal=nowhere,
        body=paper.statute.assembly,
        finding=assembly_finding(rolled, {}, "", is_reported=True),
        closed_at=paper.statute.adopted_at,
    )
    beside = divergence(paper.rule, rolled.outcome, rolled.members)
    of_paper = {name: stated[name] for name in stated if name not in {"proposal", "statute", "closed_at", "ballots"}}
    return {
        "name": paper.statute.name,
        "mode": paper.statute.mode,
        **of_paper,
        "constituents": [
            {"name": line.name, **row} for line, row in zip(rolled.lines, stated["constituents"], strict=True)
        ],
        "reached": rolled.reached,
        "bodies": rolled.bodies,
        "trace": list(rolled.outcome.trace),
        "divergence": {"direct": beside.direct.state, "differs": beside.differs} if beside else None,
        "below": {body: document_of(each) for body, each in paper.below.items()},
    }


def _lines(paper: Paper, rolled: RollUp, *, indent: str) -> Iterator[str]:
    from federation.assembly.weighing.modes import denominator_of
    from node.governance.outcomes import sentence

    denominator = denominator_of(paper.statute)
    words = sentence(rolled.outcome, rolled.tally, rule=rolled.rule, denominator=denominator)
    yield f"{indent}{paper.statute.name}: {words}"
    turnout = f"{rolled.reached} of {rolled.bodies} bodies reported"
    yield f"{indent}  level {rolled.level}, mode {paper.statute.mode}; {turnout}"
    for step in rolled.outcome.trace:
        yield f"{indent}  {step}"
    for line in rolled.lines:
        yield f"{indent}  - {_constituent(line, denominator)}"
        if line.body in paper.vetoes:
            yield f"{indent}    vetoes: {paper.vetoes[line.body]}"
        if line.body in paper.below:
            yield from _lines(paper.below[line.body], paper.below[line.body].rolled_up(), indent=indent + "    ")
    yield from _divergence(paper, rolled, indent)


def _constituent(line: Line, denominator: int) -> str:
    from node.governance.outcomes import amount

    said = f", {line.choice}" if line.choice else ""
    split = line.split
    parted = f", split {split.in_favour} for, {split.against} against, {split.abstain} abstaining" if split else ""
    return f"{line.name}: weight {amount(line.weight, denominator)}, {line.status}{said}{parted}"


def _divergence(paper: Paper, rolled: RollUp, indent: str) -> Iterator[str]:
    from federation.assembly.divergence import divergence

    found, members = divergence(paper.rule, rolled.outcome, rolled.members), rolled.members
    if found is None or members is None:
        yield f"{indent}  Members directly: not all counts are known."
        return
    warning = "WARNING: the members decide otherwise than their bodies." if found.differs else "The bodies agree."
    yield (
        f"{indent}  Members directly: {members.in_favour} for, {members.against} against, {members.abstain} abstained: "
        f"{found.direct.state}. {warning}"
    )


COMMANDS = (roll_up,)
