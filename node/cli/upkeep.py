"""`rochdale migrate` and `rochdale doctor`: the database brought up to date, and everything looked at once."""

from __future__ import annotations

import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from node.cli.logs import quiet_logs
from node.cli.opening import data_option, run_async, settings_at
from node.cli.speaking import NO

if TYPE_CHECKING:
    from pathlib import Path

    from node.settings import Settings

WELL, NOTE, WRONG = "ok", "note", "wrong"
COLOURS = {WELL: "green", NOTE: "yellow", WRONG: "red"}
YOUNGEST_PYTHON = (3, 11)
REACH_SECONDS = 5.0
YEAR_OF_THIS_RELEASE = 2026


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; `advice` says what to do about it."""

    state: str
    text: str
    advice: str = ""


Check = Callable[["Settings"], Awaitable[Finding]]


@click.command("migrate")
@data_option
def migrate(data: Path | None) -> None:
    """Bring the database to the schema this version needs, as `serve` does when it starts. Repeating is harmless."""
    quiet_logs()
    settings = settings_at(data)
    before, after = run_async(_migrate(settings))
    click.echo(f"The database was at {before or 'nothing'} and is now at {after}.")


@click.command("doctor")
@data_option
def doctor(data: Path | None) -> None:
    """Look at everything this node needs and say what to do about what is not well. Exits 1 if something is wrong."""
    quiet_logs()
    settings = settings_at(data)
    findings = [run_async(_asked(check, settings)) for check in CHECKS]
    for finding in findings:
        click.echo(click.style(f"{finding.state:5}", fg=COLOURS[finding.state]) + f" {finding.text}")
        if finding.advice:
            click.echo(f"      {finding.advice}")
    if any(finding.state == WRONG for finding in findings):
        raise click.exceptions.Exit(NO)


async def _migrate(settings: Settings) -> tuple[str | None, str]:
    from storage import migrate as steps

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    before = await steps.current(settings.store_url)
    await steps.upgrade(settings.store_url)
    return before, steps.head()


async def _asked(check: Check, settings: Settings) -> Finding:
    try:
        return await check(settings)
    except Exception as fault:  # noqa: BLE001  # a check that breaks is itself the finding
        return Finding(WRONG, f"{(check.__doc__ or '').strip('.')}: {fault}", "This check itself broke; report it.")


async def _python(_: Settings) -> Finding:
    """Python."""
    text = f"Python {sys.version.split()[0]}"
    is_new = sys.version_info >= YOUNGEST_PYTHON
    return Finding(WELL, text) if is_new else Finding(WRONG, text, "Install Python 3.11 or newer.")


async def _database(settings: Settings) -> Finding:
    """Database."""
    from node.cli.settings import masked
    from storage import migrate as steps

    where = masked(settings.store_url)
    if not settings.database_url and not (settings.data_dir / "node.db").exists():
        return Finding(WRONG, f"there is no database at {where}", "Run `rochdale init`.")
    try:
        current = await steps.current(settings.store_url)
    except Exception as fault:  # noqa: BLE001  # whatever a driver raises, the finding is the same
        return Finding(WRONG, f"the database {where} does not answer: {fault}", "Start it, or correct database_url.")
    if current != steps.head():
        return Finding(WRONG, f"database {where} is at {current}, not {steps.head()}", "Run `rochdale migrate`.")
    return Finding(WELL, f"database {where} answers, schema {current}")


async def _body(settings: Settings) -> Finding:
    """Body."""
    from node.cli.init import is_set_up

    if await is_set_up(settings):
        return Finding(WELL, "the body is set up")
    return Finding(WRONG, "no body is set up", "Run `rochdale init`.")


async def _secret(settings: Settings) -> Finding:
    """Secret."""
    from node.wiring import SECRET_FILE

    if settings.secret.get_secret_value():
        return Finding(WELL, "the secret comes from the setting")
    file = settings.data_dir / SECRET_FILE
    if not file.exists():
        return Finding(
            WRONG, f"{file} is missing", "Without it the sealed keys cannot be opened: restore it from backup."
        )
    mode = file.stat().st_mode & 0o777
    if mode & 0o077:
        return Finding(WRONG, f"{file} may be read by others (mode {mode:o})", f"Run `chmod 600 {file}`.")
    return Finding(WELL, f"{file} is readable by its owner only")


async def _clock(settings: Settings) -> Finding:
    """Clock."""
    now = time.gmtime()
    database = settings.data_dir / "node.db"
    is_behind = database.exists() and database.stat().st_mtime > time.time() + 1
    if now.tm_year < YEAR_OF_THIS_RELEASE or is_behind:
        return Finding(
            WRONG, f"the clock says {time.asctime(now)} UTC", "Set it by NTP: peers refuse signatures by it."
        )
    return Finding(WELL, f"the clock says {time.asctime(now)} UTC")


async def _origin(settings: Settings) -> Finding:
    """Origin."""
    import aiohttp

    timeout = aiohttp.ClientTimeout(total=REACH_SECONDS)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as http, http.get(f"{settings.origin}/healthz") as answer:
            if answer.ok:
                return Finding(WELL, f"{settings.origin} answers")
            text = f"{settings.origin} answers {answer.status}"
            return Finding(NOTE, text, "Something else may listen there, or the proxy does not reach the node.")
    except (aiohttp.ClientError, TimeoutError):
        text = f"{settings.origin} does not answer from here"
        return Finding(NOTE, text, "Right while the node is stopped; otherwise look at proxy and DNS.")


async def _queue(settings: Settings) -> Finding:
    """Short memory."""
    if not settings.redis_url:
        return Finding(WELL, "embedded mode: no Redis needed, background work runs in `rochdale serve`")
    from node.cli.settings import masked
    from storage.ephemeral.redis import RedisEphemeral

    memory = RedisEphemeral(settings.redis_url)
    try:
        await memory.get("doctor")
    except Exception as fault:  # noqa: BLE001  # whatever the client raises, the finding is the same
        return Finding(WRONG, str(fault), "Start Redis; until then work is delayed, never lost.")
    finally:
        await memory.close()
    return Finding(WELL, f"Redis {masked(settings.redis_url)} answers")


async def _second_reader(_: Settings) -> Finding:
    """Second reader of credentials."""
    from importlib.util import find_spec

    if find_spec("didkit") is not None:
        return Finding(WELL, "DIDKit is installed: credentials get a second reading")
    return Finding(NOTE, "DIDKit is not installed", "Nothing is missing: it is an optional second reader.")


CHECKS: tuple[Check, ...] = (_python, _database, _body, _secret, _clock, _origin, _queue, _second_reader)
COMMANDS = (migrate, doctor)
