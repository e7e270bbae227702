"""build_node(settings): the only file that picks concrete parts.

Called by the command line, the worker, the demo and tests.
"""

from __future__ import annotations

import os
import socket
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from federation.assembly.refusals import AssemblyRefusal
from federation.opening import Parts, open_federation
from federation.ports import Federation, Limits, Profile
from identity.keys.sealing import Sealer, load_or_create_secret
from node.context import Body, Node
from node.governance.refusals import Refusal
from node.in_process import InProcessWorker
from node.inbound import CONCERNED, LOCAL, handlers
from node.keyring import StoredKeyring
from node.metrics import Metrics, new_metrics
from node.services.house.addresses import addresses_of
from node.services.positions import headers_about
from node.services.setup import body_of
from storage.engine import Store, open_store
from storage.ephemeral.memory import MemoryEphemeral
from storage.migrate import upgrade

if TYPE_CHECKING:
    from collections.abc import Callable

    from node.settings import Settings
    from storage.engine import Listener
    from storage.ephemeral.ports import Ephemeral

SECRET_FILE = "secret.key"  # noqa: S105  # a file name


class NotInitialisedError(RuntimeError):
    """The data folder holds no body yet: run `rochdale init` first."""


@dataclass(slots=True)
class Running:
    """A node with the alarm clock that belongs to this process; `worker` is None where Celery runs the rows."""

    node: Node
    worker: InProcessWorker | None


def utc_now() -> datetime:
    """The clock of a running node."""
    return datetime.now(UTC)


async def build_node(settings: Settings, *, clock: Callable[[], datetime] = utc_now) -> Running:
    """A node ready to serve: schema current, keys opened, nothing started. Raises NotInitialisedError."""
    store = await open_prepared_store(settings)
    try:
        return await _assemble(settings, store, await _founded(settings, store), clock)
    except BaseException:
        await store.close()
        raise


async def _founded(settings: Settings, store: Store) -> Body:
    body = await body_of(store)
    if body is None:
        raise NotInitialisedError(f"no body in {settings.store_url}; run `rochdale init` first")
    return body


async def close_node(node: Node) -> None:
    """Close connections; everything that matters is already in rows."""
    await node.federation.close()
    await node.ephemeral.close()
    await node.store.close()


async def open_prepared_store(settings: Settings) -> Store:
    """The node's database at the current schema, made if it was not there."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    await upgrade(settings.store_url)
    return await open_store(settings.store_url, pool_size=settings.database_pool_size)


def open_sealer(settings: Settings) -> Sealer:
    """The sealer under the node's secret: from the setting, else from secret.key, made once."""
    given = settings.secret.get_secret_value()
    if given:
        return Sealer(bytes.fromhex(given))
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return Sealer(load_or_create_secret(settings.data_dir / SECRET_FILE))


async def _assemble(settings: Settings, store: Store, body: Body, clock: Callable[[], datetime]) -> Running:
    sealer = open_sealer(settings)
    keyring = StoredKeyring(sealer, store, (body.actor_id, f"{settings.origin}/actor"))
    await keyring.refresh()
    if body.actor_id != f"{settings.origin}/body":
        raise Refusal("origin-changed")
    worker, listener = _alarm(settings)
    store.listeners.append(listener)
    ephemeral, metrics = _ephemeral(settings), new_metrics()
    federation = open_federation(
        Parts(
            origin=settings.origin,
            profile=Profile(did=body.did, handle=body.handle, name=body.name, kind=body.kind),
            store=store,
            keyring=keyring,
            ephemeral=ephemeral,
            clock=clock,
            new_id=new_id,
            limits=_limits(settings),
            allow_loopback=settings.allow_loopback_peers,
            refusal_types=(Refusal, AssemblyRefusal),
        )
    )
    node = _node(settings, store, body, (sealer, keyring), (federation, ephemeral, metrics), clock)
    federation.handlers.update(handlers(node))
    federation.local, federation.concerned = LOCAL, CONCERNED
    federation.count = metrics.count_wire
    federation.headers_about = partial(headers_about, node)
    federation.addresses = partial(addresses_of, store)
    return Running(node, worker)


def _node(  # composition is the one place where everything meets
    settings: Settings,
    store: Store,
    body: Body,
    secrets: tuple[Sealer, StoredKeyring],
    parts: tuple[Federation, Ephemeral, Metrics],
    clock: Callable[[], datetime],
) -> Node:
    return Node(
        settings=settings,
        store=store,
        body=body,
        sealer=secrets[0],
        keyring=secrets[1],
        federation=parts[0],
        ephemeral=parts[1],
        metrics=parts[2],
        clock=clock,
        new_id=new_id,
    )


def worker_name() -> str:
    """Who claims rows: this process on this machine."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


def new_id() -> str:
    """A fresh random id for the tail of a URL."""
    return str(uuid.uuid4())


def _alarm(settings: Settings) -> tuple[InProcessWorker | None, Listener]:
    if settings.worker == "in-process":
        worker = InProcessWorker(name=worker_name())
        return worker, worker.wake
    from node.worker import waker

    return None, waker(settings)


def _ephemeral(settings: Settings) -> Ephemeral:
    if not settings.redis_url:
        return MemoryEphemeral()
    from storage.ephemeral.redis import RedisEphemeral

    return RedisEphemeral(settings.redis_url, prefix=f"rochdale:{settings.origin}:")


def _limits(settings: Settings) -> Limits:
    return Limits(
        delivery_lease_seconds=settings.lease_seconds,
        inbox_per_minute=settings.inbox_per_minute,
        inbox_backlog=settings.inbox_backlog,
        stranger_bytes_of_host=settings.stranger_host_mib * 1024**2,
        stranger_bytes=settings.strangers_mib * 1024**2,
        challenge_seconds=settings.challenge_seconds,
        retry_base_seconds=settings.retry_base_seconds,
        retry_cap_seconds=settings.retry_cap_seconds,
        delivery_hold_days=settings.delivery_hold_days,
    )
