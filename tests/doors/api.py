"""A founded node serving its member door on a real port, and a member's client for it.

Called by the tests of the member door.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from aiohttp import ClientSession, CookieJar, web
from aiohttp.test_utils import TestServer

from node.app import build_app, server_options
from node.services.setup import Founding, found_body
from node.settings import SETTINGS_FILE, Settings
from node.wiring import build_node, open_prepared_store, open_sealer
from storage.records import ActivityRecord, DeliveryRecord, SettledDelivery
from storage.work import activities, deliveries
from tests.ports import unused_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from multidict import CIMultiDictProxy

    from node.context import Node
    from storage.engine import Tx

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PASSPHRASE = "correct horse battery"
DAY_SECONDS = 86_400


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(frozen=True)
class Answer:
    """What came back: `body` is the JSON, None where there is none."""

    status: int
    headers: CIMultiDictProxy[str]
    body: Any

    @property
    def code(self) -> str:
        return str(self.body["code"])


@dataclass
class Client:
    """One person at the door: with a token once signed in."""

    http: ClientSession
    door: str
    headers: dict[str, str] = field(default_factory=dict)
    token: str = ""
    csrf: str = ""

    async def ask(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **how: Any) -> Answer:
        sent = {**self.headers, **(headers or {})}
        async with self.http.request(method, f"{self.door}/{path}", headers=sent, **how) as answer:
            text = await answer.text()
            body = await answer.json(content_type=None) if text else None
            return Answer(answer.status, answer.headers, body)

    async def get(self, path: str, **how: Any) -> Answer:
        return await self.ask("GET", path, **how)

    async def post(self, path: str, body: Any = None, **how: Any) -> Answer:
        return await self.ask("POST", path, json={} if body is None else body, **how)

    async def delete(self, path: str, **how: Any) -> Answer:
        return await self.ask("DELETE", path, **how)

    async def sign_in(self, name: str, passphrase: str = PASSPHRASE) -> Client:
        """A second client of the same door, signed in."""
        answer = await self.post("session", {"name": name, "passphrase": passphrase, "label": "test"})
        assert answer.status == 201, answer.body
        token = answer.body["token"]
        signed = {"Authorization": f"Bearer {token}"}
        return Client(self.http, self.door, signed, token=token, csrf=answer.body["csrf_token"])


@dataclass
class Served:
    """A running node with its first operator `ada` and the member `blai`, both signed in; `anybody` is not."""

    node: Node
    clock: Clock
    anybody: Client
    ada: Client
    blai: Client

    async def opened_proposal(self, **written: Any) -> str:
        """The key of a proposal that takes ballots."""
        text = {"title": "A new oven", "text": "We buy the oven of the bakery that closes.", **written}
        key = str((await self.blai.post("proposals", text)).body["key"])
        await self.blai.post(f"proposals/{key}/submit")
        opened = await self.ada.post(f"proposals/{key}/open")
        assert opened.body["state"] == "open", opened.body
        return key


async def given_up(tx: Tx) -> int:
    """The number of a delivery to peer.example that its inbox refused for good."""
    activity = ActivityRecord(
        id="https://here.example/activities/1",
        direction="out",
        type="Create",
        actor_id="https://here.example/body",
        raw="{}",
        received_at=NOON,
        is_public=False,
        state="dispatched",
    )
    delivery = DeliveryRecord(
        activity_id=activity.id,
        inbox="https://peer.example/inbox",
        host="peer.example",
        ordering_key=activity.id,
        next_attempt_at=NOON,
        created_at=NOON,
    )
    await activities.add(tx, activity)
    await deliveries.add_all(tx, [delivery])
    [stored] = await deliveries.for_activity(tx, activity.id)
    await deliveries.settle_all(tx, [SettledDelivery(stored.id, "failed", NOON, 410, "410: Gone")])
    return stored.id


def quick_settings(folder: Path, *, database_url: str = "", port: int = 0, **told: Any) -> Settings:
    """Settings of a test node: light argon2, many sign-ins."""
    chosen = port or unused_port()
    return Settings(
        **{
            "data_dir": folder,
            "origin": f"http://127.0.0.1:{chosen}",
            "listen_port": chosen,
            "database_url": database_url,
            "allow_loopback_peers": True,
            "passphrase_rounds": 1,
            "passphrase_memory_kib": 64,
            "sign_in_per_minute": 1000,
            "log_level": "error",
            **told,
        }
    )


async def found(settings: Settings, **said: Any) -> None:
    """What `rochdale init` does."""
    founding = Founding(
        **{"name": "Gràcia", "handle": "gracia", "kind": "coop", "operator": "ada", "passphrase": PASSPHRASE, **said}
    )
    store = await open_prepared_store(settings)
    try:
        await found_body(store, open_sealer(settings), settings=settings, founding=founding, now=NOON)
    finally:
        await store.close()
    (settings.data_dir / SETTINGS_FILE).write_text(f'origin = "{settings.origin}"\n', encoding="utf-8")


@asynccontextmanager
async def served_node(settings: Settings, **said: Any) -> AsyncIterator[Served]:
    """A founded node on its port; its clock stands still at noon."""
    clock = Clock()
    await found(settings, **said)
    running = await build_node(settings, clock=clock)
    app: web.Application = build_app(running)
    server = TestServer(app, host="127.0.0.1", port=settings.listen_port)
    await server.start_server(**server_options())
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as http:
        anybody = Client(http, f"{settings.origin}/api/v1")
        ada = await anybody.sign_in("ada")
        enrolled = await ada.post("members", {"name": "blai", "display_name": "Blai", "passphrase": PASSPHRASE})
        assert enrolled.status == 201, enrolled.body
        try:
            yield Served(running.node, clock, anybody, ada, await anybody.sign_in("blai"))
        finally:
            await server.close()
