"""The inbox door over real HTTP: what is refused, with which code, and without asking anybody."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import random
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession, TCPConnector, web
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from federation.errors import WireRefusal
from federation.fetch.documents import FetchBudget
from federation.fetch.keys import key_for
from federation.peers import directory
from federation.peers.updates import actor_changed
from federation.ports import ANY_KIND, Limits
from federation.receive.dispatch import dispatch_activity
from federation.receive.origins import MAX_ID_BYTES
from identity.proofs import eddsa_jcs_2022
from storage.community import tombstones
from storage.neighbours import follows, peer_keys, peers
from storage.records import FollowRecord
from storage.work import activities, intake
from tests.doors.peers import ACTIVITY, NOON, Answer, Peer, Wire, as_bytes, ed25519_key, peer, rsa_key, wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from federation.receive.verify import VerifiedActivity
    from storage.engine import Store
from storage.ephemeral.memory import MemoryEphemeral
from storage.errors import EphemeralError


@pytest.fixture
async def here(store: Store) -> AsyncIterator[Wire]:
    async with wire(store) as served:
        yield served


@pytest.fixture
async def there() -> AsyncIterator[Peer]:
    async with peer() as served:
        yield served


async def stored(wire_: Wire, activity_id: str) -> Any:
    async with wire_.federation.store.read() as tx:
        return await activities.find(tx, activity_id)


# --- what is taken


async def test_a_signed_activity_is_durable_before_it_is_answered_202(here: Wire, there: Peer) -> None:
    document = there.activity()

    answer = await there.send(here, document)

    assert answer.status == 202
    row = await stored(here, document["id"])
    assert row.raw.encode() == as_bytes(document)
    assert (row.state, row.actor_id, row.source_actor) == ("recorded", there.actor_id, None)
    async with here.federation.store.read() as tx:
        assert await intake.arrived(tx, limit=9) == (row,)
    assert here.wakes["dispatch"] == 1


async def test_a_proof_alone_is_enough(here: Wire, there: Peer) -> None:
    document = there.proven(there.activity())

    answer = await here.post(as_bytes(document), {"Content-Type": ACTIVITY})

    assert answer.status == 202
    assert (await stored(here, document["id"])) is not None


async def test_the_body_inbox_and_the_profiled_json_ld_type_are_doors_too(here: Wire, there: Peer) -> None:
    body = as_bytes(there.proven(there.activity()))
    profiled = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'

    answer = await here.post(body, {"Content-Type": profiled}, path="/body/inbox")

    assert answer.status == 202


async def test_the_key_is_asked_for_once_and_kept(here: Wire, there: Peer) -> None:
    for number in range(3):
        document = there.activity(id=f"{there.origin}/activities/{number}")
        assert (await there.send(here, document)).status == 202

    assert there.asked == {"/body": 1}


async def test_a_handler_gets_what_was_verified(here: Wire, there: Peer) -> None:
    seen: list[VerifiedActivity] = []

    async def remember(activity: VerifiedActivity) -> None:
        seen.append(activity)

    here.federation.handlers["Create", "Note"] = remember
    document = there.activity()
    await there.send(here, document)

    await dispatch_activity(here.federation, document["id"])
    await dispatch_activity(here.federation, document["id"])

    assert [activity.document for activity in seen] == [document]
    assert (await stored(here, document["id"])).state == "dispatched"


async def test_an_activity_nobody_handles_is_kept_and_done_with_at_once(here: Wire, there: Peer) -> None:
    document = there.activity(type="Listen")

    await there.send(here, document)

    row = await stored(here, document["id"])
    assert (row.state, row.reason, row.raw.encode()) == ("dispatched", "ignored", as_bytes(document))
    assert here.wakes["dispatch"] == 0


@pytest.mark.parametrize(("is_concerned", "state"), [(True, "recorded"), (False, "dispatched")])
async def test_a_document_may_say_that_its_handler_has_nothing_to_do(
    here: Wire, there: Peer, is_concerned: bool, state: str
) -> None:
    asked: list[Mapping[str, Any]] = []

    def concerned(document: Mapping[str, Any]) -> bool:
        asked.append(document)
        return is_concerned

    here.federation.concerned = {("Create", ANY_KIND): concerned}
    document = there.activity()

    await there.send(here, document)

    assert (await stored(here, document["id"])).state == state
    assert (here.wakes["dispatch"], asked) == (is_concerned, [document])


async def test_what_had_a_handler_once_is_ignored_without_one(here: Wire, there: Peer) -> None:
    document = there.activity()
    await there.send(here, document)
    here.federation.handlers.clear()

    await dispatch_activity(here.federation, document["id"])

    row = await stored(here, document["id"])
    assert (row.state, row.reason) == ("dispatched", "ignored")


# --- who is not proven


async def test_an_unsigned_activity_is_refused_without_asking_anybody(here: Wire, there: Peer) -> None:
    answer = await here.post(as_bytes(there.activity()), {"Content-Type": ACTIVITY})

    assert (answer.status, answer.code) == (401, "signature-missing")
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert there.asked.total() == 0
    assert await stored(here, there.activity()["id"]) is None


async def test_a_signature_by_another_key_is_refused(here: Wire, there: Peer) -> None:
    body = as_bytes(there.activity())

    answer = await here.post(body, there.signed_headers(here, body, key=rsa_key("mallory")))

    assert (answer.status, answer.code) == (401, "signature-invalid")


async def test_a_stale_signature_is_refused_without_asking_anybody(here: Wire, there: Peer) -> None:
    body = as_bytes(there.activity())

    old = await here.post(body, there.signed_headers(here, body, at=NOON - timedelta(hours=13)))
    early = await here.post(body, there.signed_headers(here, body, at=NOON + timedelta(hours=2)))

    assert [(a.status, a.code) for a in (old, early)] == [(401, "signature-expired")] * 2
    assert there.asked.total() == 0


async def test_a_changed_body_is_refused_without_asking_anybody(here: Wire, there: Peer) -> None:
    body = as_bytes(there.activity())
    headers = there.signed_headers(here, body)

    answer = await here.post(body.replace(b"hello", b"hullo"), headers)

    assert (answer.status, answer.code) == (401, "digest-mismatch")
    assert there.asked.total() == 0


async def test_an_hmac_keyed_with_the_victims_public_key_is_refused_without_asking_anybody(
    here: Wire, there: Peer
) -> None:
    body = as_bytes(there.activity())
    honest = there.signed_headers(here, body)
    text = "\n".join(
        [
            "(request-target): post /inbox",
            *(f"{name}: {honest[name]}" for name in ("host", "date", "digest", "content-type")),
        ]
    )
    pem = rsa_key("peer").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    forged = base64.b64encode(hmac.new(pem, text.encode(), hashlib.sha256).digest()).decode()
    parts = 'headers="(request-target) host date digest content-type"'
    signature = f'keyId="{there.keys.rsa_id}",algorithm="hmac-sha256",{parts},signature="{forged}"'

    answer = await here.post(body, honest | {"signature": signature})

    assert (answer.status, answer.code) == (401, "signature-algorithm")
    assert there.asked.total() == 0


async def test_a_key_that_names_its_victim_as_owner_is_refused(here: Wire, there: Peer) -> None:
    async with peer("mallory") as mallory:
        key_id = f"{mallory.origin}/keys/1"
        pem = rsa_key("mallory").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        mallory.pages["/keys/1"] = {"id": key_id, "type": "Key", "owner": there.actor_id, "publicKeyPem": pem}
        body = as_bytes(there.activity())

        answer = await here.post(body, there.signed_headers(here, body, key_id=key_id, key=rsa_key("mallory")))

    assert (answer.status, answer.code) == (401, "key-unavailable")
    assert there.asked.total() == 0


async def test_a_key_its_owner_does_not_list_is_refused(here: Wire, there: Peer) -> None:
    key_id = f"{there.origin}/uploads/key"
    pem = rsa_key("mallory").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    there.pages["/uploads/key"] = {"id": key_id, "owner": there.actor_id, "publicKeyPem": pem}
    body = as_bytes(there.activity())

    answer = await here.post(body, there.signed_headers(here, body, key_id=key_id, key=rsa_key("mallory")))

    assert (answer.status, answer.code) == (401, "key-unavailable")


async def test_an_actors_own_key_does_not_sign_for_another_actor(here: Wire, there: Peer) -> None:
    async with peer("mallory") as mallory:
        body = as_bytes(there.activity())

        answer = await here.post(body, mallory.signed_headers(here, body))

    assert (answer.status, answer.code) == (401, "key-owner")
    assert there.asked.total() == 0


async def test_a_key_of_this_node_is_refused(here: Wire, there: Peer) -> None:
    body = as_bytes(there.activity())
    key_id = f"{here.federation.actor_id}#main-key"

    answer = await here.post(body, there.signed_headers(here, body, key_id=key_id))

    assert (answer.status, answer.code) == (401, "key-local")


async def test_an_altered_proof_is_refused_though_the_request_is_signed(here: Wire, there: Peer) -> None:
    document = there.proven(there.activity())
    document["object"]["content"] = "hullo"

    answer = await there.send(here, document)

    assert (answer.status, answer.code) == (401, "proof-invalid")


async def test_an_expired_or_misused_proof_is_refused_though_the_request_is_signed(here: Wire, there: Peer) -> None:
    proven = there.proven(there.activity())
    expired = proven | {"proof": proven["proof"] | {"expires": "2026-11-21T11:00:00Z"}}
    misused = proven | {"proof": proven["proof"] | {"proofPurpose": "authentication"}}

    answers = [await there.send(here, document) for document in (expired, misused)]

    assert [(answer.status, answer.code) for answer in answers] == [(401, "proof-expired"), (401, "proof-purpose")]


async def test_a_proof_by_another_actor_is_refused_though_the_request_is_signed(here: Wire, there: Peer) -> None:
    async with peer("mallory") as mallory:
        document = mallory.proven(there.activity())

        answer = await there.send(here, document)

    assert (answer.status, answer.code) == (401, "proof-invalid")


async def test_a_list_of_proofs_is_refused(here: Wire, there: Peer) -> None:
    document = there.proven(there.activity())
    document["proof"] = [document["proof"]]

    answer = await there.send(here, document)

    assert (answer.status, answer.code) == (401, "proof-malformed")


# --- replay


async def test_a_replayed_request_has_no_second_effect(here: Wire, there: Peer) -> None:
    body = as_bytes(there.activity())
    headers = there.signed_headers(here, body)

    answers = [await here.post(body, headers) for _ in range(3)]

    assert [answer.status for answer in answers] == [202, 202, 202]
    assert here.wakes["dispatch"] == 1


async def test_the_same_activity_signed_again_has_no_second_effect(here: Wire, there: Peer) -> None:
    document = there.activity()
    await there.send(here, document)
    here.clock.advance(seconds=1)

    answer = await there.send(here, document | {"summary": "changed under the same id"})

    assert answer.status == 202
    assert (await stored(here, document["id"])).raw.encode() == as_bytes(document)


async def test_a_request_captured_at_another_node_is_refused(here: Wire, there: Peer) -> None:
    body = as_bytes(there.activity())
    headers = there.signed_headers(here, body, host="other.example")

    answer = await here.post(body, headers)

    assert (answer.status, answer.code) == (401, "authority-foreign")
    assert there.asked.total() == 0


# --- whose ids and objects


async def test_an_id_of_another_origin_is_refused_and_leaves_the_genuine_one_its_place(here: Wire, there: Peer) -> None:
    async with peer("mallory") as mallory:
        stolen = mallory.activity(id=there.activity()["id"])
        refused = await mallory.send(here, stolen)

    genuine = await there.send(here, there.activity())

    assert (refused.status, refused.code) == (403, "id-origin")
    assert genuine.status == 202
    assert (await stored(here, there.activity()["id"])).actor_id == there.actor_id


@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
async def test_somebody_elses_object_is_refused(here: Wire, there: Peer, kind: str) -> None:
    foreign_id = {"id": "https://victim.example/notes/1", "type": "Note", "attributedTo": there.actor_id}
    foreign_owner = {"id": f"{there.origin}/n/1", "type": "Note", "attributedTo": f"{there.origin}/somebody-else"}

    answers = [await there.send(here, there.activity(type=kind, object=thing)) for thing in (foreign_id, foreign_owner)]

    assert [(answer.status, answer.code) for answer in answers] == [(403, "object-origin"), (403, "object-owner")]


async def test_an_actor_of_this_node_cannot_be_spoken_for(here: Wire, there: Peer) -> None:
    own = here.federation.actor_id
    document = there.activity(actor=own, id=f"{here.federation.origin}/activities/1")

    answer = await there.send(here, document)

    assert (answer.status, answer.code) == (403, "actor-local")


async def test_farewells_of_strangers_are_taken_without_asking_anybody(here: Wire, there: Peer) -> None:
    gone = there.activity(type="Delete", object=there.actor_id)
    changed = there.activity(type="Update", object={"id": there.actor_id, "type": "Group"})

    answers = [await there.send(here, document) for document in (gone, changed)]

    assert [answer.status for answer in answers] == [202, 202]
    assert there.asked.total() == 0
    assert await stored(here, gone["id"]) is None


# --- shape, size and pace


MALFORMED = {
    "empty": b"",
    "not UTF-8": b'{"id": "\xff"}',
    "byte order mark": b"\xef\xbb\xbf{}",
    "cut off": b'{"id": ',
    "a list": b"[]",
    "NaN": b'{"x": NaN}',
    "infinity": b'{"x": -Infinity}',
    "overflow": b'{"x": 1e999}',
    "long integer": b'{"x": ' + b"9" * 5000 + b"}",
    "beyond 2^53": b'{"x": 9007199254740993}',
    "a name twice": b'{"actor": "a", "actor": "b"}',
    "lone surrogate": b'{"x": [["\\ud800"]]}',
    "deep": b'{"x":' + b"[" * 100_000,
    "deep and closed": b'{"x":' + b"[" * 100 + b"]" * 100 + b"}",
    "wide": b'{"x":[' + b"0," * 20_000 + b"0]}",
}


@pytest.mark.parametrize("name", MALFORMED)
async def test_malformed_json_is_refused_without_asking_anybody(here: Wire, there: Peer, name: str) -> None:
    body = MALFORMED[name]

    answer = await here.post(body, there.signed_headers(here, body))

    assert (answer.status, answer.code) == (400, "json-malformed")
    assert there.asked.total() == 0


MISSHAPEN: dict[str, dict[str, Any]] = {
    "no id": {"id": None},
    "number as id": {"id": 5},
    "script as id": {"id": "javascript:alert(1)"},
    "credentials in id": {"id": "https://me@peer.example/1"},
    "long id": {"id": "https://peer.example/" + "a" * 10_000},
    "no actor": {"actor": None},
    "two actors": {"actor": ["https://a.example/1", "https://a.example/2"]},
    "no type": {"type": None},
    "type is an object": {"type": {"id": "Create"}},
    "graph": {"@graph": []},
    "reverse deep inside": {"object": {"tag": [{"@reverse": {}}]}},
    "@id beside id": {"object": {"@id": "https://victim.example/1"}},
    "context of many": {"@context": ["https://www.w3.org/ns/activitystreams"] * 1000},
    "context is a number": {"@context": 5},
    "set inside an inline context": {"@context": [{"x": {"@id": "https://x.example/"}, "@propagate": False}]},
    "actor means something else": {"@context": [{"actor": "https://evil.example/x"}]},
}


@pytest.mark.parametrize("name", MISSHAPEN)
async def test_misshapen_activities_are_refused_without_asking_anybody(here: Wire, there: Peer, name: str) -> None:
    answer = await there.send(here, there.activity(**MISSHAPEN[name]))

    assert (answer.status, answer.code) == (400, "activity-malformed")
    assert there.asked.total() == 0


@pytest.mark.parametrize("media_type", ["text/plain", "application/json", "image/png", "application/ld+json", ""])
async def test_other_media_types_are_refused(here: Wire, there: Peer, media_type: str) -> None:
    body = as_bytes(there.proven(there.activity()))

    answer = await here.post(body, {"Content-Type": media_type})

    assert (answer.status, answer.code) == (415, "media-type")


async def test_a_compressed_body_is_refused(here: Wire, there: Peer) -> None:
    body = as_bytes(there.proven(there.activity()))

    answer = await here.post(body, {"Content-Type": ACTIVITY, "Content-Encoding": "gzip"})

    assert answer.status in {400, 415}


async def test_an_oversized_body_is_refused_before_it_is_parsed(here: Wire, there: Peer) -> None:
    body = b'{"x": "' + b"a" * 1024 * 1024 + b'"}'

    async def pieces() -> AsyncIterator[bytes]:
        yield body

    announced = await here.post(body, {"Content-Type": ACTIVITY})
    async with here.session.post(
        here.federation.origin + "/inbox", data=pieces(), headers={"Content-Type": ACTIVITY}
    ) as chunked:
        chunked_status = chunked.status

    assert (announced.status, announced.code) == (413, "too-large")
    assert chunked_status == 413


async def test_a_repeated_digest_header_is_refused(here: Wire, there: Peer) -> None:
    body = as_bytes(there.activity())
    headers = list(there.signed_headers(here, body).items())

    async with here.session.post(
        here.federation.origin + "/inbox", data=body, headers=[*headers, ("digest", "SHA-256=AAAA")]
    ) as answer:
        status, document = answer.status, await answer.json()

    assert (status, document["code"]) == (400, "request-malformed")


async def test_a_host_that_posts_too_fast_is_asked_to_wait(store: Store, there: Peer) -> None:
    async with wire(store, limits=Limits(inbox_per_minute=2)) as here:
        answers = [
            await there.send(here, there.activity(id=f"{there.origin}/activities/{number}")) for number in range(3)
        ]
        here.clock.advance(seconds=61)
        later = await there.send(here, there.activity(id=f"{there.origin}/activities/9"))

    assert [answer.status for answer in answers] == [202, 202, 429]
    assert (answers[2].code, answers[2].headers["Retry-After"]) == ("rate-limited", "60")
    assert later.status == 202


async def test_peers_are_asked_to_wait_while_too_much_waits_here(store: Store, there: Peer) -> None:
    async with wire(store, limits=Limits(inbox_backlog=1)) as here:
        answers = []
        for number in range(3):
            here.clock.advance(seconds=2)
            answers.append(await there.send(here, there.activity(id=f"{there.origin}/activities/{number}")))

    assert [answer.status for answer in answers] == [202, 202, 503]
    assert (answers[2].code, answers[2].headers["Retry-After"]) == ("backlog", "30")


class BrokenMemory(MemoryEphemeral):
    async def hit(self, key: str, limit: int, window_seconds: int) -> bool:
        raise EphemeralError(f"no answer about {key} {limit} {window_seconds}")


async def test_while_the_short_memory_is_away_peers_are_asked_to_come_again(here: Wire, there: Peer) -> None:
    here.federation.ephemeral = BrokenMemory()

    answer = await there.send(here, there.activity())

    assert (answer.status, answer.code) == (503, "ephemeral-unavailable")
    assert answer.headers["Retry-After"] == "30"


async def test_no_answer_tells_internals(here: Wire, there: Peer) -> None:
    body = as_bytes(there.activity())

    answer = await here.post(body, there.signed_headers(here, body, key_id="http://127.0.0.1:1/actor#key"))

    assert answer.document.keys() == {"type", "title", "status", "code", "detail"}
    assert b"127.0.0.1" not in answer.body


# --- keys that change, and keys that cannot be had


LONG = "".join(map(chr, random.Random(4).choices(range(0x4E00, 0x9FFF), k=2000)))  # cannot be compressed


@pytest.mark.parametrize("place", ["id", "object", "inside"])
async def test_an_id_that_no_index_holds_is_refused(here: Wire, there: Peer, place: str) -> None:
    too_long = f"{there.origin}/{LONG}"
    members = {"object": {"type": "Note", "id": too_long}} if place == "inside" else {place: too_long}

    answer = await there.send(here, there.activity(**members))

    assert (answer.status, answer.code) == (400, "activity-malformed")


async def test_ids_as_long_as_may_be_are_remembered_with_their_actors(here: Wire, there: Peer) -> None:
    room = MAX_ID_BYTES - len(there.origin) - len("/")
    actor_id, gone = (f"{there.origin}/{part[: room // 3]}" for part in (LONG, LONG[1000:]))

    async with here.federation.store.write() as tx:
        await tombstones.bury(tx, gone, actor_id, at=NOON, forget_before=NOON)
        assert await tombstones.stands(tx, gone, actor_id)
    assert MAX_ID_BYTES - len(gone.encode()) < len("\u4e00".encode())


@pytest.mark.parametrize(
    "members",
    [
        {"inbox": "{origin}/{long}"},
        {"endpoints": {"sharedInbox": "{origin}/{long}"}},
        {"governance": {"body": "did:web:{long}"}},
        {"publicKey": {"id": "{origin}/{long}#key"}},
    ],
    ids=["inbox", "shared inbox", "did", "key"],
)
async def test_an_actor_with_names_that_no_index_holds_harms_nobody(
    here: Wire, there: Peer, members: dict[str, Any]
) -> None:
    actor = there.actor()
    told = json.loads(json.dumps(members).replace("{origin}", there.origin).replace("{long}", LONG))
    if "publicKey" in told:
        told["publicKey"] = [actor["publicKey"], {**actor["publicKey"], **told["publicKey"]}]
    there.pages["/body"] = actor | told

    answer = await there.send(here, there.activity())

    assert answer.status == (401 if "inbox" in told else 202)
    async with here.federation.store.read() as tx:
        found = await peers.find(tx, there.actor_id)
    assert (found is None) is ("inbox" in told)
    assert LONG not in f"{found and (found.inbox, found.shared_inbox, found.did)}"


async def test_a_peer_may_rotate_its_keys_without_notice(here: Wire, there: Peer) -> None:
    await there.send(here, there.activity())
    there.name = "peer-after-rotation"
    there.pages["/body"] = there.actor()
    here.clock.advance(seconds=301)

    answer = await there.send(here, there.activity(id=f"{there.origin}/activities/2"))

    assert answer.status == 202
    assert there.asked["/body"] == 2


async def test_rotated_proof_keys_are_found_too(here: Wire, there: Peer) -> None:
    await there.send(here, there.activity())
    there.name = "peer-after-rotation"
    there.pages["/body"] = there.actor()
    document = there.proven(there.activity(id=f"{there.origin}/activities/2"))

    answer = await here.post(as_bytes(document), {"Content-Type": ACTIVITY})

    assert answer.status == 202


async def test_an_rsa_key_proves_no_document(here: Wire, there: Peer) -> None:
    document = there.proven(there.activity())
    document["proof"]["verificationMethod"] = there.keys.rsa_id

    answer = await here.post(as_bytes(document), {"Content-Type": ACTIVITY})

    assert (answer.status, answer.code) == (401, "proof-invalid")


async def test_a_key_is_asked_for_again_after_a_day_and_a_revoked_one_is_refused(here: Wire, there: Peer) -> None:
    await there.send(here, there.activity())
    here.clock.advance(hours=25)
    kept = await there.send(here, there.activity(id=f"{there.origin}/activities/2"))
    there.pages["/body"] = there.actor(publicKey=[])
    here.clock.advance(hours=25)

    revoked = await there.send(here, there.activity(id=f"{there.origin}/activities/3"))

    assert (kept.status, there.asked["/body"]) == (202, 3)
    assert (revoked.status, revoked.code) == (401, "key-unavailable")


async def test_an_old_key_stays_good_while_its_owner_does_not_answer(here: Wire, there: Peer) -> None:
    await there.send(here, there.activity())

    async def down(_: web.Request) -> web.StreamResponse:
        return web.Response(status=503)

    there.pages["/body"] = down
    here.clock.advance(hours=25)

    answer = await there.send(here, there.activity(id=f"{there.origin}/activities/2"))

    assert answer.status == 202


@pytest.mark.parametrize("key_name", ["#main-key", "/main-key"], ids=["in the actor", "a document of its own"])
async def test_an_actor_does_not_put_its_key_in_the_place_of_a_neighbours(
    here: Wire, there: Peer, key_name: str
) -> None:
    keys = {}
    for name in ("victim", "mallory"):
        actor_id = f"{there.origin}/users/{name}"
        pem = rsa_key(name).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        keys[name] = {"id": f"{actor_id}{key_name}", "owner": actor_id, "publicKeyPem": pem}
        there.pages[f"/users/{name}"] = {"id": actor_id, "type": "Person", "inbox": f"{actor_id}/inbox",
                                         "publicKey": keys[name]}  # fmt: skip
        there.pages[f"/users/{name}/main-key"] = keys[name]
    stolen = {**keys["victim"], "owner": keys["mallory"]["owner"], "publicKeyPem": keys["mallory"]["publicKeyPem"]}

    async def said(number: int, name: str, key: str) -> Answer:
        actor_id = keys[name]["owner"]
        note = {"id": f"{actor_id}/notes/{number}", "type": "Note", "attributedTo": actor_id, "content": "x"}
        body = as_bytes(there.activity(id=f"{actor_id}/{number}", actor=actor_id, object=note))
        return await here.post(body, there.signed_headers(here, body, key_id=keys[name]["id"], key=rsa_key(key)))

    assert (await said(1, "victim", "victim")).status == 202
    there.pages["/users/mallory"] = {**there.pages["/users/mallory"], "publicKey": [keys["mallory"], stolen]}  # type: ignore[dict-item]
    assert (await said(2, "mallory", "mallory")).status == 202
    here.clock.advance(seconds=61)
    asked = there.asked["/users/victim"]

    heard, as_victim = await said(3, "victim", "victim"), await said(4, "victim", "mallory")

    assert (heard.status, as_victim.status) == (202, 401)
    assert there.asked["/users/victim"] <= asked + 1


@pytest.mark.parametrize("path", ["/ключ", "/key?of=é", "/%zz", "/a\\b", "/{key}"])
async def test_a_key_may_have_any_letters_in_its_address(here: Wire, there: Peer, path: str) -> None:
    document = there.proven(there.activity())
    document["proof"]["verificationMethod"] = f"{there.origin}{path}#key"

    answer = await here.post(as_bytes(document), {"Content-Type": ACTIVITY})

    assert (answer.status, answer.code, there.asked.total()) == (401, "key-unavailable", 1)


async def forged(here: Wire, there: Peer, number: int, **headers: str) -> Answer:
    """What a forger gets for a key id that it invented on the peer's host."""
    body = as_bytes(there.activity(id=f"{there.origin}/activities/forged-{number}"))
    key_id = f"{there.origin}/users/{number}#main-key"
    return await here.post(body, there.signed_headers(here, body, key_id=key_id, key=rsa_key("mallory")) | headers)


