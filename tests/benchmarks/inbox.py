"""Signed POSTs accepted per second, each durable before its 202, and offers applied; called by `__main__`."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from identity.keys.pem import public_pem
from tests.benchmarks.houses import another, house
from tests.benchmarks.rig.counterparts import fediverse
from tests.benchmarks.rig.load import CONNECTIONS, Load, send_all
from tests.benchmarks.rig.peers import measured_fedify
from tests.benchmarks.rig.processes import Meter, cores, served
from tests.benchmarks.rig.rows import Figure, Row, Scale
from tests.benchmarks.rig.senders import SENDERS, keys_of, note, offer
from tests.databases import PostgresqlDatabases
from tests.engines import Engine, Missing, ask_postgresql, postgresql, redis, run_apart
from tests.ports import unused_port

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.benchmarks.houses import House
    from tests.benchmarks.rig.senders import Making, Sender

FORGERIES = 5
LEAST_REQUESTS, MOST_REQUESTS = 20, 15_000
LOOK_SECONDS = 0.02
WARM_UP, V8_WARM_UP = 100, 500  # requests for each second of the load; V8 compiles what it has seen often
CALM = 0.8  # of the most that a server accepts
STEPS = {
    "read": "aiohttp that only reads the body",
    "check": "… and checks digest and signature",
    "group": "… and stores: SQLite FULL, group commit",
}
ASYNCPG = "… and stores: PostgreSQL by asyncpg, a commit each"
RECEIVED = "SELECT count(*) FROM activities WHERE direction = 'in'"
ONE = "one of them, the load on the other's core"
FEDIFY = "Fedify, stored before the 202 (SQLite FULL)"


@dataclass(frozen=True, slots=True)
class Target:
    """A server under load."""

    origin: str
    inbox: str
    pid: int


@dataclass(frozen=True, slots=True)
class Found:
    """How many activities a server accepted in all, and its figures under load."""

    accepted: int
    figure: Figure
    p99_ms: float
    calm_p99_ms: float = 0.0


async def measure(scale: Scale, say: Callable[[str], None]) -> list[Row]:
    """Our inbox against the ceilings and the peer; then offers, from POST to applied."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with fediverse() as others:
            senders = [others.sender(number) for number in range(SENDERS)]
            say("our node")
            ours, applied = await _ours(folder / "house", senders, scale, say)
            limits: dict[str, Found | str] = {}
            for step, text in STEPS.items():
                say(text)
                limits[text] = await _reference(step, folder, senders, scale)
            say(FEDIFY)
            limits[FEDIFY] = await _fedify(folder, senders, scale)
            grown = await _on_postgresql(folder, senders, scale, say)
            grown += await _shared(folder, senders, scale, say)
    calm = _calm_row(ours, limits[STEPS["group"]])
    return [*(_row(ours, text, limit) for text, limit in limits.items()), calm, *applied, *grown]


async def _on_postgresql(
    folder: Path, senders: Sequence[Sender], scale: Scale, say: Callable[[str], None]
) -> list[Row]:
    """Our inbox against the same steps by hand, both with PostgreSQL beside them; nothing where there is none."""
    engine = postgresql()
    if isinstance(engine, Missing):
        say(f"PostgreSQL is not measured: {engine.reason}")
        return []
    databases = PostgresqlDatabases(engine.url)
    try:
        say("our node on PostgreSQL")
        url = databases.take()
        async with house(folder / "grown", database_url=url) as node:
            ours = await _loaded(Target(node.settings.origin, node.inbox, node.pid), senders, scale)
        ((stored,),) = await asyncio.to_thread(run_apart, ask_postgresql(url, RECEIVED))
        if stored != ours.accepted:
            raise RuntimeError(f"{ours.accepted} activities were accepted, {stored} are stored")
        say(ASYNCPG)
        limit = await _reference("asyncpg", folder, senders, scale, database=databases.take())
    finally:
        databases.close()
    return [replace(_row(ours, ASYNCPG, limit), path="signed POSTs accepted, on PostgreSQL")]


