"""A server of the fediverse with any number of people on it, who speak as Mastodon, GoToSocial and Misskey do.

Called by the tests of this folder. Its activities carry no proofs: they are believed for their HTTP signatures.
"""

from __future__ import annotations

import itertools
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from federation.vocabulary.terms import AS2, PUBLIC, SECURITY_V1
from identity.keys.pem import public_pem
from tests.doors.peers import Answer, Peer, Wire, as_bytes, peer, rsa_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.federation.town import House

KEY = "fediverse"


@dataclass
class Server:
    """One host; `said` counts ids."""

    peer: Peer
    said: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def person(self, name: str) -> Person:
        """Somebody with an actor document here."""
        made = Person(self, name)
        self.peer.pages[f"/users/{name}"] = made.document
        return made

    def heard(self) -> list[dict[str, Any]]:
        """What was posted to this server, in order."""
        return [json.loads(body) for _, body in self.peer.received]


@dataclass
class Person:
    """One actor of a server."""

    server: Server
    name: str

    @property
    def id(self) -> str:
        return f"{self.server.peer.origin}/users/{self.name}"

    @property
    def document(self) -> dict[str, Any]:
        key = {"id": f"{self.id}#main-key", "owner": self.id, "publicKeyPem": public_pem(rsa_key(KEY).public_key())}
        return {
            "@context": [AS2, SECURITY_V1],
            "id": self.id,
            "type": "Person",
            "preferredUsername": self.name,
            "name": self.name.capitalize(),
            "inbox": f"{self.id}/inbox",
            "outbox": f"{self.id}/outbox",
            "endpoints": {"sharedInbox": self.server.peer.inbox},
            "publicKey": key,
        }

    def note(self, **members: Any) -> dict[str, Any]:
        """A note of this person with a fresh id."""
        note = {"id": f"{self.id}/notes/{next(self.server.said)}", "type": "Note", "attributedTo": self.id, **members}
        return {name: value for name, value in note.items() if value is not None}

    def activity(self, kind: str, about: Any, **members: Any) -> dict[str, Any]:
        """An activity of this person with a fresh id."""
        return {
            "@context": AS2,
            "id": f"{self.id}/activities/{next(self.server.said)}",
            "type": kind,
            "actor": self.id,
            "object": about,
            **members,
        }

    def answer(self, house: House, question: str, *options: str, **members: Any) -> dict[str, Any]:
        """An answer to a poll: one note for an option, as Mastodon sends it; several together, as GoToSocial does."""
        said = {"inReplyTo": question, "to": house.actor, **members}
        notes = [self.note(name=name, **said) for name in options]
        return self.activity("Create", notes[0] if len(notes) == 1 else notes, to=house.actor)

    def reply(self, to: str, content: str, **members: Any) -> dict[str, Any]:
        """A public note that answers something."""
        note = self.note(inReplyTo=to, content=content, to=[PUBLIC], **members)
        return self.activity("Create", note, to=[PUBLIC])

    async def send(self, house: House, document: dict[str, Any]) -> Answer:
        """Post it, signed by this person."""
        target = Wire(house.node.federation, house.town.clock, house.town.http)  # type: ignore[arg-type]  # two clocks, one shape
        body = as_bytes(document)
        headers = self.server.peer.signed_headers(target, body, key_id=f"{self.id}#main-key", key=rsa_key(KEY))
        return await target.post(body, headers)

    async def say(self, house: House, document: dict[str, Any]) -> None:
        """Post it and let the node act on it."""
        answer = await self.send(house, document)
        assert answer.status == 202, answer.body
        await house.town.settle()


@asynccontextmanager
async def fediverse(name: str = KEY) -> AsyncIterator[Server]:
    """A server that listens."""
    async with peer(name) as made:
        yield Server(made)