async def test_invented_keys_of_one_host_are_asked_for_a_few_times_only(store: Store, there: Peer) -> None:
    async with wire(store, limits=Limits(key_failures_of_asker=3)) as here:
        answers = [await forged(here, there, number) for number in range(8)]
        asked = there.asked.total()
        here.clock.advance(seconds=301)
        again = await forged(here, there, 9)
        honest = await there.send(here, there.activity())

    assert {(answer.status, answer.code) for answer in (*answers, again)} == {(401, "key-unavailable")}
    assert (asked, there.asked.total()) == (3, 5)
    assert honest.status == 202


async def test_one_network_does_not_use_up_what_others_may_ask_of_a_host(store: Store, there: Peer) -> None:
    budget = FetchBudget(20, "192.0.2.1"), FetchBudget(20, "192.0.2.2")
    async with wire(store, limits=Limits(key_failures_of_asker=2, key_failures_of_host=5)) as here:

        async def asks(number: int, on_behalf: FetchBudget) -> None:
            with pytest.raises(WireRefusal):
                await key_for(here.federation, f"{there.origin}/users/{number}#main-key", on_behalf)

        for number in range(4):
            await asks(number, budget[0])
        assert there.asked.total() == 2
        key = await key_for(here.federation, there.keys.rsa_id, budget[1])
        for number in range(10, 14):
            await asks(number, FetchBudget(20, f"198.51.100.{number}"))

    assert key.actor_id == there.actor_id
    assert there.asked.total() == 2 + 1 + 3


