"""`rochdale init`: a body, its keys, its database and its first operator, once; `serve` founds one the same way."""

from __future__ import annotations

import json
import sys
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import click

from node.cli.bylaws import OF_BYLAWS, bylaw_options, said_bylaws
from node.cli.logs import quiet_logs
from node.cli.opening import data_option, run_async, settings_at
from node.cli.speaking import NO, USAGE, Stop

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from node.settings import Settings

HOUR_SECONDS = 3600
DAY_SECONDS = 86_400
OF_ASSEMBLIES = {"weight_denominator": "--weight-denominator", "margin_seconds": "--margin-seconds"}
Kind = Literal["coop", "assembly"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstRun:
    """What the founders say."""

    name: str
    handle: str
    kind: Kind
    rule: str | dict[str, Any]
    window_days: int
    operator: str
    passphrase: str
    mode: str = "weights"
    terms: Mapping[str, Any] = field(default_factory=dict)
    weight_denominator: int = 1
    margin_seconds: int = HOUR_SECONDS


@click.command("init")
@data_option
@click.option("--name", help="The body's name, as members know it.")
@click.option("--handle", help="Short name in addresses: small letters, digits and hyphens.")
@click.option("--kind", type=click.Choice(["coop", "assembly"]), help="coop: members decide; assembly: co-ops decide.")
@click.option("--origin", help="Public address, https://coop.example. Part of every id, so it can never change.")
@click.option(
    "--rule",
    default="majority",
    show_default=True,
    help="What proposals follow unless they say else: a preset, or the least share that must be for it, as 55/100.",
)
@click.option(
    "--window-days", default=7, show_default=True, type=click.IntRange(1, 14), help="Days a proposal is open."
)
@bylaw_options
@click.option(
    "--weight-denominator",
    type=click.IntRange(1, 1_000_000),
    help="For an assembly: weights are whole numbers, and this many count as 1.0 when shown (10 makes 9 read 0.9).",
)
@click.option(
    "--margin-seconds",
    type=click.IntRange(0, 7 * DAY_SECONDS),
    help="For an assembly: how long before its own close the co-ops close, so that what they decided arrives in time "
    "(default: 3600, an hour).",
)
@click.option("--operator", help="Sign-in name of the first operator.")
@click.option("--passphrase-stdin", is_flag=True, help="Read the operator's passphrase from standard input.")
@click.option("--database-url", help="postgresql://… (default: SQLite in the data folder).")
@click.option("--redis-url", help="redis://… (default: memory of one process).")
def init(data: Path | None, origin: str | None, **said: Any) -> None:
    """Set up a node: its data folder, secret, keys, database and first operator.

    Asks for what the options leave open. A folder that holds a node already is left as it is.
    """
    quiet_logs()
    told: dict[str, Any] = {"origin": origin, "database_url": said["database_url"], "redis_url": said["redis_url"]}
    settings = settings_at(data, **told)
    if origin is None and "origin" not in settings.model_fields_set:
        settings = settings_at(data, **{**told, "origin": _asked("Public address of this node", settings.origin)})
    if run_async(is_set_up(settings)):
        happened = f"There is a node in {settings.data_dir} already; it was left as it is."
        raise Stop(happened, "Start it with `rochdale serve`, or name another --data folder.", NO)
    set_up(settings, ask_founders(said), told)
    click.echo(f"Next: rochdale serve --data {settings.data_dir}")


def ask_founders(said: dict[str, Any]) -> FirstRun:
    """What the options say, and answers to questions for the rest."""
    name = said.get("name") or _asked("Name of your co-op", "")
    proposed = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name.lower()).strip("-")
    handle = said.get("handle") or _asked("Short name in addresses", proposed or "coop")
    kind: Kind = "assembly" if said.get("kind") == "assembly" else "coop"
    window_days = said.get("window_days") or 7
    terms = _terms(said, kind, window_days)
    operator = said.get("operator") or _asked("Sign-in name of the first operator", "operator")
    return FirstRun(
        name=name,
        handle=handle,
        kind=kind,
        rule=_rule(said.get("rule") or "majority", kind),
        window_days=window_days,
        operator=operator,
        passphrase=asked_passphrase(from_stdin=bool(said.get("passphrase_stdin"))),
        **terms,
    )


