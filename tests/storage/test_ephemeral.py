import asyncio
from collections.abc import AsyncIterator

import pytest

from storage.ephemeral.memory import MemoryEphemeral
from storage.ephemeral.ports import Ephemeral
from storage.ephemeral.redis import RedisEphemeral
from storage.errors import EphemeralError


@pytest.fixture(params=["memory", "redis"])
async def ephemeral(request: pytest.FixtureRequest) -> AsyncIterator[Ephemeral]:
    made: Ephemeral = (
        MemoryEphemeral() if request.param == "memory" else RedisEphemeral(request.getfixturevalue("redis_url"))
    )
    yield made
    await made.close()


async def test_a_key_is_new_once(ephemeral: Ephemeral) -> None:
    assert [await ephemeral.seen(key, 60) for key in ("a", "b", "a")] == [False, False, True]


async def test_a_forgotten_key_is_new_again_and_no_other(ephemeral: Ephemeral) -> None:
    for key in ("a", "b"):
        await ephemeral.seen(key, 60)

    await ephemeral.forget("a")
    await ephemeral.forget("never seen")

    assert [await ephemeral.seen(key, 60) for key in ("a", "b", "a")] == [False, True, True]


async def test_of_many_at_once_one_sees_a_key_first(ephemeral: Ephemeral) -> None:
    answers = await asyncio.gather(*(ephemeral.seen("a", 60) for _ in range(20)))

    assert answers.count(False) == 1


async def test_hits_are_allowed_up_to_the_limit_of_each_key(ephemeral: Ephemeral) -> None:
    assert [await ephemeral.hit("a", 2, 60) for _ in range(4)] == [True, True, False, False]
    assert await ephemeral.hit("b", 2, 60)
    assert not await ephemeral.hit("c", 0, 60)


async def test_values_are_remembered_and_replaced(ephemeral: Ephemeral) -> None:
    assert await ephemeral.get("a") is None
    await ephemeral.put("a", "é", 60)
    await ephemeral.put("a", "ü", 60)

    assert await ephemeral.get("a") == "ü"


async def test_guards_limits_and_values_do_not_share_keys(ephemeral: Ephemeral) -> None:
    await ephemeral.put("a", "1", 60)
    await ephemeral.hit("a", 1, 60)

    assert not await ephemeral.seen("a", 60)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_memory_forgets_at_the_end_of_the_time() -> None:
    clock = Clock()
    memory = MemoryEphemeral(clock=clock)
    await memory.seen("a", 60)
    await memory.put("a", "x", 60)
    assert [await memory.hit("a", 1, 60) for _ in range(2)] == [True, False]

    clock.now = 59.9
    assert (await memory.get("a"), await memory.hit("a", 1, 60)) == ("x", False)
    clock.now = 60.0

    assert not await memory.seen("a", 60)
    assert await memory.get("a") is None
    assert await memory.hit("a", 1, 60)


async def test_memory_is_bounded_and_lets_the_oldest_go() -> None:
    memory = MemoryEphemeral(max_entries=2)
    for key in ("a", "b", "c"):
        await memory.put(key, key, 60)

    assert [await memory.get(key) for key in ("a", "b", "c")] == [None, "b", "c"]


async def test_redis_gives_every_key_an_end_and_a_prefix(redis_url: str) -> None:
    import redis.asyncio as client

    ephemeral = RedisEphemeral(redis_url, prefix="node-a:")
    await ephemeral.seen("a", 60)
    await ephemeral.hit("a", 1, 60)
    await ephemeral.hit("a", 1, 60)
    await ephemeral.put("a", "x", 60)
    await ephemeral.close()

    async with client.Redis.from_url(redis_url, decode_responses=True) as server:
        ours = [key async for key in server.scan_iter("node-a:*")]
        ends = [await server.ttl(key) for key in ours]
    assert len(ours) == 3
    assert all(0 < end <= 60 for end in ends)


async def test_two_nodes_on_one_redis_do_not_meet(redis_url: str) -> None:
    nodes = [RedisEphemeral(redis_url, prefix=prefix) for prefix in ("a:", "b:")]

    assert [await node.seen("key", 60) for node in nodes] == [False, False]
    for node in nodes:
        await node.close()


async def test_a_silent_redis_is_our_own_error() -> None:
    ephemeral = RedisEphemeral("redis://127.0.0.1:1")

    with pytest.raises(EphemeralError):
        await ephemeral.seen("a", 60)
    await ephemeral.close()
