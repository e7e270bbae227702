"""The header by which a body says what it reported: read strictly, believed only when it is signed (P20)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from federation.receive.pipeline import COMPARE_REPORTS
from federation.vocabulary.reports import HEADER, Statement, digest_of, read, written
from identity.http_signatures import cavage, rfc9421
from storage.engine import open_store
from storage.work import jobs
from tests.doors.peers import ACTIVITY, Peer, Wire, as_bytes, ed25519_key, peer, rsa_key, wire

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
async def there() -> AsyncIterator[Peer]:
    async with peer("there") as served:
        yield served


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