async def test_one_network_does_not_ask_in_vain_of_ever_new_hosts(store: Store, there: Peer) -> None:
    elsewhere = there.origin.replace("127.0.0.1", "localhost")
    async with wire(store, limits=Limits(key_failures_of_host=2)) as here:
        for number, origin in enumerate((there.origin, elsewhere, "http://127.0.0.2:1")):
            with pytest.raises(WireRefusal):
                await key_for(here.federation, f"{origin}/users/{number}#main-key", FetchBudget(20, "192.0.2.1"))
        with pytest.raises(WireRefusal, match="too many"):
            await key_for(here.federation, f"{elsewhere}/users/9#main-key", FetchBudget(20, "192.0.2.1"))
        with pytest.raises(WireRefusal, match=r"answered 404"):
            await key_for(here.federation, f"{elsewhere}/users/9#main-key", FetchBudget(20, "192.0.2.2"))


async def test_a_host_that_does_not_answer_is_not_asked_for_each_key(here: Wire, there: Peer) -> None:
    async def down(_: web.Request) -> web.StreamResponse:
        return web.Response(status=503)

    there.pages |= {f"/users/{number}": down for number in range(4)}
    for number in range(3):
        assert (await forged(here, there, number)).code == "key-unavailable"
    asked = there.asked.total()
    here.clock.advance(seconds=11)

    await forged(here, there, 3)

    assert (asked, there.asked.total()) == (1, 2)


