import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from storage import follows, memberships, outbox_cursors, peer_keys, peers, unreachable_hosts
from storage.engine import Store
from storage.errors import RowMissingError
from storage.records import FollowRecord, OutboxCursorRecord, PeerKeyRecord, PeerRecord, UnreachableHostRecord
from tests.storage.samples import MINUTE, NOON, follow, membership

BODY = "https://b.example/body"
PEER = PeerRecord(
    actor_id=BODY,
    did="did:web:b.example",
    host="b.example",
    name="Eixample",
    handle="@body@b.example",
    kind="coop",
    inbox=f"{BODY}/inbox",
    document={"id": BODY},
    fetched_at=NOON,
)


async def test_a_peer_fetched_again_replaces_what_was_known(store: Store) -> None:
    renamed = replace(PEER, name="Eixample Sud", shared_inbox="https://b.example/inbox", fetched_at=NOON + MINUTE)
    async with store.write() as tx:
        await peers.save(tx, PEER)
        await peers.save(tx, renamed)

        assert await peers.find(tx, BODY) == renamed
        assert await peers.by_did(tx, "did:web:b.example") == renamed
        assert await peers.all(tx, limit=9) == (renamed,)
        assert await peers.find(tx, "https://c.example/body") is None


async def test_those_we_follow_stand_before_a_crowd_of_others(store: Store) -> None:
    crowd = [replace(PEER, actor_id=f"{BODY}/{number}", name=f"A {number}") for number in range(5)]
    nameless = replace(PEER, actor_id=f"{BODY}/x", name="")
    async with store.write() as tx:
        for one in (*crowd, PEER, nameless):
            await peers.save(tx, one)
        followed = FollowRecord(
            id="f", direction="out", actor_id=BODY, activity_id="f", state="accepted", created_at=NOON
        )
        await follows.save(tx, followed)

        assert [one.actor_id for one in await peers.all(tx, limit=3)] == [BODY, nameless.actor_id, crowd[0].actor_id]
        assert await peers.names(tx, [BODY, nameless.actor_id, "https://c.example/body"]) == {BODY: PEER.name}


async def test_a_peer_key_is_replaced_and_forgotten(store: Store) -> None:
    key = PeerKeyRecord(key_id=f"{BODY}#k", actor_id=BODY, algorithm="rsa", public_text="PEM", fetched_at=NOON)
    async with store.write() as tx:
        await peer_keys.save(tx, key)
        assert await peer_keys.find(tx, key.key_id) == key

        await peer_keys.save(tx, replace(key, public_text="PEM 2"))
        assert await peer_keys.find(tx, key.key_id) == replace(key, public_text="PEM 2")

        await peer_keys.give_up(tx, [key.key_id], NOON)
        await peer_keys.give_up(tx, [key.key_id, "unknown"], NOON + timedelta(days=1))
        assert await peer_keys.find(tx, key.key_id) == replace(key, public_text="PEM 2", given_up_at=NOON)

        await peer_keys.save(tx, key)
        assert await peer_keys.find(tx, key.key_id) == key

        await peer_keys.remove(tx, [key.key_id])
        await peer_keys.remove(tx, [key.key_id])
        assert await peer_keys.find(tx, key.key_id) is None


async def test_followers_and_following_are_those_accepted(store: Store) -> None:
    async with store.write() as tx:
        await follows.save(tx, follow("https://a.example"))
        await follows.save(tx, follow("https://b.example", state="accepted"))
        await follows.save(tx, follow("https://c.example", direction="out", state="accepted"))

        assert [found.actor_id for found in await follows.followers(tx)] == ["https://b.example"]
        assert [found.actor_id for found in await follows.following(tx)] == ["https://c.example"]

        assert await follows.follower_ids(tx) == ("https://b.example",)
        await follows.set_state(tx, "in", "https://a.example", "accepted")
        assert [found.actor_id for found in await follows.followers(tx)] == ["https://a.example", "https://b.example"]


