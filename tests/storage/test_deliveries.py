import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from storage import activities, deliveries
from storage.engine import Store, open_store
from storage.records import DeliveryClaim, DeliveryRecord, DeliverySummary, SettledDelivery
from tests.storage.samples import MINUTE, NOON, activity, delivery

LEASE = timedelta(minutes=5)
HOST = "b.example"


async def publish(store: Store, name: str, *, key: str | None = None, host: str = HOST) -> None:
    async with store.write() as tx:
        await activities.add(tx, activity(name, direction="out"))
        await deliveries.add_all(tx, [delivery(name, host=host, ordering_key=key or name)])


async def claim(
    store: Store, *, at: timedelta = timedelta(0), host: str = HOST, limit: int = 10
) -> list[DeliveryRecord]:
    return list(await store.write_together(deliveries.claim_all, DeliveryClaim(host, limit, NOON + at, LEASE)))


def was_sent(record: DeliveryRecord) -> SettledDelivery:
    return SettledDelivery(record.id, "sent", NOON, 202, None)


def tried_again(record: DeliveryRecord, *, at: timedelta = timedelta(0)) -> SettledDelivery:
    return SettledDelivery(record.id, "due", NOON + at, 503, "timed out")


def given_up(record: DeliveryRecord, *, error: str = "gone") -> SettledDelivery:
    return SettledDelivery(record.id, "failed", NOON, 410, error)


def names(found: list[DeliveryRecord]) -> list[str]:
    return [record.activity_id for record in found]


async def test_one_object_arrives_in_order_and_others_beside_it(store: Store) -> None:
    for name, key in (("create", "motion"), ("update", "motion"), ("offer", "offer"), ("delete", "motion")):
        await publish(store, name, key=key)

    first = await claim(store)
    assert names(first) == ["create", "offer"]
    assert await claim(store) == []

    async with store.write() as tx:
        await deliveries.settle_all(tx, [was_sent(first[0])])
    assert names(await claim(store)) == ["update"]


async def test_one_activity_goes_to_all_inboxes_of_a_host_together_and_each_has_an_order_of_its_own(
    store: Store,
) -> None:
    another_inbox = f"https://{HOST}/another"
    for name in ("create", "update"):
        await publish(store, name, key="motion")
        async with store.write() as tx:
            again = delivery(name, inbox=another_inbox, ordering_key="motion")
            await deliveries.add_all(tx, [again])

    one, another = await claim(store)
    assert names([one, another]) == ["create", "create"]
    async with store.write() as tx:
        await deliveries.settle_all(tx, [was_sent(one), tried_again(another)])
    update, create = await claim(store)
    assert names([update, create]) == ["update", "create"]
    assert create.inbox == another_inbox
    async with store.write() as tx:
        await deliveries.settle_all(tx, [was_sent(update), was_sent(create)])
    (last,) = await claim(store)
    assert (last.activity_id, last.inbox) == ("update", another_inbox)


async def test_what_was_tried_least_goes_first_and_silence_counts_for_all_of_an_inbox(store: Store) -> None:
    for name in ("first", "second", "third"):
        await publish(store, name, key=name)
    async with store.write() as tx:
        await deliveries.add_all(tx, [delivery("third", inbox=f"https://{HOST}/another", ordering_key="third")])
    first, second = await claim(store, limit=2)
    async with store.write() as tx:
        await deliveries.settle_all(tx, [tried_again(first), replace(tried_again(second), is_tried=False)])
        await deliveries.count_silence(tx, [first])

    claimed = await claim(store, limit=2)

    assert [(row.activity_id, row.attempts) for row in claimed] == [("third", 1), ("first", 2)]
    assert claimed[0].inbox == f"https://{HOST}/another"
    assert [(row.activity_id, row.attempts) for row in await claim(store)] == [("second", 2), ("third", 2)]