async def _shared(folder: Path, senders: Sequence[Sender], scale: Scale, say: Callable[[str], None]) -> list[Row]:
    """Two web processes of one node beside one of them; nothing without PostgreSQL, Redis and two cores."""
    engines = postgresql(), redis()
    if any(isinstance(engine, Missing) for engine in engines) or len(cores()) < 2:
        say("Two processes are not measured: that takes PostgreSQL, Redis and two cores")
        return []
    databases = PostgresqlDatabases(cast("Engine", engines[0]).url)
    told = {"redis_url": cast("Engine", engines[1]).url, "allow_shared_port": True, "database_url": databases.take()}
    try:
        say("our node in one web process, then in two")
        async with house(folder / "shared", **told) as node:
            alone = await _rate(node, [node.pid], senders, scale)
            async with another(node) as second:
                both = await _rate(node, [node.pid, second], senders, scale)
    finally:
        databases.close()
    return [Row(path="signed POSTs accepted by two web processes", unit="per s", ours=both, against=ONE, limit=alone)]


async def _rate(node: House, pids: Sequence[int], senders: Sequence[Sender], scale: Scale) -> Figure:
    target = Target(node.settings.origin, node.inbox, node.pid)
    warm = await _accepted(target, _signed(senders, target.inbox, _requests(WARM_UP * scale.seconds)))
    requests = _signed(senders, target.inbox, _requests(warm.rate * scale.seconds))
    meter = Meter(*pids)
    load = await _accepted(target, requests)
    return meter.figure(items=len(requests), seconds=load.seconds)


def _calm_row(ours: Found, limit: Found | str) -> Row:
    return Row(
        path=f"p99 of accepting {CALM:.0%} of what each accepts at most",
        unit="ms",
        ours=Figure(value=ours.calm_p99_ms, peak_mib=ours.figure.peak_mib),
        against=STEPS["group"],
        limit=Figure(value=limit.calm_p99_ms) if isinstance(limit, Found) else None,
    )


def _row(ours: Found, against: str, limit: Found | str) -> Row:
    return Row(
        path=f"signed POSTs accepted (p99 {ours.p99_ms:.0f} ms with {CONNECTIONS} connections always busy)",
        unit="per s",
        ours=ours.figure,
        against=against,
        limit=limit.figure if isinstance(limit, Found) else None,
        remark="" if isinstance(limit, Found) else limit,
    )


async def _ours(
    folder: Path, senders: Sequence[Sender], scale: Scale, say: Callable[[str], None]
) -> tuple[Found, list[Row]]:
    async with house(folder) as node:
        target = Target(node.settings.origin, node.inbox, node.pid)
        ours = await _loaded(target, senders, scale)
        if node.received() != ours.accepted:
            raise RuntimeError(f"{ours.accepted} activities were accepted, {node.received()} are stored")
        await _until_decided(node)
        say("our node, offers applied")
        return ours, await _applied(node, target, senders, ours, scale)


async def _applied(node: House, target: Target, senders: Sequence[Sender], ours: Found, scale: Scale) -> list[Row]:
    """Offers from POST to applied; and those alone that wait when the last was accepted, as they are worked off."""
    requests = _signed(senders, target.inbox, _requests(ours.figure.value * scale.seconds / 2), offer)
    meter, started = Meter(target.pid), time.perf_counter()
    await _accepted(target, requests)
    rest, accepted = Meter(target.pid), time.perf_counter()
    waiting = await asyncio.to_thread(node.received, undecided_only=True)
    await _until_decided(node)
    ended = time.perf_counter()
    figures = {"offers received and applied by the rules": meter.figure(items=len(requests), seconds=ended - started)}
    if waiting >= LEAST_REQUESTS:
        figures["offers that wait, applied by the rules"] = rest.figure(items=waiting, seconds=ended - accepted)
    against = "the same node only accepting"
    return [
        Row(path=path, unit="per s", ours=figure, against=against, limit=ours.figure)
        for path, figure in figures.items()
    ]