async def test_an_actor_follows_once_and_the_last_follow_counts(store: Store) -> None:
    second = follow(id="second", activity_id="second")
    async with store.write() as tx:
        await follows.save(tx, follow())
        await follows.save(tx, second)

        assert await follows.find(tx, "in", BODY) == second
        assert await follows.by_activity(tx, "second") == second
        assert await follows.find(tx, "out", BODY) is None


async def test_an_unknown_follow_cannot_be_accepted(store: Store) -> None:
    with pytest.raises(RowMissingError):
        async with store.write() as tx:
            await follows.set_state(tx, "in", BODY, "accepted")


async def test_constituents_and_assemblies_are_kept_apart(store: Store) -> None:
    above = membership(direction="above", id="other", kind="assembly")
    async with store.write() as tx:
        await memberships.save(tx, membership())
        await memberships.save(tx, above)
        await memberships.set_state(tx, "below", BODY, "accepted", decided_at=NOON + MINUTE, weight=10)

        below = await memberships.find(tx, "below", BODY)
        assert below == membership(state="accepted", decided_at=NOON + MINUTE, weight=10)
        assert await memberships.list(tx, "below", "accepted") == (below,)
        assert await memberships.list(tx, "below", "asked") == ()
        assert await memberships.list(tx, "above") == (above,)
        assert await memberships.by_activity(tx, f"{BODY}#join") is not None


async def test_an_inbox_is_the_shared_one_where_there_is_one(store: Store) -> None:
    shared = replace(PEER, actor_id="https://c.example/body", inbox="https://c.example/body/inbox")
    async with store.write() as tx:
        await peers.save(tx, PEER)
        await peers.save(tx, replace(shared, shared_inbox="https://c.example/inbox"))

        found = await peers.inboxes(tx, [BODY, "https://c.example/body", "https://unknown.example/body"])

    assert found == {BODY: PEER.inbox, "https://c.example/body": "https://c.example/inbox"}


async def test_a_cursor_replaces_the_one_before(store: Store) -> None:
    cursor = OutboxCursorRecord(actor_id=BODY, page=f"{BODY}/outbox?after=0", read_at=NOON)
    later = replace(cursor, page=f"{BODY}/outbox?after=50", read_at=NOON + MINUTE)
    async with store.write() as tx:
        await outbox_cursors.save(tx, cursor)
        await outbox_cursors.save(tx, later)

        assert await outbox_cursors.find(tx, BODY) == later
        assert await outbox_cursors.find(tx, "https://unknown.example/body") is None


async def test_unreachable_hosts_are_remembered_until_they_are_removed(store: Store) -> None:
    dead = UnreachableHostRecord(host="b.example", failures=1, since=NOON, try_at=NOON + MINUTE, error="refused")
    deader = replace(dead, failures=2, try_at=NOON + 3 * MINUTE)
    other = replace(dead, host="c.example", since=NOON - MINUTE)
    async with store.write() as tx:
        for record in (dead, deader, other):
            await unreachable_hosts.save(tx, record)

        assert await unreachable_hosts.find_all(tx, ["b.example", "live.example"]) == {"b.example": deader}
        assert await unreachable_hosts.list(tx) == (other, deader)

        await unreachable_hosts.remove(tx, ["b.example"])
        assert await unreachable_hosts.list(tx) == (other,)


async def test_the_actors_of_a_host_are_the_four_fetched_last(store: Store) -> None:
    async with store.write() as tx:
        for number in range(6):
            fetched_at = NOON + number * MINUTE
            await peers.save(tx, replace(PEER, actor_id=f"https://b.example/{number}", fetched_at=fetched_at))

    of_b, of_none = await asyncio.gather(
        *(store.read_together(peers.on_hosts, host) for host in ("b.example", "c.example"))
    )

    assert [peer.actor_id.rpartition("/")[2] for peer in of_b] == ["5", "4", "3", "2"]
    assert of_none == ()
