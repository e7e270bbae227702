"""The inbox serves senders in turn: a flood waits behind itself, over real sockets and in every order of arrival."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession, TCPConnector, web

from federation.errors import Throttled
from federation.ports import Limits
from federation.receive.gate import claimed_sender
from federation.receive.turnstile import NOTHING, Turnstile, Visit
from storage.engine import open_store
from storage.records import ActivityRecord
from storage.work import activities, intake
from tests.doors.peers import ACTIVITY, NOON, Peer, Wire, as_bytes, peer, wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from storage.engine import Store

FLOOD, QUIET = 100, 10
PLACES, OF_ONE = 4, 20


@pytest.fixture
async def store_here(sqlite_url: str) -> AsyncIterator[Store]:
    store = await open_store(sqlite_url)
    yield store
    await store.close()


@pytest.fixture
async def flooder() -> AsyncIterator[Peer]:
    async with peer("flooder") as served:
        yield served


@pytest.fixture
async def quiet() -> AsyncIterator[Peer]:
    async with peer("quiet") as served:
        yield served


async def post(http: ClientSession, here: Wire, sender: Peer, number: int) -> tuple[int, str | None]:
    activity = sender.activity(id=f"{sender.origin}/activities/{number}")
    activity["object"] = {**activity["object"], "id": f"{sender.origin}/notes/{number}"}
    body = as_bytes(activity)
    async with http.post(
        f"{here.federation.origin}/inbox", data=body, headers=sender.signed_headers(here, body)
    ) as answer:
        return answer.status, answer.headers.get("Retry-After")


async def test_a_host_whose_keys_never_come_keeps_nobody_else_waiting(
    store_here: Store, flooder: Peer, quiet: Peer
) -> None:
    actor, is_answered = flooder.pages["/body"], asyncio.Event()

    async def slowly(_: web.Request) -> web.StreamResponse:
        await is_answered.wait()
        return web.json_response(actor, content_type=ACTIVITY)

    flooder.pages["/body"] = slowly
    limits = Limits(inbox_places=PLACES, inbox_queue_of_one=OF_ONE)
    async with wire(store_here, limits=limits) as here, ClientSession(connector=TCPConnector(limit=0)) as http:
        flood = [asyncio.create_task(post(http, here, flooder, number)) for number in range(FLOOD)]
        while sum(task.done() for task in flood) < FLOOD - OF_ONE:
            await asyncio.wait([task for task in flood if not task.done()], return_when=asyncio.FIRST_COMPLETED)
        refused = {task.result() for task in flood if task.done()}

        heard = [await post(http, here, quiet, number) for number in range(QUIET)]

        assert sum(task.done() for task in flood) == FLOOD - OF_ONE
        is_answered.set()
        statuses = [status for status, _ in await asyncio.gather(*flood)]
    assert refused == {(503, "30")}
    assert heard == [(202, None)] * QUIET
    assert (statuses.count(202), statuses.count(503)) == (OF_ONE, FLOOD - OF_ONE)


async def test_a_flood_of_good_activities_lets_others_through_after_a_few_of_its_own(
    store_here: Store, flooder: Peer, quiet: Peer
) -> None:
    taken, is_flooded = 0, asyncio.Event()

    async def flood_on(http: ClientSession, here: Wire, numbers: range) -> None:
        nonlocal taken
        for number in numbers:
            status, _ = await post(http, here, flooder, number)
            taken += status == 202
            if taken == FLOOD:
                is_flooded.set()

    limits = Limits(inbox_places=PLACES, inbox_queue_of_one=FLOOD)
    async with wire(store_here, limits=limits) as here, ClientSession(connector=TCPConnector(limit=0)) as http:
        assert (await post(http, here, quiet, 0))[0] == 202
        flood = [asyncio.create_task(flood_on(http, here, range(k, 10**6, FLOOD))) for k in range(FLOOD)]
        await is_flooded.wait()
        before = taken
        for number in range(1, QUIET + 1):
            assert (await post(http, here, quiet, number))[0] == 202
        between = taken - before
        for task in flood:
            task.cancel()
        await asyncio.gather(*flood, return_exceptions=True)

    assert between <= QUIET * 2 * PLACES


@asynccontextmanager
async def announced(here: Wire, size_bytes: int) -> AsyncIterator[None]:
    """A connection that announces a body and sends nothing of it."""
    host, _, port = here.authority.partition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    head = f"POST /inbox HTTP/1.1\r\nHost: {here.authority}\r\nContent-Type: {ACTIVITY}\r\n"
    writer.write(f"{head}Content-Length: {size_bytes}\r\n\r\n".encode())
    yield
    writer.close()


def turnstile(**limits: float) -> Turnstile:
    return Turnstile(Limits(**limits))  # type: ignore[arg-type]  # whole numbers but one


def called(*visits: Visit) -> list[bool]:
    return [visit.call.done() and visit.call.exception() is None for visit in visits]


@contextmanager
def arrived(line: Turnstile, sender: tuple[str, str], size_bytes: int) -> Iterator[Visit]:
    """A visit whose body is here."""
    with line.admitted(sender) as visit:
        line.take(visit, size_bytes)
        yield visit


async def waits(line: Turnstile, visit: Visit) -> asyncio.Task[None]:
    task = asyncio.create_task(line.turn(visit))
    await asyncio.sleep(0)
    return task


async def test_addresses_take_turns_and_within_an_address_its_hosts() -> None:
    line, order = turnstile(inbox_places=1), list[str]()

    async def visit(address: str, host: str) -> None:
        with line.admitted((address, host)) as mine:
            await line.turn(mine)
            order.append(f"{address}{host}")
            await asyncio.sleep(0)

    await asyncio.gather(*(visit("1", "a") for _ in range(4)), visit("1", "b"), visit("2", "c"), visit("2", "c"))

    assert order == ["1a", "1a", "2c", "1b", "2c", "1a", "1a"]
    assert (line.lines, line.order, line.loads, line.load) == ({}, {}, {}, NOTHING)


async def test_one_host_has_half_of_the_places_and_one_address_three_quarters() -> None:
    line = turnstile(inbox_places=8)
    with ExitStack() as stack:
        mine = [stack.enter_context(line.admitted(("1", "a"))) for _ in range(5)]
        others = [stack.enter_context(line.admitted(("1", "b"))) for _ in range(3)]
        elsewhere = [stack.enter_context(line.admitted(("2", "c"))) for _ in range(3)]
        tasks = [await waits(line, visit) for visit in (*mine, *others, *elsewhere)]

        assert called(*mine) == [True] * 4 + [False]
        assert called(*others) == [True] * 2 + [False]
        assert called(*elsewhere) == [True] * 2 + [False]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_who_has_most_gives_up_its_newest_for_somebody_who_has_less() -> None:
    line = turnstile(inbox_places=2, inbox_queue=4)
    with ExitStack() as stack:
        mine = [stack.enter_context(line.admitted(("1", "a"))) for _ in range(4)]
        waiting = [await waits(line, visit) for visit in mine[:3]]

        first = stack.enter_context(line.admitted(("2", "b")))
        second = stack.enter_context(line.admitted(("2", "b")))

        with pytest.raises(Throttled, match="Too much") as refused:
            await line.turn(mine[3])
        with pytest.raises(Throttled):
            await waiting[2]
        with pytest.raises(Throttled), line.admitted(("2", "b")):
            pass
        await line.turn(first)
        assert (refused.value.code, called(*mine[:2], first, second)) == ("queue-full", [True, False, True, False])
        waiting[1].cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_who_goes_away_and_is_sent_away_in_one_moment_harms_nobody() -> None:
    line = turnstile(inbox_places=1, inbox_queue=3)
    with ExitStack() as stack:
        mine = [stack.enter_context(line.admitted(("1", "a"))) for _ in range(3)]
        waiting = [await waits(line, visit) for visit in mine]
        waiting[2].cancel()
        await asyncio.wait([waiting[2]])

        other = stack.enter_context(line.admitted(("2", "b")))

        assert [visit.is_inside for visit in (*mine, other)] == [True, True, False, True]
        waiting[1].cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_whoever_was_sent_away_is_told_in_the_middle_of_its_body(store_here: Store) -> None:
    never = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        yield b"{"
        await never.wait()

    async def send(http: ClientSession, here: Wire, host: str) -> int:
        headers = {"Content-Type": ACTIVITY, "Signature": f'keyId="https://{host}.example/actor#key"'}
        async with http.post(f"{here.federation.origin}/inbox", data=body(), headers=headers) as answer:
            return answer.status

    async with wire(store_here, limits=Limits(inbox_queue=3)) as here, ClientSession() as http:
        inside = here.federation.turnstile
        sent = [asyncio.create_task(send(http, here, "flooder")) for _ in range(3)]
        while inside.load["visits"] < 3:
            await http.head(here.federation.origin)
        sent.append(asyncio.create_task(send(http, here, "quiet")))
        told, reading = await asyncio.wait(sent, timeout=10, return_when=asyncio.FIRST_COMPLETED)
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)

    assert [task.result() for task in told] == [503]
    assert sent[3] not in told


async def test_nobody_who_is_being_served_is_sent_away() -> None:
    line = turnstile(inbox_places=8, inbox_queue=3)
    with ExitStack() as stack:
        mine = [stack.enter_context(line.admitted(("1", "a"))) for _ in range(3)]
        for visit in mine:
            await line.turn(visit)

        with pytest.raises(Throttled), line.admitted(("2", "b")):
            pass
        assert called(*mine) == [True] * 3


async def test_large_bodies_take_room_for_as_long_as_they_are_here() -> None:
    line = turnstile(inbox_queue_bytes=10)
    with arrived(line, ("1", "a"), 6):
        with pytest.raises(Throttled), arrived(line, ("2", "b"), 6):
            pass
        with arrived(line, ("2", "b"), 4):
            pass
    with arrived(line, ("2", "b"), 10):
        pass


@pytest.mark.parametrize(
    "limits", [{"inbox_queue_bytes": 60, "inbox_bytes": 10}, {"inbox_queue": 6}], ids=["bytes", "visits"]
)
async def test_one_address_that_claims_many_hosts_shuts_nobody_else_out(limits: dict[str, int]) -> None:
    line = turnstile(**limits)
    with ExitStack() as stack:
        flood = [stack.enter_context(arrived(line, ("1", str(number)), 10)) for number in range(6)]

        with pytest.raises(Throttled), arrived(line, ("1", "another"), 10):
            pass
        heard = [stack.enter_context(arrived(line, ("2", "b"), 10)) for _ in range(3)]
        with pytest.raises(Throttled), arrived(line, ("2", "b"), 10):
            pass

        assert [visit.is_inside for visit in (*flood, *heard)].count(False) == 3
        assert [visit.is_inside for visit in heard] == [True] * 3


async def test_behind_one_address_the_longest_line_makes_room() -> None:
    line = turnstile(inbox_queue=4)
    with ExitStack() as stack:
        mine = [stack.enter_context(line.admitted(("1", "a"))) for _ in range(4)]

        other = stack.enter_context(line.admitted(("1", "b")))

        assert [visit.is_inside for visit in (*mine, other)] == [True, True, True, False, True]


@pytest.mark.parametrize("limits", [{"inbox_queue_of_address": 2}, {"inbox_queue_bytes_of_address": 20}])
async def test_one_address_never_has_all_the_room_even_while_it_is_served(limits: dict[str, int]) -> None:
    line = turnstile(**limits)
    with ExitStack() as stack:
        for visit in [stack.enter_context(arrived(line, ("1", host), 10)) for host in "ab"]:
            await line.turn(visit)

        with pytest.raises(Throttled), arrived(line, ("1", "c"), 10):
            pass
        stack.enter_context(arrived(line, ("2", "c"), 10))


async def test_whoever_goes_away_while_waiting_keeps_no_place() -> None:
    line = turnstile(inbox_places=2)

    async def visit() -> None:
        with line.admitted(("1", "a")) as mine:
            await line.turn(mine)

    with line.admitted(("1", "a")) as served:
        await line.turn(served)
        gone, late = asyncio.create_task(visit()), asyncio.create_task(visit())
        await asyncio.sleep(0)
        late.cancel()
        await asyncio.wait([late])
        gone.cancel()  # and in the same moment its turn comes
    await asyncio.wait([gone])

    assert (line.lines, line.order, line.loads, line.load) == ({}, {}, {}, NOTHING)


async def test_while_much_waits_a_host_that_brought_most_of_it_waits_before_others(
    store_here: Store, flooder: Peer, quiet: Peer
) -> None:
    limits = Limits(inbox_backlog=8)
    async with wire(store_here, limits=limits) as here, ClientSession() as http:
        await brought(store_here, flooder, 5)
        here.clock.advance(seconds=2)

        refused, heard = await post(http, here, flooder, 9), await post(http, here, quiet, 1)

    assert refused == (503, "30")
    assert heard == (202, None)


async def brought(store: Store, by: Peer, count: int) -> None:
    ids = [f"{by.origin}/activities/early-{number}" for number in range(count)]
    async with store.write() as tx:
        for key in ids:
            row = ActivityRecord(id=key, direction="in", type="Create", actor_id=by.actor_id, raw="{}",
                                 received_at=NOON, is_public=False)  # fmt: skip
            await activities.add(tx, row)
        await intake.queue_all(tx, ids[: count // 2], NOON)


async def test_what_is_only_announced_takes_no_room(store_here: Store, quiet: Peer) -> None:
    limits = Limits(inbox_queue_bytes=4096)
    async with wire(store_here, limits=limits) as here, AsyncExitStack() as stack:
        for _ in range(3):
            await stack.enter_async_context(announced(here, 4096))
        while here.federation.turnstile.load["visits"] < 3:
            await here.session.head(here.federation.origin)

        async with ClientSession() as http:
            assert await post(http, here, quiet, 1) == (202, None)


async def test_a_little_one_finds_room_among_many_large_ones() -> None:
    line = turnstile(inbox_queue_bytes=60)
    with ExitStack() as stack:
        large = [stack.enter_context(arrived(line, (str(number), "a"), 10)) for number in range(6)]

        little = stack.enter_context(arrived(line, ("7", "b"), 2))
        with pytest.raises(Throttled), arrived(line, ("8", "c"), 10):
            pass

        assert little.is_inside
        assert [visit.is_inside for visit in large].count(False) == 1


async def test_whoever_was_sent_away_brings_no_more() -> None:
    line = turnstile(inbox_queue_bytes=10)
    with line.admitted(("1", "a")) as mine, line.admitted(("2", "b")) as other:
        line.take(mine, 9)
        line.take(other, 4)

        with pytest.raises(Throttled):
            line.take(mine, 1)
        assert line.load == {"visits": 1, "bytes": 4, "served": 0}


async def test_nobody_waits_longer_for_a_turn_than_a_sender_would() -> None:
    line = turnstile(inbox_places=1, inbox_turn_seconds=0)
    with line.admitted(("1", "a")) as served, line.admitted(("2", "b")) as waiting:
        await line.turn(served)

        with pytest.raises(Throttled) as refused:
            await line.turn(waiting)

    assert refused.value.code == "queue-full"
    assert (line.lines, line.order, line.loads, line.load) == ({}, {}, {}, NOTHING)


@pytest.mark.parametrize(
    ("remote", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("64:ff9b::c000:207", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix:", "unix:"),
        ("", ""),
    ],
)
def test_a_sender_is_a_network_of_64_bits_or_an_address_of_ipv4(remote: str, network: str) -> None:
    headers = {"signature": 'keyId="https://a.example/body#key"'}
    assert claimed_sender(headers, remote) == (network, "a.example")