async def test_a_retried_delivery_holds_back_later_ones_of_its_key_only(store: Store) -> None:
    for name, key in (("create", "motion"), ("update", "motion"), ("offer", "offer")):
        await publish(store, name, key=key)
    create, offer = await claim(store)

    async with store.write() as tx:
        await deliveries.settle_all(tx, [tried_again(create, at=30 * MINUTE)])
        await deliveries.settle_all(tx, [was_sent(offer)])

    assert await claim(store, at=29 * MINUTE) == []
    async with store.read() as tx:
        assert await deliveries.next_due(tx, HOST) == NOON + 30 * MINUTE
        assert await deliveries.hosts_due(tx, NOON + 29 * MINUTE) == ()
        assert await deliveries.hosts_due(tx, NOON + 30 * MINUTE) == (HOST,)
    (again,) = await claim(store, at=30 * MINUTE)
    assert (again.activity_id, again.attempts, again.last_status, again.last_error) == ("create", 2, 503, "timed out")


async def test_a_failed_delivery_is_kept_and_lets_later_ones_pass(store: Store) -> None:
    await publish(store, "create", key="motion")
    await publish(store, "update", key="motion")
    (create,) = await claim(store)

    async with store.write() as tx:
        await deliveries.settle_all(tx, [given_up(create)])

    assert names(await claim(store)) == ["update"]
    async with store.read() as tx:
        (failed,) = await deliveries.failed(tx)
    assert (failed.activity_id, failed.state, failed.last_status, failed.last_error) == (
        "create",
        "failed",
        410,
        "gone",
    )


async def test_a_dead_senders_rows_come_back_after_the_lease(store: Store) -> None:
    await publish(store, "create")
    await claim(store)

    assert await claim(store, at=LEASE - MINUTE) == []
    assert [record.attempts for record in await claim(store, at=LEASE)] == [2]


async def test_a_late_retry_does_not_undo_a_delivery_that_arrived(store: Store) -> None:
    await publish(store, "create")
    (create,) = await claim(store)

    async with store.write() as tx:
        await deliveries.settle_all(tx, [was_sent(create)])
        await deliveries.settle_all(tx, [tried_again(create)])
        await deliveries.settle_all(tx, [given_up(create, error="timed out")])

    assert await claim(store, at=LEASE) == []
    async with store.read() as tx:
        (sent,) = await deliveries.for_activity(tx, "create")
        assert await deliveries.next_due(tx) is None
    assert (sent.state, sent.sent_at, sent.last_error) == ("sent", NOON, None)


async def test_an_activity_goes_to_one_inbox_once(store: Store) -> None:
    await publish(store, "create")

    async with store.write() as tx:
        added = await deliveries.add_all(tx, [delivery("create"), delivery("create", host="c.example")])

    assert added == 1
    assert names(await claim(store)) == ["create"]


async def test_deliveries_need_their_activity(store: Store) -> None:
    with pytest.raises(IntegrityError):
        async with store.write() as tx:
            await deliveries.add_all(tx, [delivery("unknown")])


async def test_hosts_do_not_hold_each_other_up(store: Store) -> None:
    await publish(store, "one", key="motion", host="dead.example")
    await publish(store, "two", key="motion", host="live.example")

    assert names(await claim(store, host="live.example")) == ["two"]
    async with store.read() as tx:
        assert await deliveries.hosts_due(tx, NOON) == ("dead.example",)


async def test_concurrent_senders_share_the_rows_without_breaking_the_order(database_url: str) -> None:
    store = await open_store(database_url, pool_size=8)
    for number in range(24):
        await publish(store, f"{number:02}", key=f"motion-{number % 4}")
    sent: list[str] = []

    async def send() -> None:
        while found := await claim(store, limit=2):
            for record in found:
                sent.append(record.activity_id)
                async with store.write() as tx:
                    await deliveries.settle_all(tx, [was_sent(record)])

    while len(sent) < 24:
        await asyncio.gather(*(send() for _ in range(6)))

    assert Counter(sent) == Counter(f"{number:02}" for number in range(24))
    for motion in range(4):
        history = [name for name in sent if int(name) % 4 == motion]
        assert history == sorted(history)
    await store.close()


async def test_summary_counts_the_states(store: Store) -> None:
    async with store.read() as tx:
        assert await deliveries.summary(tx) == DeliverySummary(0, 0, 0, None)
    for name in ("one", "two", "three"):
        await publish(store, name)
    one, two, _ = await claim(store)
    async with store.write() as tx:
        await deliveries.settle_all(tx, [was_sent(one)])
        await deliveries.settle_all(tx, [given_up(two)])

    async with store.read() as tx:
        assert await deliveries.summary(tx) == DeliverySummary(1, 1, 1, NOON)
