"""A node's wire on a real port, and a scripted peer that signs, serves its actor and counts what it is asked.

Called by the tests of the peer doors and of the wire.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from federation.http.routes import FEDERATION, peer_routes
from federation.opening import Parts, open_federation
from federation.ports import ANY_KIND, Federation, Limits, Profile
from federation.vocabulary.actors import ActorKeys, body_document
from identity.http_signatures import cavage, rfc9421
from identity.keys.pairs import generate_ed25519, generate_rsa
from identity.proofs import eddsa_jcs_2022
from storage.ephemeral.memory import MemoryEphemeral
from tests.ports import unused_port

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from federation.receive.verify import VerifiedActivity
    from storage.engine import Store

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ACTIVITY = "application/activity+json"


@cache
def rsa_key(name: str) -> RSAPrivateKey:
    """One RSA key per name and test session; making one is slow."""
    return generate_rsa().private


@cache
def ed25519_key(name: str) -> Ed25519PrivateKey:
    """One Ed25519 key per name and test session."""
    return generate_ed25519().private


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **lengths: float) -> None:
        self.now += timedelta(**lengths)

    def seconds(self) -> float:
        return self.now.timestamp()


@dataclass(frozen=True)
class HeldKeys:
    """A keyring whose keys are known by the owner's name."""

    name: str

    def rsa(self, actor_id: str) -> tuple[str, RSAPrivateKey]:
        return f"{actor_id}#main-key", rsa_key(self.name)

    def ed25519(self, actor_id: str) -> tuple[str, Ed25519PrivateKey]:
        return f"{actor_id}#ed25519-key", ed25519_key(self.name)

    def ed25519_named(self, key_id: str) -> Ed25519PrivateKey | None:
        return ed25519_key(self.name) if key_id.endswith("/body#ed25519-key") else None

    async def published(self, actor_id: str, now: datetime) -> ActorKeys:  # noqa: ARG002  # these are never rotated
        (rsa_id, rsa), (ed25519_id, ed25519) = self.rsa(actor_id), self.ed25519(actor_id)
        return ActorKeys(rsa_id=rsa_id, rsa=rsa.public_key(), ed25519_id=ed25519_id, ed25519=ed25519.public_key())


