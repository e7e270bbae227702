"""Requests of this node to peers, each signed in the scheme its host is known to take (P6).

Called by fetch.documents for GET, by deliver.send for POST, and by receive.signatures with what peers sent us.

A POST begins with RFC 9421 where the peer says that it reads it (FEP-844e) or has sent it to us, and with Ed25519 where
that is proven; everything else begins with draft-cavage. A GET begins with draft-cavage whatever is said: some servers
answer a GET they cannot verify with 200 and a stripped actor. Only a refusal (400, 401) brings a second knock, in the
other scheme, once per host in `limits.signing_memory_seconds`; what it taught is kept as long, or until it gets a 401.
Both may be lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from federation.fetch.client import authority_of
from federation.receive.origins import host_of
from federation.vocabulary.actors import RFC9421, RFC9421_ED25519
from federation.vocabulary.reading import capabilities
from identity.http_signatures import cavage, rfc9421
from storage.neighbours import peers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from federation.fetch.client import PeerAnswer, PeerClient
    from federation.fetch.shelf import PeerKey
    from federation.ports import Federation, Keyring, Limits
    from identity.http_signatures.message_claim import Challenge
    from storage.engine import Store
    from storage.ephemeral.ports import Ephemeral

HINT_SECONDS = 3600
_REFUSALS = frozenset({400, 401})
_UNPROVEN = 401


class Scheme(StrEnum):
    """How a request is signed."""

    CAVAGE = "draft-cavage"
    MESSAGE_RSA = "rfc9421-rsa"
    MESSAGE_ED25519 = "rfc9421-ed25519"


_OTHER = {
    Scheme.CAVAGE: Scheme.MESSAGE_RSA,
    Scheme.MESSAGE_RSA: Scheme.CAVAGE,
    Scheme.MESSAGE_ED25519: Scheme.CAVAGE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A request of ours, unsigned. `actor_id` signs; `before` is called ahead of each knock and may raise."""

    method: str
    url: str
    actor_id: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    max_bytes: int | None = None
    before: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningClient:
    """Adapter over the client: signs, and remembers per host which scheme was taken after the other was refused."""

    client: PeerClient
    keyring: Keyring
    ephemeral: Ephemeral
    store: Store
    clock: Callable[[], datetime]
    limits: Limits

    async def send(self, request: Outgoing) -> PeerAnswer:
        """The answer to the request, after a second knock where one is due; raises FetchFailure when there is none.

        When both knocks are refused, the answer to the first is what counts. A 401 that asks for a nonce is answered.
        """
        first = await self._scheme(request)
        answer = await self._knock(request, first)
        if answer.status not in _REFUSALS:
            return answer
        asked = rfc9421.challenge_of(answer.headers, method=request.method, body=request.body)
        if asked is not None and asked.repeated and answer.status == _UNPROVEN:
            return await self._knock(request, _message_scheme(first), asked)
        return await self._second_knock(request, first, answer)

    async def _second_knock(self, request: Outgoing, first: Scheme, answer: PeerAnswer) -> PeerAnswer:
        host, memory, other = host_of(request.url), self.limits.signing_memory_seconds, _OTHER[first]
        if await self.ephemeral.seen(f"second-knock:{host}", memory):
            if answer.status == _UNPROVEN and await self.ephemeral.get(_learnt(host)) == first:
                # What was learnt does not hold, or did not this time: the next request begins with the other.
                await self.ephemeral.put(_learnt(host), other, memory)
            return answer
        second = await self._knock(request, other)
        if second.status in _REFUSALS:
            return answer
        await self.ephemeral.put(_learnt(host), other, memory)
        return second

    async def _scheme(self, request: Outgoing) -> Scheme:
        host = host_of(request.url)
        learnt = await self.ephemeral.get(_learnt(host))
        if learnt is not None:
            return Scheme(learnt)
        return await self._hinted(host) if request.method == "POST" else Scheme.CAVAGE

    async def _hinted(self, host: str) -> Scheme:
        """What the host sent us, else what its actors say they read; asked of the database once an hour."""
        hint = await self.ephemeral.get(_hint(host))
        if hint is not None:
            return Scheme(hint)
        actors = await self.store.read_together(peers.on_hosts, host)
        stated = [capabilities(peer.document) for peer in actors]
        stated_by_all = frozenset.intersection(*stated) if stated else frozenset()
        scheme = Scheme.MESSAGE_RSA if RFC9421 in stated_by_all else Scheme.CAVAGE
        if RFC9421_ED25519 in stated_by_all:
            scheme = Scheme.MESSAGE_ED25519
        await self.ephemeral.put(_hint(host), scheme, HINT_SECONDS)
        return scheme

    async def _knock(self, request: Outgoing, scheme: Scheme, challenge: Challenge | None = None) -> PeerAnswer:
        request.before()
        given = {**request.headers, "host": authority_of(self.client.checked(request.url))}
        headers = {**given, **self._signature(request, scheme, given, challenge)}
        if request.method == "POST":
            return await self.client.post(request.url, headers=headers, body=request.body)
        max_bytes = request.max_bytes or self.limits.fetch_bytes
        return await self.client.get(request.url, headers=headers, max_bytes=max_bytes)

    def _signature(
        self, request: Outgoing, scheme: Scheme, given: Mapping[str, str], challenge: Challenge | None
    ) -> dict[str, str]:
        target, now = self.client.checked(request.url), self.clock()
        if scheme is Scheme.CAVAGE:
            key_id, key = self.keyring.rsa(request.actor_id)
            return cavage.sign_request(
                method=request.method,
                target=target.raw_path_qs,
                headers=given,
                body=request.body,
                key_id=key_id,
                key=key,
                now=now,
            )
        held = self.keyring.ed25519 if scheme is Scheme.MESSAGE_ED25519 else self.keyring.rsa
        signing_id, signing_key = held(request.actor_id)
        return rfc9421.sign_request(
            method=request.method,
            target_uri=f"{target.scheme}://{given['host']}{target.raw_path_qs}",
            headers=given,
            body=request.body,
            key_id=signing_id,
            key=signing_key,
            now=now,
            challenge=challenge,
        )


async def note_scheme(federation: Federation, key: PeerKey) -> None:
    """Remember that the key's host signs by RFC 9421, and with which kind of key: it will read the same."""
    scheme = Scheme.MESSAGE_ED25519 if isinstance(key.public, Ed25519PublicKey) else Scheme.MESSAGE_RSA
    await federation.ephemeral.put(_hint(host_of(key.key_id)), scheme, federation.limits.signing_memory_seconds)


def _message_scheme(first: Scheme) -> Scheme:
    return Scheme.MESSAGE_RSA if first is Scheme.CAVAGE else first


def _learnt(host: str) -> str:
    return f"scheme-learnt:{host}"


def _hint(host: str) -> str:
    return f"scheme-hint:{host}"
