"""The header by which a body says what it reported: read strictly, believed only when it is signed (P20)."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from federation.peers.reported import COMPARE_REPORTS, word_of
from federation.vocabulary import followers
from federation.vocabulary.followers import HEADER as FOLLOWERS_HEADER
from federation.vocabulary.followers import FollowersSaid
from federation.vocabulary.reports import HEADER, Statement, digest_of, read, written
from identity.http_signatures import cavage, rfc9421
from identity.keys.pem import public_pem
from storage.engine import open_store
from storage.neighbours import memberships
from storage.records import MembershipRecord
from storage.work import jobs
from tests.doors.peers import ACTIVITY, NOON, Peer, Wire, as_bytes, ed25519_key, peer, rsa_key, wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ONE, TWO = "sha256:" + "01" * 32, "sha256:" + "10" * 32
SAID = Statement(
    proposal="https://alpha.example/proposals/1", count=2, digest=digest_of([ONE, TWO]), url="https://b.example/r"
)


@pytest.fixture
async def here(sqlite_url: str) -> AsyncIterator[Wire]:
    store = await open_store(sqlite_url)
    async with wire(store) as served:
        yield served
    await store.close()


@pytest.fixture
async def there(here: Wire) -> AsyncIterator[Peer]:
    """A constituent."""
    async with peer("there") as served:
        await tied(here, served, "accepted")
        yield served


async def tied(here: Wire, peer_: Peer, state: str) -> None:
    tie = MembershipRecord(
        id="tie", direction="below", actor_id=peer_.actor_id, did="did:web:there", name="There", kind="coop",
        key_multibase="z6Mk", activity_id="a", created_at=NOON, state=state,
    )  # fmt: skip
    async with here.federation.store.write() as tx:
        await memberships.save(tx, tie)


def test_the_digest_of_a_set_does_not_depend_on_order_or_repetition() -> None:
    assert digest_of([ONE, TWO]) == digest_of([TWO, ONE, TWO]) == "11" * 32
    assert digest_of([]) == "00" * 32
    assert digest_of([ONE]) != digest_of([TWO])


def test_what_is_written_is_read_back() -> None:
    assert read(written(SAID)) == SAID


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        written(SAID) * 2,
        written(SAID).replace("count=2", "count=-2"),
        written(SAID).replace("11", "zz", 1),
        written(SAID) + ", more=1",
        "x" * 10_000,
    ],
)
def test_anything_else_says_nothing(text: str) -> None:
    assert read(text) is None


async def compared(here: Wire, there: Peer, said: str) -> bool:
    async with here.federation.store.read() as tx:
        return await jobs.find(tx, COMPARE_REPORTS, f"{there.actor_id} {said}") is not None


async def test_a_word_under_a_draft_cavage_signature_is_compared(here: Wire, there: Peer) -> None:
    body, said = as_bytes(there.activity()), written(SAID)
    given = {"host": here.authority, "content-type": ACTIVITY, HEADER: said}
    signed = cavage.sign_request(
        method="POST", target="/inbox", headers=given, body=body,
        key_id=there.keys.rsa_id, key=rsa_key(there.name), now=here.clock.now,
    )  # fmt: skip

    assert (await here.post(body, {**given, **signed})).status == 202

    assert await compared(here, there, said)


@pytest.mark.parametrize("state", ["asked", "rejected"])
async def test_a_word_of_somebody_who_is_not_below_us_is_passed_over(here: Wire, there: Peer, state: str) -> None:
    await tied(here, there, state)
    body, said = as_bytes(there.activity()), written(SAID)
    given = {"host": here.authority, "content-type": ACTIVITY, HEADER: said}
    signed = cavage.sign_request(
        method="POST", target="/inbox", headers=given, body=body,
        key_id=there.keys.rsa_id, key=rsa_key(there.name), now=here.clock.now,
    )  # fmt: skip

    assert (await here.post(body, {**given, **signed})).status == 202

    assert not await compared(here, there, said)


async def test_a_word_under_a_message_signature_is_compared(here: Wire, there: Peer) -> None:
    body, said = as_bytes(there.activity()), written(SAID)
    given = {"host": here.authority, "content-type": ACTIVITY, HEADER: said}
    signed = rfc9421.sign_request(
        method="POST", target_uri=f"{here.federation.origin}/inbox", headers=given, body=body,
        key_id=there.keys.ed25519_id, key=ed25519_key(there.name), now=here.clock.now,
    )  # fmt: skip

    assert (await here.post(body, {**given, **signed})).status == 202

    assert await compared(here, there, said)


async def test_a_word_outside_the_signature_is_passed_over(here: Wire, there: Peer) -> None:
    body, said = as_bytes(there.activity()), written(SAID)

    assert (await here.post(body, {**there.signed_headers(here, body), HEADER: said})).status == 202

    assert not await compared(here, there, said)


async def test_a_word_beside_an_unsigned_proven_activity_is_passed_over(here: Wire, there: Peer) -> None:
    body, said = as_bytes(there.proven(there.activity())), written(SAID)

    assert (await here.post(body, {"content-type": ACTIVITY, HEADER: said})).status == 202

    assert not await compared(here, there, said)


def person_at(there: Peer, name: str) -> str:
    """Another actor of the peer's own server; the id of its key."""
    actor_id = f"{there.origin}/users/{name}"
    key = {"id": f"{actor_id}#main-key", "owner": actor_id, "publicKeyPem": public_pem(rsa_key(name).public_key())}
    there.pages[f"/users/{name}"] = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": actor_id,
        "type": "Person",
        "inbox": f"{actor_id}/inbox",
        "publicKey": key,
    }
    return str(key["id"])


@pytest.mark.parametrize("header", [HEADER, FOLLOWERS_HEADER])
async def test_a_word_that_another_actor_of_the_same_server_signed_is_passed_over(
    here: Wire, there: Peer, header: str
) -> None:
    body, key_id = as_bytes(there.proven(there.activity())), person_at(there, "mallory")
    said = FollowersSaid(collection=f"{there.actor_id}/followers", url=f"{there.origin}/f", digest="ab" * 32)
    given = {"host": here.authority, "content-type": ACTIVITY}
    given[header] = written(SAID) if header == HEADER else followers.written(said)
    signed = cavage.sign_request(
        method="POST", target="/inbox", headers=given, body=body,
        key_id=key_id, key=rsa_key("mallory"), now=here.clock.now,
    )  # fmt: skip

    assert (await here.post(body, {**given, **signed})).status == 202

    async with here.federation.store.read() as tx:
        assert {kind.kind for kind in await jobs.summary(tx)} == {"dispatch"}


async def test_a_word_too_long_for_an_index_is_kept_under_its_digest(here: Wire, there: Peer) -> None:
    long = replace(SAID, proposal=f"{here.federation.origin}/{secrets.token_hex(1000)}")
    body, said = as_bytes(there.activity()), written(long)
    given = {"host": here.authority, "content-type": ACTIVITY, HEADER: said}
    signed = cavage.sign_request(
        method="POST", target="/inbox", headers=given, body=body,
        key_id=there.keys.rsa_id, key=rsa_key(there.name), now=here.clock.now,
    )  # fmt: skip

    assert (await here.post(body, {**given, **signed})).status == 202

    here.clock.advance(seconds=6)
    async with here.federation.store.write() as tx:
        due = await jobs.claim(
            tx, [COMPARE_REPORTS], now=here.clock.now, limit=9, lease=timedelta(seconds=1), worker="w"
        )
    (job,) = due
    assert len(job.key) == len("sha256:") + 64
    assert await word_of(here.federation, job.key) == (there.actor_id, long)
