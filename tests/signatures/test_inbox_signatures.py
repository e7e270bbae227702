"""The inbox and its two signature schemes over real HTTP: what is taken, what is refused, and what it teaches (P1-P9).

Everything about draft-cavage that needs no second scheme stands in test_inbox.
"""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from federation.fetch.actors import MAX_KEYS
from federation.peers.followers import COMPARE_FOLLOWERS
from federation.peers.updates import actor_changed
from federation.ports import Limits
from federation.receive.dispatch import dispatch_activity
from identity.http_signatures import cavage, rfc9421
from identity.http_signatures.algorithms import signed
from identity.http_signatures.cavage import signing_string
from identity.http_signatures.digest import sha256_digest_header
from identity.keys.multibase import base58btc
from identity.keys.multikey import ED25519_PREFIX
from storage import tables
from storage.neighbours import peer_keys
from storage.work import activities, jobs
from tests.doors.peers import ACTIVITY, NOON, Peer, Wire, as_bytes, ed25519_key, peer, rsa_key, wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from federation.ports import Federation
    from federation.receive.verify import VerifiedActivity
    from storage.engine import Store
    from tests.doors.peers import Answer

HTTP_DATE = "Sat, 21 Nov 2026 12:00:00 GMT"


@pytest.fixture
async def here(store: Store) -> AsyncIterator[Wire]:
    async with wire(store) as served:
        yield served


@pytest.fixture
async def there() -> AsyncIterator[Peer]:
    async with peer() as served:
        yield served


async def is_stored(at: Wire, document: Mapping[str, Any]) -> bool:
    async with at.federation.store.read() as tx:
        return await activities.find(tx, document["id"]) is not None


