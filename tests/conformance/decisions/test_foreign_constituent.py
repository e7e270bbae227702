"""A body that is no node of ours, written from docs/reference/decisions-protocol.md, decides in an assembly of ours.

It shares nothing with our code but the arithmetic of Ed25519, and knows nothing that the page does not say.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from node.governance.evidence import verify_bundle
from tests.federation.conftest import town
from tests.federation.ends.saying import evidence_of
from tests.federation.town import cast, open_question
from tests.ports import unused_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from tests.federation.town import House, Town

__all__ = ["town"]

ACTIVITY = "application/activity+json"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
DAY = 86_400
CONTEXT: list[Any] = [
    "https://www.w3.org/ns/activitystreams",
    "https://w3id.org/security/data-integrity/v2",
    {
        "rochdale": "https://w3id.org/rochdale/v1#",
        "governance": {"@id": "rochdale:governance", "@type": "@json"},
    },
]
POLL: list[Any] = [
    *CONTEXT[:2],
    {**CONTEXT[2], "toot": "http://joinmastodon.org/ns#", "votersCount": "toot:votersCount"},
]
MAJORITY = {
    "method": "threshold", "preset": "majority", "threshold": "1/2", "strict": True, "of": "decisive",
    "quorum": None, "tie": "status_quo", "closes_early": False,
}  # fmt: skip
LETTERS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def base58(content: bytes) -> str:
    number, text = int.from_bytes(content), ""
    while number:
        number, rest = divmod(number, 58)
        text = LETTERS[rest] + text
    return "1" * (len(content) - len(content.lstrip(b"\0"))) + text


def multibase(key: Ed25519PrivateKey) -> str:
    return "z" + base58(b"\xed\x01" + key.public_key().public_bytes_raw())


def canonical(value: Any) -> bytes:
    """RFC 8785 for what is written here: ASCII names, integers, no numbers with a fraction."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(document: Mapping[str, Any]) -> str:
    bare = {name: value for name, value in document.items() if name != "proof"}
    return f"sha256:{hashlib.sha256(canonical(bare)).hexdigest()}"