async def test_nobody_silences_a_host_by_naming_an_address_there_that_fails(here: Wire, there: Peer) -> None:
    async def down(_: web.Request) -> web.StreamResponse:
        return web.Response(status=503)

    there.pages["/users/1"] = down
    async with ClientSession(connector=TCPConnector(local_addr=("127.0.0.2", 0))) as elsewhere:
        refused = await forged(replace(here, session=elsewhere), there, 1)

    honest = await there.send(here, there.activity())

    assert (refused.code, there.asked["/users/1"]) == ("key-unavailable", 1)
    assert honest.status == 202


async def test_a_key_host_that_hangs_is_given_up(store: Store, there: Peer) -> None:
    released = asyncio.Event()

    async def hang(_: web.Request) -> web.StreamResponse:
        await released.wait()
        return web.Response()

    there.pages["/body"] = hang
    async with wire(store, limits=Limits(fetch_seconds=0.2)) as here:
        answer = await there.send(here, there.activity())
        released.set()

    assert (answer.status, answer.code) == (401, "key-unavailable")


async def test_a_body_that_never_ends_is_given_up(store: Store) -> None:
    sent = asyncio.Event()

    async def drip() -> AsyncIterator[bytes]:
        yield b"{"
        await sent.wait()

    async with wire(store, limits=Limits(fetch_seconds=0.2)) as here:
        url = here.federation.origin + "/inbox"
        async with here.session.post(url, data=drip(), headers={"Content-Type": ACTIVITY}) as answer:
            status = answer.status
            sent.set()

    assert status == 408


