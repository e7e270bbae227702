"""`rochdale serve`, and in grown mode `worker` and `beat`: what keeps running."""

from __future__ import annotations

import secrets
import sys
from typing import TYPE_CHECKING

import click

from node.cli.init import FirstRun, ask_founders, is_set_up, set_up
from node.cli.logs import logs_for
from node.cli.opening import data_option, run_async, run_loop, settings_at
from node.cli.speaking import FAULT, NO, USAGE, Stop

if TYPE_CHECKING:
    from pathlib import Path

    from node.settings import Settings


@click.command("serve")
@data_option
@click.option("--host", help="Address to listen on (setting listen_host).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on (setting listen_port).")
def serve(data: Path | None, host: str | None, port: int | None) -> None:
    """Serve the node until SIGTERM or Ctrl-C, finishing requests and running work first.

    On a machine of your own (loopback origin) a folder without a node is set up on the way.
    """
    settings = settings_at(data, listen_host=host, listen_port=port)
    logs_for(settings)
    if not run_async(is_set_up(settings)):
        if "origin" not in settings.model_fields_set and settings.listen_port:  # where it listens is its address
            origin = f"http://127.0.0.1:{settings.listen_port}"
            settings = settings_at(data, listen_host=host, listen_port=port, origin=origin)
        _first_run(settings)
    run_loop(_serve(settings))


@click.command("worker")
@data_option
@click.option("--processes", default=2, show_default=True, type=click.IntRange(1, 64), help="Celery child processes.")
@click.option("--beat", "has_beat", is_flag=True, help="Also run the clock; for one worker of the node at most.")
def worker(data: Path | None, processes: int, *, has_beat: bool) -> None:
    """Run background work of the grown mode: a Celery worker on the node's queue."""
    from node.worker import celery_app

    settings = _grown(settings_at(data))
    told = ["worker", "--concurrency", str(processes), "--loglevel", settings.log_level.upper(), "--without-gossip"]
    if has_beat:
        told += ["--beat", "--schedule", str(_schedule(settings))]
    celery_app(settings).worker_main(told)


@click.command("beat")
@data_option
def beat(data: Path | None) -> None:
    """Run the grown mode's clock: exactly one per node (or `worker --beat`). It asks workers to look for due work."""
    from node.worker import celery_app

    settings = _grown(settings_at(data))
    celery_app(settings).Beat(schedule=str(_schedule(settings)), loglevel=settings.log_level.upper()).run()


async def _serve(settings: Settings) -> None:
    from node.app import serve_until_stopped
    from node.wiring import build_node

    running = await build_node(settings)
    click.echo(f"{running.node.body.name} at {settings.origin}", err=True)
    try:
        await serve_until_stopped(running)
    except OSError as taken:
        if isinstance(taken, ConnectionError | TimeoutError):  # the database went away as we started
            raise
        happened = f"Cannot listen on {settings.listen_host}:{settings.listen_port}: {taken.strerror or taken}."
        raise Stop(happened, "Stop what listens there, or choose another --port.", FAULT) from taken


def _schedule(settings: Settings) -> Path:
    """Where Celery notes when it last rang."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return settings.data_dir / "beat-schedule"


def _first_run(settings: Settings) -> None:
    """Set up on the way: questions when somebody is there, else a co-op with a made-up passphrase on loopback only."""
    if sys.stdin.isatty():
        click.echo(f"There is no node in {settings.data_dir} yet; a few questions first.", err=True)
        set_up(settings, ask_founders({}), {})
        return
    if not settings.is_loopback:
        raise Stop(f"There is no node in {settings.data_dir} yet.", "Run `rochdale init` first.", NO)
    made = FirstRun(
        name="My co-op",
        handle="coop",
        kind="coop",
        rule="majority",
        window_days=7,
        operator="operator",
        passphrase=secrets.token_urlsafe(12),
    )
    set_up(settings, made, {})
    click.echo(f"Passphrase, shown this once: {made.passphrase}")


def _grown(settings: Settings) -> Settings:
    if settings.worker != "celery":
        advice = (
            "Set ROCHDALE_WORKER=celery and ROCHDALE_REDIS_URL; without them `rochdale serve` does this work itself."
        )
        raise Stop("This node runs its background work inside `rochdale serve`.", advice, USAGE)
    logs_for(settings)
    return settings


COMMANDS = (serve, worker, beat)
