"""`rochdale relief check`: the log of a relief folded again offline, with every signature and every plan recomputed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from node.cli.speaking import NO, USAGE, Stop
from node.governance.plain import in_a_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from federation.assembly.refusals import AssemblyRefusal
    from federation.assembly.relief.log_file import Header
    from federation.assembly.relief.state import State

LARGEST_LINE_BYTES = 64 * 1024 * 1024
TURNS = frozenset({"relief", "proposal", "outcome", "plan"})
"""Documents after which a relief may stand elsewhere; the last deliveries are told at the end."""


@click.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--trust", metavar="KEY", help="The assembly's key (z6Mk…): refuse a log that rests on others.")
@click.option("--json", "as_json", is_flag=True, help="What was found as JSON.")
def check(file: Path, trust: str | None, *, as_json: bool) -> None:
    """Check the log of a relief in FILE, offline: every signature, every rule, every plan.

    Prints each document in a sentence and where the relief stands, then VALID and exits 0, or INVALID with the first
    failing check and exits 1. FILE is what a node shows at /reliefs/…/log. A valid log proves what the holders of its
    keys said; compare the assembly's key with the one you know, or name it with --trust.
    """
    from federation.assembly.refusals import AssemblyRefusal

    said: list[str] = []
    try:
        with file.open("rb") as stream:
            header, state = _checked(stream, trust, said, is_quiet=as_json)
    except AssemblyRefusal as refusal:
        _say_invalid(refusal, len(said) + 1, as_json=as_json)
        raise click.exceptions.Exit(NO) from refusal
    except OSError as unreadable:
        raise Stop(
            f"{file} cannot be read: {unreadable.strerror}.", "Check the file and its rights.", USAGE
        ) from unreadable
    found = "\n".join(["VALID", *map(in_a_line, _ends(state)), in_a_line(f"  checked with {', '.join(header.keys)}")])
    click.echo(json.dumps(_document(header, state, len(said)), indent=2) if as_json else found)


def _checked(stream: BinaryIO, trust: str | None, said: list[str], *, is_quiet: bool) -> tuple[Header, State]:
    """The header and what the log adds up to, each line said as it is taken in; raises the first refusal."""
    from federation.assembly.refusals import ReliefRefusal
    from federation.assembly.relief.log_file import folded, read_header
    from node.governance.relief_words import STEPS, sentence

    header = read_header(stream.readline(LARGEST_LINE_BYTES))
    if trust is not None and trust not in header.keys:
        raise ReliefRefusal("relief-untrusted", ", ".join(header.keys))
    said.append("")
    step, state = None, None
    for line in folded(header, iter(lambda: stream.readline(LARGEST_LINE_BYTES), b"")):
        state = line.state
        said.append(in_a_line(sentence(state, line.document)))
        if not is_quiet:
            click.echo(f"{line.number:>6}  {said[-1]}")
        if not is_quiet and line.document["governance"]["kind"] in TURNS and state.step is not step:
            step = state.step
            click.echo(f"        → {STEPS[step]}")
    assert state is not None, "a log without a relief is refused"
    return header, state


def _ends(state: State) -> Iterator[str]:
    """Where the relief stands, and every transfer of the plan in force."""
    from node.governance.relief_words import STEP_SENTENCES, WAYS, goods_of, name_in

    yield f"  {STEP_SENTENCES[state.step]}"
    plan = state.plan_in_force
    for body in state.left_out(plan) if plan else ():
        yield f"  The plan does not rest on the last stock of {name_in(state, body)}."
    for each in state.moved(plan) if plan else ():
        transfer = each.transfer
        moved = goods_of(state, transfer.good, transfer.amount)
        lost = f", {each.missing:,} did not arrive" if each.missing else ""
        yield (
            f"  {transfer.number:>5}  {name_in(state, transfer.giver)} gives {moved} to "
            f"{name_in(state, transfer.taker)}: {WAYS[each.way]}{lost}"
        )


def _document(header: Header, state: State, lines: int) -> dict[str, Any]:
    plan = state.plan_in_force
    return {
        "valid": True,
        "relief": header.relief.to_document(),
        "keys": list(header.keys),
        "lines": lines,
        "step": state.step,
        "plan": {"version": plan.version, **plan.ref.to_document()} if plan else None,
        "left_out": list(state.left_out(plan)) if plan else [],
        "transfers": [
            {
                "number": each.transfer.number,
                "giver": each.transfer.giver,
                "taker": each.transfer.taker,
                "good": each.transfer.good,
                "amount": each.transfer.amount,
                "state": each.way,
                "sent": each.sent.amount if each.sent else None,
                "arrived": each.arrived.amount if each.arrived else None,
            }
            for each in (state.moved(plan) if plan else ())
        ],
    }


def _say_invalid(refusal: AssemblyRefusal, number: int, *, as_json: bool) -> None:
    failure = {"line": number, "code": refusal.code, "text": refusal.explained}
    if as_json:
        click.echo(json.dumps({"valid": False, "failure": failure}, indent=2))
        return
    click.echo(f"INVALID\n  first failing check: {refusal.code}, line {number}\n  {in_a_line(refusal.explained)}")