async def test_an_actor_that_changed_is_read_again(here: Wire, there: Peer) -> None:
    async def changed(activity: VerifiedActivity) -> None:
        assert await actor_changed(here.federation, activity)

    here.federation.handlers["Update", "body"] = changed
    await there.send(here, there.activity())
    renamed = there.actor(name="Renamed")
    there.pages["/body"] = renamed
    update = there.activity(id=f"{there.origin}/activities/2", type="Update", object=renamed)
    await there.send(here, update)

    await dispatch_activity(here.federation, update["id"])

    peer_row = await directory.known(here.federation, there.actor_id)
    assert peer_row is not None
    assert peer_row.name == "Renamed"


async def test_an_actor_that_changed_and_is_gone_is_asked_for_once(here: Wire, there: Peer) -> None:
    changed: list[bool] = []

    async def note(activity: VerifiedActivity) -> None:
        changed.append(await actor_changed(here.federation, activity))

    here.federation.handlers["Update", "body"] = note
    await there.send(here, there.activity())
    update = there.activity(id=f"{there.origin}/activities/2", type="Update", object=there.pages.pop("/body"))
    await there.send(here, update)

    for _ in range(2):
        await dispatch_activity(here.federation, update["id"])

    assert changed == [False]
    assert (await stored(here, update["id"])).state == "dispatched"