async def _reference(step: str, folder: Path, senders: Sequence[Sender], scale: Scale, *, database: str = "") -> Found:
    port, keys = unused_port(), folder / "keys.json"
    pems = {sender.key_id: public_pem(keys_of(sender.number)[0].public_key()) for sender in senders}
    keys.write_text(json.dumps(pems), encoding="utf-8")
    command = [sys.executable, "-m", "tests.benchmarks.rig.reference", step, str(port), str(keys)]
    command.append(database or str(folder / "ref.db"))
    async with served(command, port, log=folder / "reference.log") as pid:
        origin = f"http://127.0.0.1:{port}"
        return await _loaded(Target(origin, f"{origin}/body/inbox", pid), senders, scale, refuses=step != "read")


async def _fedify(folder: Path, senders: Sequence[Sender], scale: Scale) -> Found | str:
    with measured_fedify(folder) as fedify:
        if isinstance(fedify, Missing):
            return f"not measured: {fedify.reason}"
        target = Target(fedify.origin, fedify.inbox, fedify.pid)
        found = await _loaded(target, senders, scale, warm_up=V8_WARM_UP)
        if (stored := (await fedify.shown("handled"))["handled"]) != found.accepted:
            raise RuntimeError(f"Fedify accepted {found.accepted} activities and stored {stored}")
        return found


async def _loaded(
    target: Target,
    senders: Sequence[Sender],
    scale: Scale,
    *,
    refuses: bool = True,
    warm_up: int = WARM_UP,
) -> Found:
    """Figures of a load of about `scale.seconds` after a warm-up. RuntimeError unless forgeries alone are refused."""
    if refuses:
        await _refuses_forgeries(target, senders)
    first = _signed(senders, target.inbox, _requests(warm_up * scale.seconds))
    warm = await _accepted(target, first)
    requests = _signed(senders, target.inbox, _requests(warm.rate * scale.seconds))
    meter = Meter(target.pid)
    load = await _accepted(target, requests)
    figure = meter.figure(items=len(requests), seconds=load.seconds)
    pace = CALM * load.rate
    calm = _signed(senders, target.inbox, _requests(pace * scale.seconds))
    slower = await _accepted(target, calm, pace=pace)
    return Found(len(first) + len(requests) + len(calm), figure, load.p99_ms, slower.p99_ms)


def _requests(wished: float) -> int:
    return min(MOST_REQUESTS, max(LEAST_REQUESTS, int(wished)))


def _signed(senders: Sequence[Sender], inbox: str, count: int, making: Making = note) -> list[bytes]:
    chosen = [senders[number % len(senders)] for number in range(count)]
    return [sender.signed(inbox, making(sender, uuid.uuid4().hex)) for sender in chosen]


async def _accepted(target: Target, requests: Sequence[bytes], *, pace: float = 0.0) -> Load:
    load = await send_all(target.origin, requests, pace=pace)
    if set(load.statuses) != {202}:
        raise RuntimeError(f"{target.inbox} answered {dict(load.statuses)}")
    return load


async def _refuses_forgeries(target: Target, senders: Sequence[Sender]) -> None:
    forged = [one.signed(target.inbox, note(one, uuid.uuid4().hex), forged=True) for one in senders[:FORGERIES]]
    load = await send_all(target.origin, forged)
    if set(load.statuses) != {401}:
        raise RuntimeError(f"{target.inbox} answered forgeries with {dict(load.statuses)}")


async def _until_decided(node: House) -> None:
    """Returns when handlers are done with all that came."""
    while await asyncio.to_thread(node.received, undecided_only=True):  # noqa: ASYNC110  # it is another process
        await asyncio.sleep(LOOK_SECONDS)