def _terms(said: Mapping[str, Any], kind: Kind, window_days: int) -> dict[str, Any]:
    """How an assembly weighs and waits, as far as it was said; somebody who is there is asked for the rest."""
    if kind == "coop":
        told = [option for name, option in {**OF_BYLAWS, **OF_ASSEMBLIES}.items() if said.get(name) is not None]
        if told:
            named = ", ".join(told)
            raise Stop(f"{named}: only an assembly has this.", "Add --kind assembly, or leave it out.", USAGE)
        return {}
    terms = {name: said[name] for name in OF_ASSEMBLIES if said.get(name) is not None} | said_bylaws(said)
    if sys.stdin.isatty() and "weight_denominator" not in terms and terms.get("mode") != "heads":
        question = "Weights are whole numbers; how many count as 1.0 (10 makes 9 read 0.9)"
        terms["weight_denominator"] = click.prompt(question, default=1, type=click.IntRange(1, 1_000_000))
    if terms.get("margin_seconds", HOUR_SECONDS) >= window_days * DAY_SECONDS:
        raise Stop("The margin leaves the co-ops no time to decide.", "Make it shorter than the window.", USAGE)
    return terms


def _rule(said: str, kind: Kind) -> str | dict[str, Any]:
    """A preset by its name, or a share: of bodies bound by it more than half is of all weight, lest silence help."""
    if "/" not in said and "%" not in said:
        return said
    from federation.assembly.bylaws.choosing import rule_said, share_said
    from federation.assembly.refusals import AssemblyRefusal
    from federation.assembly.rules import Base

    try:
        is_of_all = kind == "assembly" and 2 * share_said(said) > 1
        return rule_said(said, of=Base.ELECTORATE if is_of_all else Base.DECISIVE)
    except AssemblyRefusal as refusal:
        raise Stop(refusal.explained, "Write it like 55/100, or name a preset.", USAGE) from refusal


def asked_passphrase(*, from_stdin: bool) -> str:
    """A passphrase from standard input, or typed twice."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise Stop("A passphrase is needed and nobody is there to type it.", "Use --passphrase-stdin.", USAGE)
    typed: str = click.prompt("Passphrase (four or five words do)", hide_input=True, confirmation_prompt=True)
    return typed


def set_up(settings: Settings, first: FirstRun, told: Mapping[str, str | int | None]) -> None:
    """Found the body with its first operator; what was `told`, and its address, go into the settings file."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    run_async(_found(settings, first))
    _write_file(settings, {**told, "origin": settings.origin, "listen_port": _loopback_port(settings)})
    click.echo(f"{first.name} is set up in {settings.data_dir} as {settings.origin}")
    click.echo(f"First operator: {first.operator}")


async def is_set_up(settings: Settings) -> bool:
    """Whether the database of these settings holds a body; makes nothing."""
    from node.services.setup import body_of
    from storage import migrate
    from storage.engine import open_store

    if not settings.database_url and not (settings.data_dir / "node.db").exists():
        return False
    if await migrate.current(settings.store_url) is None:
        return False
    await migrate.upgrade(settings.store_url)
    store = await open_store(settings.store_url)
    try:
        return await body_of(store) is not None
    finally:
        await store.close()


async def _found(settings: Settings, first: FirstRun) -> None:
    from node.services.setup import Founding, found_body
    from node.wiring import open_prepared_store, open_sealer, utc_now

    founding = Founding(
        name=first.name,
        handle=first.handle,
        kind=first.kind,
        rule=first.rule,
        window_seconds=first.window_days * DAY_SECONDS,
        mode=first.mode,
        terms=first.terms,
        weight_denominator=first.weight_denominator,
        margin_seconds=first.margin_seconds,
        operator=first.operator,
        passphrase=first.passphrase,
    )
    store = await open_prepared_store(settings)
    try:
        await found_body(store, open_sealer(settings), settings=settings, founding=founding, now=utc_now())
    finally:
        await store.close()


def _write_file(settings: Settings, told: Mapping[str, str | int | None]) -> None:
    """What was said at set-up into rochdale.toml, for the owner only; lines that stand there already are kept."""
    from node.settings import SETTINGS_FILE

    file = settings.data_dir / SETTINGS_FILE
    kept = file.read_text(encoding="utf-8") if file.exists() else ""
    known = tomllib.loads(kept)
    new = [f"{name} = {json.dumps(value)}" for name, value in told.items() if value and name not in known]
    file.touch(mode=0o600)
    file.write_text("\n".join([*kept.splitlines(), *new]) + "\n", encoding="utf-8")


def _loopback_port(settings: Settings) -> int | None:
    from urllib.parse import urlsplit

    return urlsplit(settings.origin).port if settings.is_loopback else None


def _asked(question: str, proposed: str) -> str:
    """An answer; where nobody is there to give one, what is proposed."""
    if sys.stdin.isatty():
        answer: str = click.prompt(question, default=proposed or None)
        return answer
    if not proposed:
        raise Stop(f"{question}: nobody is there to answer.", "Give it as an option: `rochdale init --help`.", USAGE)
    return proposed


COMMANDS = (init,)