async def test_bad_signatures_do_not_make_us_ask_again_and_again(here: Wire, there: Peer) -> None:
    await there.send(here, there.activity())
    here.clock.advance(seconds=301)
    body = as_bytes(there.activity(id=f"{there.origin}/activities/2"))

    for _ in range(5):
        here.clock.advance(seconds=1)
        answer = await here.post(body, there.signed_headers(here, body, key=rsa_key("mallory")))
        assert answer.status == 401

    assert there.asked["/body"] == 2


async def test_a_key_that_cannot_be_had_is_not_asked_for_again_at_once(here: Wire, there: Peer) -> None:
    del there.pages["/body"]

    answers = [await there.send(here, there.activity()) for _ in range(3)]
    there.pages["/body"] = there.actor()
    here.clock.advance(seconds=301)
    later = await there.send(here, there.activity())

    assert [answer.code for answer in answers] == ["key-unavailable"] * 3
    assert there.asked["/body"] == 2
    assert later.status == 202


async def test_what_was_fetched_for_a_signer_is_kept(here: Wire, there: Peer) -> None:
    await there.send(here, there.activity())

    async with here.federation.store.read() as tx:
        kept = [await peer_keys.find(tx, key_id) for key_id in (there.keys.rsa_id, there.keys.ed25519_id)]

    assert [key.algorithm for key in kept if key is not None] == ["rsa", "ed25519"]