def outcome(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.code if answer.status >= 400 else ""


def cavage_headers(
    here: Wire, there: Peer, body: bytes, *, components: str, path: str = "/inbox", **parameters: Any
) -> dict[str, str]:
    """A draft-cavage signature as some peer software makes it; `parameters` as in the header."""
    values = {
        "host": here.authority,
        "date": HTTP_DATE,
        "digest": sha256_digest_header(body),
        "content-type": ACTIVITY,
        **{f"({name})": str(value) for name, value in parameters.items()},
    }
    text = signing_string(components.split(), method="POST", target=path, values=values)
    made = base64.b64encode(signed(rsa_key(there.name), text)).decode()
    said = ",".join(
        f"{name}={value}" if isinstance(value, int) else f'{name}="{value}"' for name, value in parameters.items()
    )
    claim = f'keyId="{there.keys.rsa_id}",{said + "," if said else ""}headers="{components}",signature="{made}"'
    return {name: value for name, value in values.items() if not name.startswith("(")} | {"signature": claim}


COMPONENTS = "(request-target) host date digest content-type"


# --- P5: what is taken


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
async def test_p5_a_message_signed_by_rfc_9421_is_taken(here: Wire, there: Peer, kind: str) -> None:
    body = as_bytes(there.activity())
    rsa: dict[str, Any] = {"key_id": there.keys.rsa_id, "key": rsa_key(there.name)} if kind == "rsa" else {}

    answer = await here.post(body, there.message_headers(here, body, **rsa))

    assert answer.status == 202
    assert await is_stored(here, there.activity())
    assert there.asked == {"/body": 1}


@pytest.mark.parametrize(
    ("components", "parameters"),
    [
        (COMPONENTS, {"algorithm": "rsa-sha256"}),
        (COMPONENTS, {"algorithm": "hs2019"}),
        (COMPONENTS, {}),
        ("(request-target) host digest (created)", {"algorithm": "hs2019", "created": int(NOON.timestamp())}),
        (
            "(request-target) (created) (expires) host digest",
            {"algorithm": "hs2019", "created": int(NOON.timestamp()), "expires": int(NOON.timestamp()) + 300},
        ),
    ],
)
async def test_p5_every_spelling_of_draft_cavage_is_taken(
    here: Wire, there: Peer, components: str, parameters: dict[str, Any]
) -> None:
    body = as_bytes(there.activity())

    answer = await here.post(body, cavage_headers(here, there, body, components=components, **parameters))

    assert answer.status == 202


async def test_p5_the_path_may_be_signed_with_and_without_its_query(here: Wire, there: Peer) -> None:
    bodies = [as_bytes(there.activity(id=f"{there.origin}/activities/{n}")) for n in range(2)]
    signed_paths = ["/inbox?from=peer", "/inbox"]

    answers = [
        await here.post(
            body, cavage_headers(here, there, body, components=COMPONENTS, path=path), path="/inbox?from=peer"
        )
        for body, path in zip(bodies, signed_paths, strict=True)
    ]

    assert [answer.status for answer in answers] == [202, 202]


async def test_p2_a_proof_alone_is_enough_and_so_is_a_proof_with_either_signature(here: Wire, there: Peer) -> None:
    documents = [there.proven(there.activity(id=f"{there.origin}/activities/{n}")) for n in range(3)]
    bodies = [as_bytes(document) for document in documents]

    alone = await here.post(bodies[0], {"Content-Type": ACTIVITY})
    with_message = await here.post(bodies[1], there.message_headers(here, bodies[1]))
    with_cavage = await here.post(bodies[2], there.signed_headers(here, bodies[2]))

    assert [alone.status, with_message.status, with_cavage.status] == [202, 202, 202]


# --- P1, P2, P9: who is not proven


async def test_p1_an_algorithm_that_is_not_the_key_s_is_refused(here: Wire, there: Peer) -> None:
    body = as_bytes(there.activity())
    headers = there.message_headers(here, body)
    claimed = [headers["signature-input"] + f';alg="{name}"' for name in ("rsa-v1_5-sha256", "hmac-sha256")]

    answers = [await here.post(body, headers | {"signature-input": text}) for text in claimed]
    as_rsa = await here.post(body, cavage_headers(here, there, body, components=COMPONENTS, algorithm="ed25519"))

    assert [outcome(answer) for answer in answers] == [(401, "signature-algorithm")] * 2
    assert outcome(as_rsa) == (401, "signature-algorithm")


async def test_p1_a_short_rsa_key_and_a_point_of_small_order_sign_nothing(here: Wire, there: Peer) -> None:
    weak = generate_private_key(public_exponent=65537, key_size=1024)
    pem = weak.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    small = base58btc(ED25519_PREFIX + bytes(32))
    there.pages["/body"] = there.actor(
        publicKey={"id": there.keys.rsa_id, "owner": there.actor_id, "publicKeyPem": pem},
        assertionMethod=[
            {
                "id": there.keys.ed25519_id,
                "type": "Multikey",
                "controller": there.actor_id,
                "publicKeyMultibase": small,
            }
        ],
    )
    body = as_bytes(there.activity())
    Ed25519PublicKey.from_public_bytes(bytes(32))  # the library itself takes it

    by_rsa = await here.post(body, there.signed_headers(here, body, key=weak))
    by_message = await here.post(body, there.message_headers(here, body))

    assert outcome(by_rsa) == outcome(by_message) == (401, "key-unavailable")


async def test_p2_an_address_that_redirects_to_the_attacker_s_actor_vouches_for_nobody(here: Wire, there: Peer) -> None:
    async with peer("mallory") as mallory:

        async def away(_: web.Request) -> web.StreamResponse:
            return web.Response(status=302, headers={"Location": mallory.actor_id})

        there.pages["/body"] = away
        body = as_bytes(there.activity())

        answer = await here.post(body, there.message_headers(here, body, key=ed25519_key("mallory")))

        assert outcome(answer) == (401, "key-unavailable")
        assert mallory.asked.total() == 0


async def test_p2_a_key_document_with_another_id_than_its_address_vouches_for_nobody(here: Wire, there: Peer) -> None:
    # Fedify #963: the key was cached under the address asked, whatever id its document had.
    async with peer("mallory") as mallory:
        mallory.pages["/key"] = there.actor()
        body = as_bytes(there.activity())

        answer = await here.post(
            body, mallory.message_headers(here, body, key_id=f"{mallory.origin}/key", key=ed25519_key("mallory"))
        )

    assert outcome(answer) == (401, "key-unavailable")


async def test_p2_a_key_that_claims_its_victim_as_owner_vouches_for_nobody(here: Wire, there: Peer) -> None:
    # CVE-2026-96625: the `owner` of a key document was believed.
    async with peer("mallory") as mallory:
        key = {"id": f"{mallory.origin}/key", "controller": there.actor_id, "type": "Multikey"}
        key["publicKeyMultibase"] = mallory.actor()["assertionMethod"][0]["publicKeyMultibase"]
        mallory.pages["/key"] = key
        body = as_bytes(there.activity())

        answer = await here.post(
            body, mallory.message_headers(here, body, key_id=key["id"], key=ed25519_key("mallory"))
        )

    assert outcome(answer) == (401, "key-unavailable")
    assert there.asked.total() == 0


async def test_p2_a_good_signature_of_one_actor_does_not_carry_the_word_of_another(here: Wire, there: Peer) -> None:
    # CVE-2025-54888: processed before it was checked whose key it was.
    async with peer("mallory") as mallory:
        body = as_bytes(there.activity())

        answer = await here.post(body, mallory.message_headers(here, body))

    assert outcome(answer) == (401, "key-owner")
    assert not await is_stored(here, there.activity())


async def test_p2_a_key_of_this_node_is_refused_in_either_scheme(here: Wire, there: Peer) -> None:
    body = as_bytes(there.activity())
    own = f"{here.federation.actor_id}#ed25519-key"

    answer = await here.post(body, there.message_headers(here, body, key_id=own))

    assert outcome(answer) == (401, "key-local")


async def test_p9_a_bad_signature_is_refused_though_the_proof_is_good(here: Wire, there: Peer) -> None:
    body = as_bytes(there.proven(there.activity()))
    by_mallory = ed25519_key("mallory")

    in_message = await here.post(body, there.message_headers(here, body, key=by_mallory))
    in_cavage = await here.post(body, there.signed_headers(here, body, key=rsa_key("mallory")))
    half = there.message_headers(here, body)
    without_input = await here.post(body, {name: text for name, text in half.items() if name != "signature-input"})
    without_signature = await here.post(body, {name: text for name, text in half.items() if name != "signature"})

    assert outcome(in_message) == outcome(in_cavage) == (401, "signature-invalid")
    assert outcome(without_input) == (401, "signature-malformed")
    assert outcome(without_signature) == (401, "signature-missing")


async def test_p9_a_bad_proof_is_refused_though_the_signature_is_good(here: Wire, there: Peer) -> None:
    proven = there.proven(there.activity())
    altered = as_bytes(proven | {"summary": "x"})
    expired = as_bytes(proven | {"proof": proven["proof"] | {"expires": "2026-11-21T11:00:00Z"}})

    answers = [await here.post(body, there.message_headers(here, body)) for body in (altered, expired)]

    assert [outcome(answer) for answer in answers] == [(401, "proof-invalid"), (401, "proof-expired")]


async def test_p9_a_linked_data_signature_is_neither_believed_nor_a_reason_to_refuse(here: Wire, there: Peer) -> None:
    ours = there.proven(there.activity())
    with_proof = as_bytes(ours | {"signature": {"type": "RsaSignature2017", "signatureValue": "AAAA"}})
    alone = as_bytes(there.activity(signature={"type": "RsaSignature2017", "signatureValue": "AAAA"}))

    taken = await here.post(with_proof, {"Content-Type": ACTIVITY})
    refused = await here.post(alone, {"Content-Type": ACTIVITY})

    assert taken.status == 202
    assert outcome(refused) == (401, "signature-missing")


async def test_no_outbound_request_is_made_for_a_message_that_cannot_hold(here: Wire, there: Peer) -> None:
    body = as_bytes(there.activity())
    sound = there.message_headers(here, body)

    answers = [
        await here.post(body, there.message_headers(here, body, at=NOON - timedelta(hours=2))),
        await here.post(body, there.message_headers(here, body, at=NOON + timedelta(hours=2))),
        await here.post(body.replace(b"hello", b"hullo"), sound),
        await here.post(body, sound | {"signature-input": 'sig1=("@method");created=1;keyid="https://x.example/k"'}),
        await here.post(body, {name: text for name, text in sound.items() if name != "content-digest"}),
    ]

    assert [outcome(answer) for answer in answers] == [
        (401, "signature-expired"),
        (401, "signature-expired"),
        (401, "digest-mismatch"),
        (401, "signature-component"),
        (401, "digest-missing"),
    ]
    assert there.asked.total() == 0


# --- P3, P4: ids and what is processed


async def test_p3_a_foreign_id_is_refused_in_every_scheme_and_takes_nobody_s_place(here: Wire, there: Peer) -> None:
    async with peer("mallory") as mallory:
        stolen = mallory.activity(id=there.activity()["id"])
        body, proven = as_bytes(stolen), as_bytes(mallory.proven(stolen))
        refused = [
            await here.post(body, mallory.message_headers(here, body)),
            await here.post(proven, {"Content-Type": ACTIVITY}),
        ]

    genuine = as_bytes(there.activity())
    answer = await here.post(genuine, there.message_headers(here, genuine))

    assert [outcome(one) for one in refused] == [(403, "id-origin")] * 2
    assert answer.status == 202
    assert await is_stored(here, there.activity())


async def test_p3_somebody_else_s_object_is_refused_however_well_it_is_signed(here: Wire, there: Peer) -> None:
    victim = {"id": "https://victim.example/notes/1", "type": "Note"}
    bodies = [
        as_bytes(there.proven(there.activity(type=kind, object=victim))) for kind in ("Create", "Update", "Delete")
    ]

    answers = [await here.post(body, there.message_headers(here, body)) for body in bodies]

    assert [outcome(answer) for answer in answers] == [(403, "object-origin")] * 3


async def test_p3_a_victim_s_proven_object_is_not_its_bringer_s(here: Wire, there: Peer) -> None:
    # Mitra 5.8: the object inside was signed by another owner than the activity around it.
    async with peer("mallory") as mallory:
        note = there.proven(there.activity()["object"] | {"@context": there.activity()["@context"]})
        inside = [
            mallory.activity(object=note),
            mallory.activity(type="Update", object=note, id=f"{mallory.origin}/activities/2"),
            mallory.activity(type="Announce", object=note, id=f"{mallory.origin}/activities/3"),
        ]
        bodies = [as_bytes(mallory.proven(document)) for document in inside]

        answers = [await here.post(body, mallory.message_headers(here, body)) for body in bodies]

    assert [outcome(answer) for answer in answers] == [
        (403, "object-origin"), (403, "object-origin"), (403, "relay-unproven"),
    ]  # fmt: skip
    assert there.asked.total() == 0


async def test_p4_what_is_kept_are_the_verified_bytes(here: Wire, there: Peer) -> None:
    # GHSA-39gj-rchc-q5m3: one document was verified, another processed.
    body = b'{ "type":"Create",  ' + as_bytes(there.activity())[1:].replace(b'"type": "Create", ', b"", 1)

    answer = await here.post(body, there.message_headers(here, body))

    assert answer.status == 202
    async with here.federation.store.read() as tx:
        row = await activities.find(tx, there.activity()["id"])
    assert row is not None
    assert row.raw.encode() == body


# --- P7: replay


async def test_p7_a_message_replayed_here_has_no_second_effect(here: Wire, there: Peer) -> None:
    body = as_bytes(there.activity())
    headers = there.message_headers(here, body)

    answers = [await here.post(body, headers) for _ in range(3)]

    assert [answer.status for answer in answers] == [202, 202, 202]
    assert here.wakes["dispatch"] == 1


async def test_p7_what_a_replayed_message_says_besides_is_not_heard_again(here: Wire, there: Peer) -> None:
    body = as_bytes(there.activity())
    said = f'collectionId="{there.actor_id}/followers", url="{there.actor_id}/here", digest="{"1" * 64}"'
    headers = cavage.sign_request(
        method="POST",
        target="/inbox",
        headers={"host": here.authority, "content-type": ACTIVITY, "collection-synchronization": said},
        body=body,
        key_id=there.keys.rsa_id,
        key=rsa_key(there.name),
        now=here.clock.now,
    )
    compared = []

    for _ in range(2):
        assert (await here.post(body, headers)).status == 202
        async with here.federation.store.write() as tx:
            compared.append(await jobs.find(tx, COMPARE_FOLLOWERS, there.actor_id) is not None)
            await tx.execute(sa.delete(tables.jobs))

    assert compared == [True, False]


async def test_p7_a_message_captured_at_another_node_is_refused(here: Wire, there: Peer) -> None:
    body = as_bytes(there.activity())
    there.pages["/warm"] = there.actor()
    captured = there.message_headers(here, body, origin="https://other.example")

    to_its_host = await here.post(body, captured | {"host": "other.example"})
    to_ours = await here.post(body, captured)

    assert outcome(to_its_host) == (401, "authority-foreign")
    assert outcome(to_ours) == (401, "signature-invalid")


async def test_p7_a_message_for_another_path_of_this_node_is_refused(here: Wire, there: Peer) -> None:
    body = as_bytes(there.activity())

    answer = await here.post(body, there.message_headers(here, body, path="/body/inbox"), path="/inbox")

    assert outcome(answer) == (401, "signature-invalid")


# --- blind rotation, gone actors


async def test_p25_a_key_changed_without_notice_is_found(here: Wire, there: Peer) -> None:
    first = as_bytes(there.activity())
    await here.post(first, there.message_headers(here, first))
    fresh = Peer(there.origin, "rotated", {})
    there.pages["/body"] = fresh.actor()
    second = as_bytes(fresh.proven(there.activity(id=f"{there.origin}/activities/2")))

    answer = await here.post(second, fresh.message_headers(here, second))

    assert answer.status == 202
    assert there.asked == {"/body": 2}


async def test_a_key_its_owner_gave_up_is_not_good_again_a_moment_later(here: Wire, there: Peer) -> None:
    first = as_bytes(there.activity())
    await here.post(first, there.message_headers(here, first))
    there.pages["/body"] = there.actor(assertionMethod=[])
    here.clock.advance(days=2)
    body = as_bytes(there.activity(id=f"{there.origin}/activities/2"))

    answers = [await here.post(body, there.message_headers(here, body)) for _ in range(2)]

    assert [outcome(answer) for answer in answers] == [(401, "key-unavailable")] * 2
    assert there.asked == {"/body": 2}


async def test_p25_a_key_its_owner_lists_no_more_signs_nothing_once_the_owner_said_so(here: Wire, there: Peer) -> None:
    federation = here.federation
    federation.handlers[("Update", "*")] = lambda activity: _read_again(federation, activity)
    first = as_bytes(there.activity())
    await here.post(first, there.message_headers(here, first))
    said, successor = await _rotated(here, there, "another key", number=2)

    stolen = as_bytes(there.proven(there.activity(id=f"{there.origin}/activities/stolen")))
    refused = [
        await here.post(stolen, there.message_headers(here, stolen)),
        await here.post(stolen, {"Content-Type": ACTIVITY}),
    ]
    there.pages["/body"] = there.actor()
    here.clock.advance(minutes=6)
    listed_again = await here.post(stolen, there.message_headers(here, stolen))

    assert said.status == 202
    assert [outcome(answer) for answer in refused] == [(401, "key-unavailable")] * 2
    assert listed_again.status == 202
    async with federation.store.read() as tx:
        kept = {key.key_id: key.given_up_at for key in await peer_keys.of_actor(tx, there.actor_id)}
    assert kept == {there.keys.ed25519_id: None, there.keys.rsa_id: None, successor: here.clock.now}


async def test_p25_a_key_replaced_under_its_own_name_signs_nothing_once_the_owner_said_so(
    here: Wire, there: Peer
) -> None:
    federation = here.federation
    federation.handlers[("Update", "*")] = lambda activity: _read_again(federation, activity)
    first = as_bytes(there.activity())
    await here.post(first, there.message_headers(here, first))
    there.pages["/body"] = Peer(there.origin, "rotated", {}).actor()
    update = there.activity(id=f"{there.origin}/activities/2", type="Update", object=there.actor_id)
    await here.post(as_bytes(update), there.message_headers(here, as_bytes(update)))
    await dispatch_activity(federation, update["id"])

    stolen = as_bytes(there.activity(id=f"{there.origin}/activities/stolen"))
    refused = await here.post(stolen, there.message_headers(here, stolen))

    assert outcome(refused) == (401, "signature-invalid")


async def test_p25_of_keys_that_come_and_go_only_the_last_are_remembered(here: Wire, there: Peer) -> None:
    federation = here.federation
    federation.handlers[("Update", "*")] = lambda activity: _read_again(federation, activity)
    first = as_bytes(there.activity())
    await here.post(first, there.message_headers(here, first))
    names = []

    for number in range(2, 3 + MAX_KEYS):
        here.clock.advance(minutes=1)
        names.append((await _rotated(here, there, "another key", number=number))[1])

    async with federation.store.read() as tx:
        kept = [key.key_id for key in await peer_keys.of_actor(tx, there.actor_id)]
    assert kept == [*reversed(names)]


async def _read_again(federation: Federation, activity: VerifiedActivity) -> None:
    await actor_changed(federation, activity)


async def _rotated(here: Wire, there: Peer, name: str, *, number: int) -> tuple[Answer, str]:
    """The peer lists one Ed25519 key of another name and nothing else, and says so with that key."""
    successor = f"{there.actor_id}#ed25519-key-{number}"
    (method,) = Peer(there.origin, name, {}).actor()["assertionMethod"]
    there.pages["/body"] = there.actor(publicKey=[], assertionMethod=[method | {"id": successor}])
    update = there.activity(id=f"{there.origin}/activities/{number}", type="Update", object=there.actor_id)
    body = as_bytes(update)
    answer = await here.post(body, there.message_headers(here, body, key_id=successor, key=ed25519_key(name)))
    await dispatch_activity(here.federation, update["id"])
    return answer, successor


def farewell_of(there: Peer, number: int = 2) -> dict[str, Any]:
    return there.activity(id=f"{there.origin}/activities/{number}", type="Delete", object=there.actor_id)


async def gone(_: web.Request) -> web.StreamResponse:
    return web.Response(status=410)


async def test_a_farewell_whose_key_is_gone_with_its_actor_is_dropped_if_the_key_is_not_here(
    here: Wire, there: Peer
) -> None:
    warm, farewell = as_bytes(there.activity()), farewell_of(there)
    await here.post(warm, there.message_headers(here, warm))
    body = as_bytes(farewell)
    async with here.federation.store.write() as tx:
        await peer_keys.remove(tx, [there.keys.ed25519_id])
    here.federation.keys.drop(there.keys.ed25519_id)

    there.pages["/body"] = gone
    answers = [await here.post(body, there.message_headers(here, body)) for _ in range(2)]
    there.pages.pop("/body")
    here.clock.advance(minutes=10)
    unknown = await here.post(body, there.message_headers(here, body))

    assert [answer.status for answer in answers] == [202, 202]
    assert outcome(unknown) == (401, "key-unavailable")
    assert not await is_stored(here, farewell)


@pytest.mark.parametrize("how", ["rfc9421", "cavage", "proof"])
async def test_a_farewell_of_an_actor_that_is_gone_counts_by_the_key_we_kept(here: Wire, there: Peer, how: str) -> None:
    warm, farewell = as_bytes(there.activity()), farewell_of(there)
    await here.post(warm, there.message_headers(here, warm))
    there.pages["/body"] = gone
    here.clock.advance(days=2)
    body = as_bytes(there.proven(farewell) if how == "proof" else farewell)
    headers = {
        "rfc9421": there.message_headers(here, body),
        "cavage": there.signed_headers(here, body),
        "proof": {"Content-Type": ACTIVITY},
    }

    forged = as_bytes(farewell_of(there, 3))
    answers = [
        await here.post(forged, there.message_headers(here, forged, key=ed25519_key("mallory"))),
        await here.post(body, headers[how]),
    ]
    second = as_bytes(there.activity(id=f"{there.origin}/activities/4"))
    refused = await here.post(second, there.message_headers(here, second))

    assert [answer.status for answer in answers] == [202, 202]
    assert not await is_stored(here, farewell_of(there, 3))
    assert await is_stored(here, farewell)
    assert outcome(refused) == (401, "key-unavailable")


async def test_a_key_that_stood_elsewhere_takes_no_leave_for_its_actor(here: Wire, there: Peer) -> None:
    elsewhere = f"{there.origin}/keys/1"
    listed = {"id": elsewhere, "owner": there.actor_id, "publicKeyPem": there.actor()["publicKey"]["publicKeyPem"]}
    there.pages |= {"/body": there.actor(publicKey=listed), "/keys/1": listed}
    warm, body = as_bytes(there.activity()), as_bytes(farewell_of(there))
    first = await here.post(warm, there.signed_headers(here, warm, key_id=elsewhere))
    there.pages["/keys/1"] = gone
    here.clock.advance(days=2)

    answer = await here.post(body, there.signed_headers(here, body, key_id=elsewhere))

    assert (first.status, answer.status) == (202, 202)
    assert not await is_stored(here, farewell_of(there))


# --- the challenge


@pytest.fixture
async def asking(store: Store) -> AsyncIterator[Wire]:
    async with wire(store, limits=Limits(challenge_seconds=300)) as served:
        yield served


async def challenged(at: Wire) -> Any:
    refused = await at.post(b'{"x": 1}', {"Content-Type": ACTIVITY})
    assert refused.status == 400
    unsigned = await at.post(as_bytes(Peer("https://x.example", "x", {}).activity()), {"Content-Type": ACTIVITY})
    assert outcome(unsigned) == (401, "signature-missing")
    assert "Accept-Signature" not in refused.headers
    headers = {name.lower(): text for name, text in unsigned.headers.items()}
    return rfc9421.challenge_of(headers, method="POST", body=b"{}")


async def test_a_nonce_given_with_a_401_is_good_once(asking: Wire, there: Peer) -> None:
    asked = await challenged(asking)
    bodies = [as_bytes(there.activity(id=f"{there.origin}/activities/{n}")) for n in range(2)]

    answers = [await asking.post(body, there.message_headers(asking, body, challenge=asked)) for body in bodies]

    assert answers[0].status == 202
    assert outcome(answers[1]) == (401, "nonce-unknown")
    assert "Accept-Signature" in answers[1].headers


async def test_a_nonce_that_is_old_or_made_up_is_refused(asking: Wire, there: Peer) -> None:
    asked = await challenged(asking)
    made_up = rfc9421.challenge_of({"accept-signature": 's=();nonce="mine"'}, method="POST", body=b"{}")
    asking.clock.advance(minutes=6)
    body = as_bytes(there.activity())

    answers = [
        await asking.post(body, there.message_headers(asking, body, challenge=challenge))
        for challenge in (asked, made_up)
    ]

    assert [outcome(answer) for answer in answers] == [(401, "nonce-unknown")] * 2


async def test_requests_without_a_nonce_are_taken_as_ever(asking: Wire, there: Peer) -> None:
    bodies = [as_bytes(there.activity(id=f"{there.origin}/activities/{n}")) for n in range(2)]

    by_message = await asking.post(bodies[0], there.message_headers(asking, bodies[0]))
    by_cavage = await asking.post(bodies[1], there.signed_headers(asking, bodies[1]))

    assert [by_message.status, by_cavage.status] == [202, 202]


async def test_a_node_that_asks_for_no_nonce_takes_any(here: Wire, there: Peer) -> None:
    theirs = rfc9421.challenge_of({"accept-signature": 's=();nonce="mine"'}, method="POST", body=b"{}")
    body = as_bytes(there.activity())

    unsigned = await here.post(body, {"Content-Type": ACTIVITY})
    answer = await here.post(body, there.message_headers(here, body, challenge=theirs))

    assert "Accept-Signature" not in unsigned.headers
    assert answer.status == 202
