"""From publish to a peer's inbox: rows in the caller's transaction, fresh signatures, order, and retries (P13, P15)."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from federation.authoring import envelope
from federation.deliver.audience import actor_inboxes, follower_inboxes
from federation.deliver.enqueue import publish
from federation.deliver.send import deliver_host
from federation.fetch.actors import read_actor
from federation.peers import directory
from federation.receive.origins import host_of
from federation.vocabulary import activities as builders
from federation.vocabulary.terms import PUBLIC
from identity.proofs import eddsa_jcs_2022
from storage.engine import Store, open_store
from storage.neighbours import follows, unreachable_hosts
from storage.records import DeliveryRecord, FinishedRun, FollowRecord
from storage.work import activities, deliveries, jobs
from tests.doors.peers import NOON, Peer, Wire, as_bytes, ed25519_key, peer, wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from storage.records import JobRecord, UnreachableHostRecord


@pytest.fixture
async def here(store: Store) -> AsyncIterator[Wire]:
    async with wire(store) as served:
        served.federation.random = lambda below: below - 1
        yield served


@pytest.fixture
async def there() -> AsyncIterator[Peer]:
    async with peer("there") as served:
        yield served


async def say(here: Wire, text: str, *inboxes: str, about: str = "object-1") -> dict[str, Any]:
    note = {"id": f"{here.federation.origin}/notes/1", "type": "Note", "content": text}
    activity = builders.create(envelope(here.federation, to=[PUBLIC]), note)
    async with here.federation.store.write() as tx:
        return await publish(tx, here.federation, activity, inboxes=inboxes, ordering_key=about, is_public=True)


async def rows_of(here: Wire, activity: dict[str, Any]) -> Sequence[DeliveryRecord]:
    async with here.federation.store.read() as tx:
        return await deliveries.for_activity(tx, activity["id"])


async def row_of(here: Wire, activity: dict[str, Any]) -> DeliveryRecord:
    (row,) = await rows_of(here, activity)
    return row


# --- publish


async def test_what_is_published_carries_one_proof_by_the_bodys_key(here: Wire, there: Peer) -> None:
    document = await say(here, "hello", there.inbox)

    eddsa_jcs_2022.verify(document, key=ed25519_key("here").public_key(), now=NOON)
    async with here.federation.store.read() as tx:
        row = await activities.find(tx, document["id"])
    assert row is not None
    assert json.loads(row.raw) == document
    assert (row.direction, row.state, row.is_public) == ("out", "dispatched", True)


async def test_each_inbox_gets_one_row_and_each_host_one_job(here: Wire, there: Peer) -> None:
    document = await say(
        here, "hello", there.inbox, there.inbox, f"{there.actor_id}/inbox", f"{here.federation.origin}/inbox"
    )

    assert [row.inbox for row in await rows_of(here, document)] == [there.inbox, f"{there.actor_id}/inbox"]
    async with here.federation.store.read() as tx:
        assert await jobs.find(tx, "deliver", host_of(there.origin)) is not None


async def test_publishing_the_same_activity_again_adds_nothing(here: Wire, there: Peer) -> None:
    document = await say(here, "hello", there.inbox)

    async with here.federation.store.write() as tx:
        again = await publish(
            tx, here.federation, document, inboxes=["https://x.example/i"], ordering_key="", is_public=True
        )

    assert again == document
    assert [row.inbox for row in await rows_of(here, document)] == [there.inbox]


async def test_a_rolled_back_transaction_leaves_nothing_to_send(here: Wire, there: Peer) -> None:
    activity = builders.follow(envelope(here.federation, to=[there.actor_id]), there.actor_id)

    with pytest.raises(RuntimeError):  # noqa: PT012 - the transaction is what raises
        async with here.federation.store.write() as tx:
            await publish(tx, here.federation, activity, inboxes=[there.inbox], ordering_key="", is_public=False)
            raise RuntimeError("the service failed after publishing")

    assert await rows_of(here, activity) == ()
    assert await deliver_host(here.federation, host_of(there.origin)) is None
    assert there.received == []


# --- send


async def test_a_delivery_is_taken_by_the_inbox_of_another_node(here: Wire, fresh_sqlite_url: Any) -> None:
    other_store = await open_store(fresh_sqlite_url())
    async with wire(other_store, name="other") as other:
        document = await say(here, "hello", f"{other.federation.origin}/inbox")

        next_at = await deliver_host(here.federation, other.authority)

        async with other_store.read() as tx:
            received = await activities.find(tx, document["id"])
    await other_store.close()
    row = await row_of(here, document)
    assert next_at is None
    assert (row.state, row.last_status, row.attempts) == ("sent", 202, 1)
    assert received is not None
    assert json.loads(received.raw) == document


async def test_every_attempt_is_signed_afresh_over_the_same_bytes(here: Wire, there: Peer) -> None:
    there.answers = [503, 202]
    document = await say(here, "hello", there.inbox)
    await deliver_host(here.federation, host_of(there.origin))
    here.clock.advance(hours=2)

    await deliver_host(here.federation, host_of(there.origin))

    (first, first_body), (second, second_body) = there.received
    assert first_body == second_body
    assert json.loads(first_body) == document
    assert first.headers["Signature"] != second.headers["Signature"]
    assert second.headers["Date"] == "Sat, 21 Nov 2026 14:00:00 GMT"
    assert first.headers["Content-Type"] == "application/activity+json"


@pytest.mark.parametrize("status", [401, 408, 425, 429, 500, 502, 503, 302])
async def test_transient_answers_are_tried_again(here: Wire, there: Peer, status: int) -> None:
    there.answers = [status, status]
    document = await say(here, "hello", there.inbox)

    await deliver_host(here.federation, host_of(there.origin))

    row = await row_of(here, document)
    assert (row.state, row.last_status) == ("due", status)
    assert row.next_attempt_at == NOON + timedelta(seconds=30)


@pytest.mark.parametrize("status", [400, 403, 404, 410, 413])
async def test_permanent_answers_end_the_delivery(here: Wire, there: Peer, status: int) -> None:
    there.answers = [status, status]
    document = await say(here, "hello", there.inbox)

    next_at = await deliver_host(here.federation, host_of(there.origin))

    row = await row_of(here, document)
    assert (next_at, row.state, row.last_status) == (None, "failed", status)


async def test_an_inbox_may_have_any_letters_in_its_address(here: Wire, there: Peer) -> None:
    strange, plain = f"{there.origin}/почта?of=é", there.inbox
    document = await say(here, "hello", strange, plain)

    await deliver_host(here.federation, host_of(there.origin))

    assert [row.state for row in await rows_of(here, document)] == ["sent", "sent"]
    assert there.asked["/почта"] == there.asked["/inbox"] == 1


async def test_what_no_header_can_carry_is_left_out_and_the_rest_is_sent(here: Wire, there: Peer) -> None:
    async def about(_: str) -> dict[str, str]:
        return {"position-synchronization": 'proposal="https://above.example/предложение"'}

    here.federation.headers_about = about
    document = await say(here, "hello", there.inbox)

    await deliver_host(here.federation, host_of(there.origin))

    assert (await row_of(here, document)).state == "sent"
    assert "position-synchronization" not in there.received[0][0].headers


async def test_waits_double_up_to_the_cap(here: Wire, there: Peer) -> None:
    document = await say(here, "hello", there.inbox)
    waits = []
    for _ in range(13):
        there.answers = [500]
        await deliver_host(here.federation, host_of(there.origin))
        due_at = (await row_of(here, document)).next_attempt_at
        waits.append((due_at - here.clock.now).total_seconds())
        here.clock.now = due_at

    assert waits[:4] == [30, 60, 120, 240]
    assert waits[-1] == 12 * 3600


async def test_a_redirect_is_not_followed(here: Wire, there: Peer) -> None:
    async with peer("elsewhere") as elsewhere:
        there.answers = [web.Response(status=307, headers={"Location": elsewhere.inbox})]
        await say(here, "hello", there.inbox)
        await deliver_host(here.federation, host_of(there.origin))

        assert elsewhere.asked.total() == 0
        assert there.asked["/inbox"] == 1


async def test_retry_after_is_honoured(store: Store, there: Peer) -> None:
    async with wire(store) as here:
        here.federation.random = lambda _: 0
        there.answers = [web.Response(status=429, headers={"Retry-After": "900"})]
        document = await say(here, "hello", there.inbox)

        await deliver_host(here.federation, host_of(there.origin))

        assert (await row_of(here, document)).next_attempt_at == NOON + timedelta(seconds=900)


async def test_a_dead_host_costs_one_attempt_however_much_waits_for_it(here: Wire) -> None:
    dead = "http://127.0.0.1:9/inbox"
    documents = [await say(here, str(n), dead, about=f"object-{n}") for n in range(5)]

    next_at = await deliver_host(here.federation, "127.0.0.1:9")

    rows = [await row_of(here, document) for document in documents]
    assert next_at is None
    assert {row.next_attempt_at for row in rows} == {NOON + timedelta(seconds=30)}
    assert {row.state for row in rows} == {"due"}
    assert rows[0].last_error is not None


async def test_what_could_not_be_delivered_for_thirty_days_fails_visibly(here: Wire, there: Peer) -> None:
    document = await say(here, "hello", there.inbox)
    there.answers = [web.Response(status=503, headers={"Retry-After": "43200"}), 503]
    here.clock.advance(days=29, hours=23)
    await deliver_host(here.federation, host_of(there.origin))
    still_due = await row_of(here, document)
    here.clock.advance(hours=12)

    await deliver_host(here.federation, host_of(there.origin))

    assert still_due.state == "due"
    async with here.federation.store.read() as tx:
        assert [row.activity_id for row in await deliveries.failed(tx)] == [document["id"]]


async def test_a_silent_host_keeps_nothing_longer_than_thirty_days_however_much_waits_for_it(here: Wire) -> None:
    dead = f"http://{DEAD}/inbox"
    documents = [await say(here, str(n), dead, about=f"object-{n % 2}") for n in range(60)]
    await deliver_host(here.federation, DEAD)
    here.clock.advance(days=2)
    young = await say(here, "young", dead)
    here.clock.advance(days=28)

    await deliver_host(here.federation, DEAD)

    rows = [await row_of(here, document) for document in documents]
    assert {row.state for row in rows} == {"failed"}
    assert all(row.last_error for row in rows)
    assert (await row_of(here, young)).state == "due"


async def test_a_host_for_which_nothing_waits_is_forgotten(here: Wire) -> None:
    await say(here, "hello", f"http://{DEAD}/inbox")
    await deliver_host(here.federation, DEAD)
    here.clock.advance(days=30)
    await deliver_host(here.federation, DEAD)
    assert await unreachable(here, DEAD) is not None

    assert await deliver_host(here.federation, DEAD) is None

    assert await unreachable(here, DEAD) is None


async def test_an_inbox_at_a_forbidden_address_is_never_connected_to(here: Wire) -> None:
    document = await say(here, "hello", "https://10.0.0.1/inbox")

    await deliver_host(here.federation, "10.0.0.1")

    row = await row_of(here, document)
    assert (row.state, row.last_status) == ("failed", None)


# --- hosts that take nothing


DEAD = "127.0.0.1:9"


async def job_of(here: Wire, kind: str, host: str) -> JobRecord | None:
    async with here.federation.store.read() as tx:
        return await jobs.find(tx, kind, host)


async def taken(here: Wire, kind: str) -> None:
    """A worker takes the one due job of that kind."""
    async with here.federation.store.write() as tx:
        lease = timedelta(seconds=9)
        (job,) = await jobs.claim(tx, [kind], now=here.clock.now, limit=9, lease=lease, worker="w")
        await jobs.finish_all(tx, [FinishedRun(job)])


async def unreachable(here: Wire, host: str) -> UnreachableHostRecord | None:
    async with here.federation.store.read() as tx:
        return (await unreachable_hosts.find_all(tx, [host])).get(host)


async def test_a_dead_host_leaves_the_lane_of_the_live_and_is_probed_ever_less_often(here: Wire) -> None:
    await say(here, "hello", f"http://{DEAD}/inbox")
    pauses = []
    for kind in ("deliver", "probe", "probe"):
        await taken(here, kind)
        assert await deliver_host(here.federation, DEAD) is None
        known, probe = await unreachable(here, DEAD), await job_of(here, "probe", DEAD)
        assert known is not None
        assert probe is not None
        assert probe.run_at == known.try_at
        pauses.append((known.try_at - here.clock.now).total_seconds())
        here.clock.now = known.try_at

    assert pauses == [30, 60, 120]
    assert (await unreachable(here, DEAD)) is not None


async def test_what_is_published_for_a_dead_host_waits_for_its_probe(here: Wire, there: Peer) -> None:
    host = host_of(there.origin)
    there.answers = [503]
    await say(here, "one", there.inbox, about="object-1")
    await deliver_host(here.federation, host)
    await taken(here, "deliver")

    document = await say(here, "two", there.inbox, about="object-2")

    assert await job_of(here, "deliver", host) is None
    here.clock.advance(seconds=30)
    await deliver_host(here.federation, host)
    assert (await row_of(here, document)).state == "sent"
    assert await unreachable(here, host) is None


async def test_a_host_that_answers_gets_all_that_waited_for_it(here: Wire, there: Peer) -> None:
    host = host_of(there.origin)
    there.answers = [503]
    documents = [await say(here, str(number), there.inbox, about=f"object-{number}") for number in range(5)]
    await deliver_host(here.federation, host)
    assert len(there.received) == 1
    here.clock.advance(seconds=30)

    await deliver_host(here.federation, host)

    assert {(await row_of(here, document)).state for document in documents} == {"sent"}


async def test_a_signed_request_from_a_dead_host_lets_everything_go_at_once(here: Wire, there: Peer) -> None:
    host = host_of(there.origin)
    there.answers = [503]
    document = await say(here, "hello", there.inbox)
    await deliver_host(here.federation, host)

    assert (await there.send(here, there.activity())).status == 202

    assert await unreachable(here, host) is None
    job = await job_of(here, "deliver", host)
    assert job is not None
    assert job.run_at <= here.clock.now
    await deliver_host(here.federation, host)
    assert (await row_of(here, document)).state == "sent"


async def test_an_old_activity_sent_again_by_anybody_says_nothing_about_its_host(here: Wire, there: Peer) -> None:
    host = host_of(there.origin)
    old = there.proven(there.activity())
    await here.post(as_bytes(old), {"content-type": "application/activity+json"})
    there.answers = [503]
    await say(here, "hello", there.inbox)
    await deliver_host(here.federation, host)

    await here.post(as_bytes(old), {"content-type": "application/activity+json"})

    assert await unreachable(here, host) is not None


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_a_host_that_asks_for_time_is_left_alone_as_a_whole(here: Wire, there: Peer, status: int) -> None:
    there.answers = [web.Response(status=status, headers={"Retry-After": "600"})]
    documents = [await say(here, str(number), there.inbox, about=f"object-{number}") for number in range(3)]

    assert await deliver_host(here.federation, host_of(there.origin)) is None

    assert len(there.received) == 1
    assert {(await row_of(here, document)).next_attempt_at for document in documents} == {NOON + timedelta(seconds=600)}


async def test_a_host_that_asks_for_time_half_way_gets_nothing_more(here: Wire, there: Peer) -> None:
    there.answers = [202, 202, web.Response(status=429, headers={"Retry-After": "600"})]
    document = await say(here, "hello", *(f"{there.origin}/{number}/inbox" for number in range(6)))

    assert await deliver_host(here.federation, host_of(there.origin)) is None

    assert len(there.received) == 3
    rows = await rows_of(here, document)
    assert [row.state for row in rows] == ["sent", "sent", "due", "due", "due", "due"]
    assert {row.next_attempt_at for row in rows[2:]} == {NOON + timedelta(seconds=600)}


async def test_a_fault_about_one_activity_does_not_close_the_host(here: Wire, there: Peer) -> None:
    there.answers = [500]
    await say(here, "one", there.inbox, about="object-1")
    document = await say(here, "two", there.inbox, about="object-2")

    await deliver_host(here.federation, host_of(there.origin))

    assert (await row_of(here, document)).state == "sent"
    assert await unreachable(here, host_of(there.origin)) is None


# --- order


async def test_activities_about_one_object_arrive_in_order(here: Wire, there: Peer) -> None:
    there.answers = [202, 503, 202, 202, 202]
    for text in ("one", "two", "three"):
        await say(here, text, there.inbox)

    await deliver_host(here.federation, host_of(there.origin))
    here.clock.advance(hours=1)
    await deliver_host(here.federation, host_of(there.origin))

    contents = [json.loads(body)["object"]["content"] for _, body in there.received]
    assert contents == ["one", "two", "two", "three"]


async def test_one_activity_goes_to_all_inboxes_of_a_host_before_the_next_about_its_object(
    here: Wire, there: Peer
) -> None:
    async def next_came(_: web.Request) -> web.Response:
        came.set()
        return web.Response(status=202)

    async def slow(_: web.Request) -> web.Response:
        with suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                await came.wait()
        return web.Response(status=200 if came.is_set() else 500)

    came = asyncio.Event()
    there.pages["/inbox"] = next_came

    there.pages["/19/inbox"] = slow
    first = await say(here, "one", *(f"{there.origin}/{number}/inbox" for number in range(20)))
    second = await say(here, "two", there.inbox)

    await deliver_host(here.federation, host_of(there.origin))

    rows = [*await rows_of(here, first), *await rows_of(here, second)]
    assert [row.last_status for row in rows] == [202] * 19 + [500, 202]


async def test_what_is_said_besides_is_looked_up_once_for_all_inboxes_of_a_host(here: Wire, there: Peer) -> None:
    asked: list[str] = []

    async def about(ordering_key: str) -> dict[str, str]:
        asked.append(ordering_key)
        return {"position-synchronization": "here"}

    here.federation.headers_about = about
    await say(here, "hello", *(f"{there.origin}/{number}/inbox" for number in range(5)))

    await deliver_host(here.federation, host_of(there.origin))

    assert asked == ["object-1"]
    assert [request.headers["position-synchronization"] for request, _ in there.received] == ["here"] * 5


async def test_activities_about_other_objects_are_not_held_up(here: Wire, there: Peer) -> None:
    there.answers = [202, 500, 202]
    await say(here, "probe", there.inbox, about="object-0")
    await say(here, "stuck", there.inbox, about="object-1")
    await say(here, "free", there.inbox, about="object-2")

    await deliver_host(here.federation, host_of(there.origin))

    async with here.federation.store.read() as tx:
        summary = await deliveries.summary(tx)
    assert (summary.sent, summary.due) == (2, 1)


async def test_two_workers_never_send_the_same_delivery(here: Wire, there: Peer) -> None:
    for number in range(10):
        await say(here, str(number), there.inbox, about=f"object-{number}")

    await asyncio.gather(*(deliver_host(here.federation, host_of(there.origin)) for _ in range(3)))

    assert there.asked["/inbox"] == 10


# --- audience


async def known_follower(here: Wire, who: Peer, **members: Any) -> None:
    await directory.remember(here.federation, read_actor(who.actor(**members), now=NOON))
    record = FollowRecord(
        id=who.actor_id,
        direction="in",
        actor_id=who.actor_id,
        activity_id=who.actor_id,
        created_at=NOON,
        state="accepted",
    )
    async with here.federation.store.write() as tx:
        await follows.save(tx, record)


async def test_followers_are_reached_by_shared_inbox_once_per_host(here: Wire, there: Peer) -> None:
    neighbour = Peer(there.origin, "neighbour", {})
    await known_follower(here, there)
    await known_follower(here, neighbour, id=f"{there.origin}/neighbour")

    async with here.federation.store.read() as tx:
        inboxes = await follower_inboxes(tx, here.federation)

    assert inboxes == [there.inbox]


async def test_a_relay_leaves_out_where_it_came_from(here: Wire, there: Peer) -> None:
    async with peer("author") as author:
        await known_follower(here, there)
        await known_follower(here, author)

        async with here.federation.store.read() as tx:
            inboxes = await follower_inboxes(tx, here.federation, but=[author.actor_id])

    assert inboxes == [there.inbox]


async def test_unknown_actors_and_those_without_shared_inbox_are_handled(here: Wire, there: Peer) -> None:
    await known_follower(here, there, endpoints={})

    async with here.federation.store.read() as tx:
        inboxes = await actor_inboxes(tx, [there.actor_id, "https://unknown.example/actor"])

    assert inboxes == [f"{there.actor_id}/inbox"]