# --- relays


async def follow(here: Wire, actor_id: str) -> None:
    record = FollowRecord(
        id="1", direction="out", actor_id=actor_id, activity_id="1", created_at=NOON, state="accepted"
    )
    async with here.federation.store.write() as tx:
        await follows.save(tx, record)


def announcement(relay: Peer, inner: dict[str, Any]) -> dict[str, Any]:
    return relay.activity(id=f"{relay.origin}/activities/relay", type="Announce", object=inner)


async def test_a_relayed_activity_is_taken_by_its_own_proof(here: Wire, there: Peer) -> None:
    inner = there.proven(there.activity())
    async with peer("assembly") as assembly:
        await follow(here, assembly.actor_id)
        answer = await assembly.send(here, announcement(assembly, inner))

    row = await stored(here, inner["id"])
    assert answer.status == 202
    assert json.loads(row.raw) == inner
    assert (row.actor_id, row.source_actor) == (there.actor_id, assembly.actor_id)


async def test_an_altered_or_unproven_relayed_activity_is_refused(here: Wire, there: Peer) -> None:
    altered = there.proven(there.activity())
    altered["object"]["content"] = "hullo"
    async with peer("assembly") as assembly:
        await follow(here, assembly.actor_id)
        unproven = await assembly.send(here, announcement(assembly, there.activity()))
        changed = await assembly.send(here, announcement(assembly, altered))

    assert (unproven.status, unproven.code) == (403, "relay-unproven")
    assert (changed.status, changed.code) == (401, "proof-invalid")
    assert await stored(here, altered["id"]) is None


