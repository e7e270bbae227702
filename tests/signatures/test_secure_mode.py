"""Documents that are not public, over real HTTP: who is shown them, and that nobody else learns they exist (P24)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from federation.authoring import envelope, followers_id
from federation.deliver.enqueue import publish
from federation.fetch.actors import read_actor
from federation.peers import directory
from federation.ports import Limits
from federation.receive.origins import host_of
from federation.vocabulary import activities as builders
from federation.vocabulary.terms import PUBLIC
from identity.http_signatures import cavage
from storage.neighbours import follows, peer_policies
from storage.records import FollowRecord, PeerPolicyRecord
from tests.doors.peers import NOON, Answer, Peer, Wire, ed25519_key, peer, rsa_key, wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from storage.engine import Store

ABSENT = "/activities/nothing"


@pytest.fixture
async def here(store: Store) -> AsyncIterator[Wire]:
    async with wire(store) as served:
        yield served


@pytest.fixture
async def there() -> AsyncIterator[Peer]:
    async with peer() as served:
        yield served


async def say(here: Wire, *, to: Sequence[str]) -> dict[str, Any]:
    note = {"id": f"{here.federation.origin}/notes/1", "type": "Note", "content": "between us"}
    activity = builders.create(envelope(here.federation, to=to), note)
    async with here.federation.store.write() as tx:
        return await publish(tx, here.federation, activity, inboxes=[], ordering_key="", is_public=False)


def path_of(here: Wire, document: dict[str, Any]) -> str:
    return str(document["id"]).removeprefix(here.federation.origin)


async def asked(here: Wire, path: str, by: Peer, *, scheme: str = "rfc9421", **changes: Any) -> Answer:
    """A GET of `path`, signed by the peer's actor."""
    if scheme == "rfc9421":
        headers = by.message_headers(here, b"", path=path, method="GET", **changes)
    else:
        headers = cavage.sign_request(
            method="GET",
            target=path,
            headers={"host": here.authority},
            body=b"",
            key_id=by.keys.rsa_id,
            key=changes.get("key", rsa_key(by.name)),
            now=here.clock.now,
        )
    async with here.session.get(here.federation.origin + path, headers=headers) as response:
        return Answer(response.status, response.headers.copy(), await response.read())


async def follower(here: Wire, who: Peer, state: str) -> None:
    await directory.remember(here.federation, read_actor(who.actor(), now=NOON))
    record = FollowRecord(
        id=who.actor_id, direction="in", actor_id=who.actor_id, activity_id="x", created_at=NOON, state=state
    )
    async with here.federation.store.write() as tx:
        await follows.save(tx, record)


@pytest.mark.parametrize("scheme", ["rfc9421", "cavage"])
async def test_p24_whom_an_activity_is_addressed_to_can_fetch_it_signed(here: Wire, there: Peer, scheme: str) -> None:
    hidden = await say(here, to=[there.actor_id])

    answer = await asked(here, path_of(here, hidden), there, scheme=scheme)

    assert answer.status == 200
    assert answer.document == hidden
    assert answer.headers["Cache-Control"] == "private, no-store"


async def test_p24_everybody_else_gets_what_an_absent_one_gets(here: Wire, there: Peer) -> None:
    hidden = path_of(here, await say(here, to=["https://somebody.example/actor"]))
    async with peer("mallory") as mallory:
        answers = [
            await here.get(ABSENT),
            await here.get(hidden),
            await asked(here, hidden, there),
            await asked(here, ABSENT, there),
            await asked(here, hidden, there, scheme="cavage", key=rsa_key("mallory")),
            await asked(here, hidden, mallory),
            await asked(here, hidden, there, key=ed25519_key("mallory")),
            await asked(here, hidden, there, origin="https://other.example"),
            await here.get(hidden, Signature="nonsense"),
        ]

    first = answers[0]
    assert [(answer.status, answer.body) for answer in answers] == [(404, first.body)] * len(answers)
    names = {"content-type", "cache-control", "etag", "vary", "accept-signature"}
    assert {
        tuple(sorted((name.lower(), text) for name, text in answer.headers.items() if name.lower() in names))
        for answer in answers
    } == {(("content-type", "application/problem+json; charset=utf-8"),)}