@dataclass
class Wire:
    """A served Federation with its clock; `wakes` counts how often its worker would have been woken, by kind of job."""

    federation: Federation
    clock: Clock
    session: ClientSession
    wakes: Counter[str] = field(default_factory=Counter)

    @property
    def authority(self) -> str:
        return self.federation.origin.removeprefix("http://")

    async def post(self, body: bytes, headers: Mapping[str, str], *, path: str = "/inbox") -> Answer:
        async with self.session.post(self.federation.origin + path, data=body, headers=headers) as response:
            return Answer(response.status, response.headers.copy(), await response.read())

    async def get(self, path: str, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.get(self.federation.origin + path, headers=named) as response:
            return Answer(response.status, response.headers.copy(), await response.read())


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def code(self) -> str:
        return str(self.document["code"])


async def take(_: VerifiedActivity) -> None:
    """What a handler does that has nothing against an activity."""


@asynccontextmanager
async def wire(store: Store, *, limits: Limits | None = None, name: str = "here") -> AsyncIterator[Wire]:
    """A node's peer doors on a free loopback port."""
    clock, wakes, numbers = Clock(), Counter[str](), itertools.count(1)
    app = web.Application()
    app.add_routes(peer_routes())
    port = unused_port()
    server = TestServer(app, port=port)
    origin = f"http://127.0.0.1:{port}"
    federation = open_federation(
        Parts(
            origin=origin,
            profile=Profile(did=f"did:web:127.0.0.1%3A{port}", handle="coop", name="Test Co-op", kind="coop"),
            store=store,
            keyring=HeldKeys(name),
            ephemeral=MemoryEphemeral(clock=clock.seconds),
            clock=clock,
            new_id=lambda: f"{name}-{next(numbers)}",
            limits=limits or Limits(),
            allow_loopback=True,
            handlers={("Create", ANY_KIND): take},
        )
    )
    store.listeners.append(wakes.update)
    app[FEDERATION] = federation
    await server.start_server()
    async with ClientSession() as session:
        yield Wire(federation, clock, session, wakes)
    await federation.close()
    await server.close()


Reply = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Peer:
    """A peer on loopback. `pages` maps a path to what it serves; every request is counted in `asked`."""

    origin: str
    name: str
    pages: dict[str, Mapping[str, Any] | Reply]
    asked: Counter[str] = field(default_factory=Counter)
    received: list[tuple[web.Request, bytes]] = field(default_factory=list)
    answers: list[int | web.Response] = field(default_factory=list)

    @property
    def actor_id(self) -> str:
        return f"{self.origin}/body"

    @property
    def inbox(self) -> str:
        return f"{self.origin}/inbox"

    @property
    def keys(self) -> ActorKeys:
        return ActorKeys(
            rsa_id=f"{self.actor_id}#main-key",
            rsa=rsa_key(self.name).public_key(),
            ed25519_id=f"{self.actor_id}#ed25519-key",
            ed25519=ed25519_key(self.name).public_key(),
        )

    def actor(self, **members: Any) -> dict[str, Any]:
        profile = Profile(did="did:web:peer.example", handle=self.name, name=self.name, kind="coop")
        return body_document(self.origin, self.actor_id, profile, self.keys) | members

    def activity(self, **members: Any) -> dict[str, Any]:
        document = {
            "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/data-integrity/v2"],
            "id": f"{self.origin}/activities/1",
            "type": "Create",
            "actor": self.actor_id,
            "object": {
                "id": f"{self.origin}/notes/1",
                "type": "Note",
                "attributedTo": self.actor_id,
                "content": "hello",
            },
        } | members
        return {name: value for name, value in document.items() if value is not None}

    def proven(self, document: Mapping[str, Any], *, at: datetime = NOON) -> dict[str, Any]:
        return eddsa_jcs_2022.sign(
            document, key=ed25519_key(self.name), verification_method=self.keys.ed25519_id, created=at
        )

    def signed_headers(
        self, target: Wire, body: bytes, *, path: str = "/inbox", at: datetime | None = None, **changes: Any
    ) -> dict[str, str]:
        """The headers of a POST signed by this peer; `key_id` and `key` may be others."""
        headers = {"host": changes.get("host", target.authority), "content-type": ACTIVITY}
        return cavage.sign_request(
            method="POST",
            target=path,
            headers=headers,
            body=body,
            key_id=changes.get("key_id", self.keys.rsa_id),
            key=changes.get("key", rsa_key(self.name)),
            now=at or target.clock.now,
        )

    def message_headers(
        self, target: Wire, body: bytes, *, path: str = "/inbox", at: datetime | None = None, **changes: Any
    ) -> dict[str, str]:
        """The headers of a request signed by RFC 9421; `key_id`, `key`, `origin`, `method`, `challenge` may differ."""
        return {"host": target.authority, "content-type": ACTIVITY} | rfc9421.sign_request(
            method=changes.get("method", "POST"),
            target_uri=changes.get("origin", target.federation.origin) + path,
            headers={"content-type": ACTIVITY},
            body=body,
            key_id=changes.get("key_id", self.keys.ed25519_id),
            key=changes.get("key", ed25519_key(self.name)),
            now=at or target.clock.now,
            challenge=changes.get("challenge"),
        )

    async def send(self, target: Wire, document: Mapping[str, Any], *, path: str = "/inbox") -> Answer:
        body = as_bytes(document)
        return await target.post(body, self.signed_headers(target, body, path=path), path=path)


def as_bytes(document: Mapping[str, Any]) -> bytes:
    """The document as JSON bytes."""
    return json.dumps(document).encode()


@asynccontextmanager
async def peer(name: str = "peer") -> AsyncIterator[Peer]:
    """A peer that serves its actor at /body and takes what is posted to /inbox with 202, or with `answers` in turn."""
    app = web.Application(client_max_size=10 * 1024 * 1024)
    port = unused_port()
    server = TestServer(app, port=port)
    made = Peer(f"http://127.0.0.1:{port}", name, {})
    made.pages["/body"] = made.actor()

    async def serve(request: web.Request) -> web.StreamResponse:
        made.asked[request.path] += 1
        page = made.pages.get(request.path)
        if request.method == "POST" and not callable(page):
            made.received.append((request, await request.read()))
            answer = made.answers.pop(0) if made.answers else 202
            return web.Response(status=answer) if isinstance(answer, int) else answer
        if page is None:
            return web.Response(status=404)
        if callable(page):
            return await page(request)
        return web.json_response(page, content_type=ACTIVITY)

    app.router.add_route("*", "/{path:.*}", serve)
    await server.start_server()
    yield made
    await server.close()