async def test_what_a_relay_brings_under_a_retired_key_is_believed_as_its_author_has_it(
    here: Wire, there: Peer
) -> None:
    retired = Peer(there.origin, "retired", {})
    inner = {name: {**there.activity(id=f"{there.origin}/activities/{name}")} for name in ("held", "forged")}
    brought = {
        name: eddsa_jcs_2022.sign(
            document, key=ed25519_key(retired.name), verification_method=f"{there.actor_id}#old", created=NOON
        )
        for name, document in inner.items()
    }
    there.pages["/activities/held"] = there.proven(inner["held"])
    async with peer("assembly") as assembly:
        await follow(here, assembly.actor_id)
        answers = [
            await assembly.send(here, announcement(assembly, brought[name]) | {"id": f"{assembly.origin}/{name}"})
            for name in ("held", "forged")
        ]

        known = await assembly.send(
            here, announcement(assembly, brought["held"]) | {"id": f"{assembly.origin}/activities/again"}
        )

    assert [answers[0].status, (answers[1].status, answers[1].code)] == [202, (403, "relay-unproven")]
    assert known.status == 202
    assert there.asked["/activities/held"] == 1
    assert json.loads((await stored(here, inner["held"]["id"])).raw) == there.pages["/activities/held"]
    assert await stored(here, inner["forged"]["id"]) is None


async def test_what_a_relay_brings_is_asked_for_again_while_its_author_is_away(here: Wire, there: Peer) -> None:
    inner = eddsa_jcs_2022.sign(
        there.activity(), key=ed25519_key("retired"), verification_method=f"{there.actor_id}#old", created=NOON
    )
    async with peer("assembly") as assembly:
        await follow(here, assembly.actor_id)
        there.pages["/activities/1"] = unwell
        passing = await assembly.send(here, announcement(assembly, inner))
        here.clock.advance(minutes=1)
        there.pages["/activities/1"] = there.activity()
        unproven = await assembly.send(here, announcement(assembly, inner))

    assert (passing.status, passing.code) == (401, "key-unavailable")
    assert (unproven.status, unproven.code) == (403, "relay-unproven")


async def test_a_relay_has_us_ask_for_no_end_of_what_is_not_there(store: Store, there: Peer) -> None:
    async with wire(store, limits=Limits(key_failures_of_asker=3)) as here, peer("assembly") as assembly:
        await follow(here, assembly.actor_id)
        for number in range(6):
            said = there.activity(id=f"{there.origin}/activities/{number}")
            inner = eddsa_jcs_2022.sign(
                said, key=ed25519_key("retired"), verification_method=f"{there.actor_id}#old", created=NOON
            )
            await assembly.send(here, announcement(assembly, inner) | {"id": f"{assembly.origin}/activities/{number}"})

    assert there.asked.total() == 3


async def unwell(_: web.Request) -> web.StreamResponse:
    return web.Response(status=503)


async def test_a_stranger_relays_nothing(here: Wire, there: Peer) -> None:
    async with peer("assembly") as assembly:
        answer = await assembly.send(here, announcement(assembly, there.proven(there.activity())))

    assert (answer.status, answer.code) == (403, "relay-unknown")
    assert there.asked.total() == 0


async def test_a_relay_of_our_own_words_is_taken_and_forgotten(here: Wire, there: Peer) -> None:
    own = there.activity(id=f"{here.federation.origin}/activities/1", actor=here.federation.actor_id)

    answer = await there.send(here, announcement(there, own))

    assert answer.status == 202
    assert await stored(here, own["id"]) is None


async def test_an_announced_copy_of_somebodys_object_is_refused(here: Wire, there: Peer) -> None:
    copy = {"id": "https://victim.example/notes/1", "type": "Note", "content": "never said"}

    answer = await there.send(here, there.activity(type="Announce", object=copy))

    assert (answer.status, answer.code) == (403, "relay-unproven")


async def test_the_same_activity_sent_at_once_is_recorded_once(here: Wire, there: Peer) -> None:
    await there.send(here, there.activity(id=f"{there.origin}/activities/0"))

    answers = await asyncio.gather(*(there.send(here, there.activity()) for _ in range(5)))

    assert {answer.status for answer in answers} == {202}
    assert here.wakes["dispatch"] == 2