def hashed(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def proven(document: dict[str, Any], key: Ed25519PrivateKey, method: str, at: str) -> dict[str, Any]:
    options = {
        "type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022", "created": at, "verificationMethod": method,
        "proofPurpose": "assertionMethod", "@context": document["@context"],
    }  # fmt: skip
    signed = hashlib.sha256(canonical(options)).digest() + hashlib.sha256(canonical(document)).digest()
    return document | {"proof": options | {"proofValue": "z" + base58(key.sign(signed))}}


def text_of(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def reference(document: Mapping[str, Any]) -> dict[str, str]:
    return {"id": document["id"], "digest": digest(document)}


@dataclass
class Foreign:
    """A co-op of one voter: it answers whatever an assembly asks, for itself, and keeps what it published."""

    origin: str
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    voter: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    pages: dict[str, Any] = field(default_factory=dict)
    heard: list[dict[str, Any]] = field(default_factory=list)
    said: int = 0

    @property
    def actor(self) -> str:
        return f"{self.origin}/body"

    @property
    def did(self) -> str:
        return "did:web:" + self.origin.removeprefix("http://").replace(":", "%3A")

    @property
    def method(self) -> str:
        return f"{self.actor}#ed25519-key"

    def document(self) -> dict[str, Any]:
        key = {"id": self.method, "type": "Multikey", "controller": self.actor}
        key |= {"publicKeyMultibase": multibase(self.key)}
        return {
            "@context": [CONTEXT[0], "https://www.w3.org/ns/cid/v1", CONTEXT[2]], "id": self.actor, "type": "Group",
            "preferredUsername": "foreign", "name": "Foreign", "inbox": f"{self.origin}/inbox",
            "outbox": f"{self.origin}/outbox", "followers": f"{self.origin}/followers",
            "assertionMethod": [key], "governance": {"kind": "body", "body": self.did, "body_kind": "coop"},
        }  # fmt: skip

    def signed(self, kind: str, governance: Mapping[str, Any], at: str, **members: Any) -> dict[str, Any]:
        self.said += 1
        document = {
            "@context": CONTEXT, "id": f"{self.origin}/papers/{self.said}", "type": kind, "attributedTo": self.actor,
            "published": at, "to": [PUBLIC], "governance": governance, **members,
        }  # fmt: skip
        return proven(document, self.key, self.method, at)

    async def send(self, house: House, kind: str, about: Any, at: str, **members: Any) -> None:
        """An activity with a proof and no HTTP signature."""
        self.said += 1
        activity = {
            "@context": CONTEXT, "id": f"{self.origin}/activities/{self.said}", "type": kind, "actor": self.actor,
            "published": at, "to": [house.actor], "object": about, **members,
        }  # fmt: skip
        body = json.dumps(proven(activity, self.key, self.method, at)).encode()
        async with house.town.http.post(
            f"{house.node.origin}/inbox", data=body, headers={"Content-Type": ACTIVITY}
        ) as answer:
            assert answer.status == 202, await answer.text()
        await house.town.settle()

    def found(self, kind: str, by: str) -> list[dict[str, Any]]:
        """What that body said of that kind, straight or announced."""
        unwrapped = [one["object"] if one["type"] == "Announce" else one for one in self.heard]
        about = [one["object"] for one in unwrapped if isinstance(one, dict) and isinstance(one.get("object"), dict)]
        said = [one for one in about if one.get("attributedTo") == by]
        return [one for one in said if (one.get("governance") or {}).get("kind") == kind]

    async def decide(self, house: House, choice: str) -> None:
        """Our own question on the assembly's text, one ballot, the outcome, the position, and the evidence of it."""
        [asked] = self.found("proposal", house.actor)
        frozen = {digest(one): one for one in self.found("statute", house.actor)}
        statute = frozen[asked["governance"]["electorate"]["statute"]]
        closes = datetime.fromisoformat(asked["governance"]["closes_at"])
        ends = closes - timedelta(seconds=statute["governance"]["margin_seconds"])
        opened, closed = asked["governance"]["opens_at"], text_of(ends)
        name = f"did:key:{multibase(self.voter)}"
        roll = [[name, 1]]
        root = asked["governance"]["upstream"] or {"root": asked["id"], "root_digest": digest(asked)}
        proposal = self.signed("Question", {
            "kind": "proposal", "body": self.did, "text_digest": asked["governance"]["text_digest"], "rule": MAJORITY,
            "opens_at": opened, "closes_at": closed,
            "electorate": {"kind": "members", "count": 1, "weight": 1, "digest": hashed(canonical(roll))},
            "upstream": {**reference(asked), "root": root["root"], "root_digest": root["root_digest"]},
        }, opened, **{
            "@context": POLL, "name": asked["name"], "content": asked["content"], "source": asked["source"],
            "oneOf": [{"type": "Note", "name": one} for one in ("For", "Against", "Abstain")],
            "endTime": closed, "votersCount": 0,
        })  # fmt: skip
        ballot = proven({
            "@context": CONTEXT, "id": f"{self.origin}/ballots/1", "type": "rochdale:Ballot",
            "attributedTo": self.actor, "published": opened, "to": [PUBLIC],
            "governance": {
                "kind": "ballot", "proposal": reference(proposal), "voter": name, "choice": choice, "seq": 1,
                "cast_at": opened,
            },
        }, self.voter, f"{name}#{multibase(self.voter)}", opened)  # fmt: skip
        tally = {"for": int(choice == "for"), "against": int(choice == "against"), "abstain": 0, "electorate": 1,
                 "unresolved": 0}  # fmt: skip
        passed = choice == "for"
        decided = {"outcome": "passed" if passed else "rejected",
                   "reason": "threshold_met" if passed else "threshold_not_met"}  # fmt: skip
        counted = hashed(digest(ballot).encode())
        outcome = self.signed("rochdale:Outcome", {
            "kind": "outcome", "proposal": reference(proposal), "body": self.did, "level": 1, **decided,
            "tally": tally, "members": tally, "ballots": {"count": 1, "digest": counted}, "constituents": None,
            "statute": None, "closed_at": closed,
        }, closed)  # fmt: skip
        position = self.signed("rochdale:Position", {
            "kind": "position", "proposal": reference(asked), "statute": digest(statute), "body": self.did, "level": 1,
            "seq": 1, "choice": choice, "tally": tally, **decided, "rule": MAJORITY, "bodies": None, "members": tally,
            "basis": {"proposal": reference(proposal), "outcome": reference(outcome)}, "signed_at": closed,
        }, closed)  # fmt: skip
        written = {"type": "rochdale:Roll", "governance": {"kind": "roll", "proposal": proposal["id"], "entries": roll}}
        anchor = {"type": "rochdale:Anchor", "actor": self.actor, "did": self.did, "key": multibase(self.key)}
        self.publish(proposal["id"], reference(outcome), [proposal, ballot, outcome, written, anchor])
        await self.send(house, "Create", position, closed)

    def publish(self, proposal_id: str, decision: Mapping[str, str], documents: list[dict[str, Any]]) -> None:
        lines = [canonical(one) for one in documents]
        hashes = "\n".join(sorted(hashlib.sha256(line).hexdigest() for line in lines))
        manifest = {
            "type": "rochdale:Evidence", "version": 1, "decision": decision, "documents": len(lines),
            "digest": hashed(hashes.encode()),
        }  # fmt: skip
        bundle = b"".join(line + b"\n" for line in (canonical(manifest), *lines))
        self.pages[f"{proposal_id.removeprefix(self.origin)}/evidence"] = bundle


def _whole(digits: str) -> None:
    raise AssertionError(f"the page knows whole numbers only, not {digits}")


@pytest.fixture
async def foreign() -> AsyncIterator[Foreign]:
    port = unused_port()
    made = Foreign(f"http://127.0.0.1:{port}")
    made.pages["/body"] = canonical(made.document())

    async def serve(request: web.Request) -> web.Response:
        if request.method == "POST":
            made.heard.append(json.loads(await request.read(), parse_float=_whole))
            return web.Response(status=202)
        page = made.pages.get(request.path)
        kind = "application/jsonl" if request.path.endswith("/evidence") else ACTIVITY
        return web.Response(body=page, content_type=kind) if page else web.Response(status=404)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", serve)
    server = TestServer(app, port=port)
    await server.start_server()
    yield made
    await server.close()


@pytest.mark.parametrize("choice", ["for", "against"])
async def test_a_body_written_from_the_page_is_counted_and_its_evidence_proves_the_decision(
    town: Town, foreign: Foreign, choice: str
) -> None:
    above = await town.build("above", kind="assembly", rule={"preset": "majority"})
    ash = await town.build("ash")
    await town.join(ash, above)
    now = text_of(town.clock.now)
    await foreign.send(above, "Join", above.actor, now, governance={
        "kind": "application", "body": foreign.did, "name": "Foreign", "body_kind": "coop", "members": 1,
        "counted_at": now,
    })  # fmt: skip
    accepted = await above.ada.post("constituents/decide", {"actor": foreign.actor, "accept": True, "weight": 3})
    assert accepted.status == 200, accepted.body
    await town.settle()
    question = await open_question(above, window_seconds=2 * DAY)
    await town.settle()
    await cast(ash, question, "ada", "for")

    await town.pass_time(days=1, hours=23, minutes=1)
    await foreign.decide(above, choice)
    await town.pass_time(hours=1, minutes=1)

    assert await line_of(above, question, foreign) == ("counted", choice)
    outcome = (await above.ada.get(f"proposals/{question['key']}/outcome")).body
    assert outcome["state"] == ("passed" if choice == "for" else "rejected")
    report = verify_bundle(await evidence_of(above, question))
    assert (report.valid, report.failure) == (True, None)


async def line_of(house: House, question: Mapping[str, Any], foreign: Foreign) -> tuple[str, str | None]:
    outcome = (await house.ada.get(f"proposals/{question['key']}/outcome")).body
    lines = {line["body"]: line for line in outcome["document"]["governance"]["constituents"]}
    return lines[foreign.did]["status"], lines[foreign.did]["choice"]
