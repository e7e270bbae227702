"""An inbox that never answers, among others of its host: real sockets, on which nothing comes back."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from federation.deliver.send import deliver_host
from federation.ports import Limits
from federation.receive.origins import host_of
from storage.neighbours import unreachable_hosts
from storage.work import deliveries
from tests.doors.peers import Peer, Wire, peer, wire
from tests.unit.federation_wire.test_delivery import job_of, row_of, rows_of, say

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from storage.engine import Store


@pytest.fixture
async def here(store: Store) -> AsyncIterator[Wire]:
    async with wire(store, limits=Limits(delivery_seconds=0.3, delivery_batch=3)) as served:
        served.federation.random = lambda below: below - 1
        yield served


@pytest.fixture
async def there() -> AsyncIterator[Peer]:
    """Its inbox /stuck takes every request and never answers."""
    over = asyncio.Event()

    async def never(_: web.Request) -> web.StreamResponse:
        await over.wait()
        return web.Response(status=202)

    async with peer("there") as served:
        served.pages["/stuck"] = never
        yield served
        over.set()


def stuck(there: Peer) -> str:
    return f"{there.origin}/stuck"


def heard(there: Peer) -> list[str]:
    return [json.loads(body)["object"]["content"] for _, body in there.received]


async def due(here: Wire, activity: dict[str, Any]) -> set[str]:
    return {row.inbox for row in await rows_of(here, activity) if row.state == "due"}


async def is_reachable(here: Wire, there: Peer) -> bool:
    async with here.federation.store.read() as tx:
        return await unreachable_hosts.find_all(tx, [host_of(there.origin)]) == {}


async def probed(here: Wire, there: Peer) -> None:
    """The next probe of the host, at its time."""
    async with here.federation.store.read() as tx:
        known = await unreachable_hosts.find_all(tx, [host_of(there.origin)])
    here.clock.now = known[host_of(there.origin)].try_at
    await deliver_host(here.federation, host_of(there.origin))


async def test_an_inbox_that_never_answers_is_not_the_next_probe(here: Wire, there: Peer) -> None:
    document = await say(here, "hello", stuck(there), there.inbox)
    await deliver_host(here.federation, host_of(there.origin))
    assert await due(here, document) == {stuck(there), there.inbox}

    await probed(here, there)

    assert await due(here, document) == {stuck(there)}
    assert heard(there) == ["hello"]
    assert await is_reachable(here, there)


async def test_however_much_waits_for_it_the_others_get_theirs_at_the_next_probe(here: Wire, there: Peer) -> None:
    for number in range(7):
        await say(here, str(number), stuck(there), about=f"object-{number}")
    document = await say(here, "hello", there.inbox, about="object-7")
    await deliver_host(here.federation, host_of(there.origin))

    await probed(here, there)

    assert (await row_of(here, document)).state == "sent"
    async with here.federation.store.read() as tx:
        assert (await deliveries.summary(tx)).due == 7


async def test_what_one_inbox_does_not_take_keeps_no_later_word_about_the_object_from_another(
    here: Wire, there: Peer
) -> None:
    first = await say(here, "one", there.inbox, stuck(there))
    await deliver_host(here.federation, host_of(there.origin))
    second = await say(here, "two", there.inbox, stuck(there))
    await deliver_host(here.federation, host_of(there.origin))

    assert heard(there) == ["one", "two"]
    assert await due(here, first) == await due(here, second) == {stuck(there)}
    assert there.asked["/stuck"] == 1


async def test_its_silence_is_its_own_where_another_inbox_answers(here: Wire, there: Peer) -> None:
    await say(here, "one", there.inbox)
    for number in range(2):
        await say(here, "lost", stuck(there), about=f"object-{number + 2}")

    await deliver_host(here.federation, host_of(there.origin))

    assert await is_reachable(here, there)
    assert there.asked["/stuck"] == 1


async def test_what_comes_for_another_inbox_of_a_silent_host_probes_it_at_once(here: Wire, there: Peer) -> None:
    await say(here, "lost", stuck(there), about="object-1")
    await deliver_host(here.federation, host_of(there.origin))
    planned = await job_of(here, "probe", host_of(there.origin))

    await say(here, "lost too", stuck(there), about="object-2")
    assert await job_of(here, "probe", host_of(there.origin)) == planned
    document = await say(here, "hello", there.inbox, about="object-3")

    at_once = await job_of(here, "probe", host_of(there.origin))
    assert planned is not None
    assert at_once is not None
    assert (planned.run_at - at_once.run_at).total_seconds() == 30
    await deliver_host(here.federation, host_of(there.origin))
    assert (await row_of(here, document)).state == "sent"


async def test_it_keeps_nothing_longer_than_thirty_days_where_another_inbox_answers(here: Wire, there: Peer) -> None:
    await say(here, "hello", there.inbox, about="object-2")
    documents = [await say(here, str(number), stuck(there)) for number in range(3)]
    here.clock.advance(days=30)

    await deliver_host(here.federation, host_of(there.origin))

    assert there.asked["/stuck"] == 1
    assert {(await row_of(here, document)).state for document in documents} == {"failed"}
    assert heard(there) == ["hello"]