async def test_p24_asking_for_an_absent_document_costs_the_same_fetch_as_for_a_hidden_one(here: Wire) -> None:
    hidden = path_of(here, await say(here, to=["https://somebody.example/actor"]))
    counted: list[dict[str, int]] = []
    for path in (hidden, ABSENT):
        async with peer(f"asks-{len(counted)}") as stranger:
            await asked(here, path, stranger)
            counted.append(dict(stranger.asked))

    assert counted == [{"/body": 1}, {"/body": 1}]


@pytest.mark.parametrize("to", ["nobody here", "followers"])
async def test_p24_asking_for_an_absent_document_is_the_same_work_as_for_a_hidden_one(
    here: Wire, there: Peer, to: str
) -> None:
    named = followers_id(here.federation) if to == "followers" else "https://somebody.example/actor"
    hidden = path_of(here, await say(here, to=[named]))
    await asked(here, ABSENT, there)
    work: list[list[str]] = []

    for path in (hidden, ABSENT):
        done: list[str] = []

        def note(_: Any, __: Any, statement: str, *___: Any, into: list[str] = done) -> None:
            into.append(statement)

        engine = here.federation.store.reader.sync_engine
        sa.event.listen(engine, "before_cursor_execute", note)
        answer = await asked(here, path, there)
        sa.event.remove(engine, "before_cursor_execute", note)
        assert answer.status == 404
        work.append(done)

    assert work[0] == work[1] != []


async def test_p24_a_captured_request_of_somebody_else_is_good_for_nobody_long(here: Wire, there: Peer) -> None:
    hidden = path_of(here, await say(here, to=[there.actor_id]))
    at = here.clock.now
    here.clock.advance(hours=2)

    late = await asked(here, hidden, there, at=at)

    assert late.status == 404


async def test_p24_what_goes_to_followers_is_shown_to_accepted_ones_only(here: Wire, there: Peer) -> None:
    hidden = path_of(here, await say(here, to=[followers_id(here.federation)]))
    before = await asked(here, hidden, there)
    await follower(here, there, "pending")
    pending = await asked(here, hidden, there)
    await follower(here, there, "accepted")

    accepted = await asked(here, hidden, there)

    assert [before.status, pending.status, accepted.status] == [404, 404, 200]


async def test_p24_whoever_is_blocked_is_shown_nothing(here: Wire, there: Peer) -> None:
    hidden = path_of(here, await say(here, to=[there.actor_id]))
    before = await asked(here, hidden, there)
    record = PeerPolicyRecord(host=host_of(there.origin), policy="block", note="", decided_at=NOON)
    async with here.federation.store.write() as tx:
        await peer_policies.save(tx, record)
    here.federation.policies.forget()

    answers = [await asked(here, hidden, there), await asked(here, ABSENT, there)]

    assert before.status == 200
    assert [(answer.status, answer.body) for answer in answers] == [(404, answers[1].body)] * 2


async def test_p24_a_public_activity_is_shown_whatever_the_signature(here: Wire, there: Peer) -> None:
    shown = path_of(here, await say(here, to=[PUBLIC]))

    answers = [await here.get(shown), await asked(here, shown, there, key=ed25519_key("mallory"))]

    assert [answer.status for answer in answers] == [200, 200]
    assert there.asked.total() == 0


async def test_p24_an_activity_of_somebody_else_that_we_keep_is_not_ours_to_show(here: Wire, there: Peer) -> None:
    document = there.activity(to=[there.actor_id])
    await there.send(here, document)

    answer = await asked(here, "/activities/1", there)

    assert answer.status == 404


async def test_p24_whoever_asks_too_often_is_shown_nothing_more(store: Store, there: Peer) -> None:
    async with wire(store, limits=Limits(inbox_per_minute=2)) as here:
        hidden = path_of(here, await say(here, to=[there.actor_id]))

        answers = [await asked(here, hidden, there) for _ in range(3)]

    assert [answer.status for answer in answers] == [200, 200, 404]
