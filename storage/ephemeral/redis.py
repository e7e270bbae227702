"""Short memory in Redis, shared by all processes of a node.

Chosen by the wiring where a Redis URL is given; nothing else imports the Redis client.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from redis.asyncio import Redis
from redis.exceptions import RedisError

from storage.errors import EphemeralError

TIMEOUT_SECONDS = 2


@contextmanager
def _as_our_error() -> Iterator[None]:
    try:
        yield
    except (RedisError, OSError) as fault:
        raise EphemeralError(
            f"Redis did not answer ({fault}); check ROCHDALE_REDIS_URL and the Redis server"
        ) from fault


class RedisEphemeral:
    """Ephemeral in Redis under a prefix of our own; connects at the first call."""

    def __init__(self, url: str, *, prefix: str = "rochdale:") -> None:
        self._redis = Redis.from_url(
            url, decode_responses=True, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
        )
        self._prefix = prefix

    async def seen(self, key: str, ttl_seconds: int) -> bool:
        """See Ephemeral."""
        with _as_our_error():
            return not await self._redis.set(f"{self._prefix}seen:{key}", "1", ex=ttl_seconds, nx=True)

    async def forget(self, key: str) -> None:
        """See Ephemeral."""
        with _as_our_error():
            await self._redis.delete(f"{self._prefix}seen:{key}")

    async def hit(self, key: str, limit: int, window_seconds: int) -> bool:
        """See Ephemeral."""
        name = f"{self._prefix}hits:{key}"
        with _as_our_error():
            async with self._redis.pipeline(transaction=True) as pipeline:
                pipeline.set(name, 0, ex=window_seconds, nx=True)
                pipeline.incr(name)
                _, hits = await pipeline.execute()
        return int(hits) <= limit

    async def get(self, key: str) -> str | None:
        """See Ephemeral."""
        with _as_our_error():
            found = await self._redis.get(f"{self._prefix}value:{key}")
        return None if found is None else str(found)

    async def put(self, key: str, value: str, ttl_seconds: int) -> None:
        """See Ephemeral."""
        with _as_our_error():
            await self._redis.set(f"{self._prefix}value:{key}", value, ex=ttl_seconds)

    async def close(self) -> None:
        """See Ephemeral."""
        await self._redis.aclose()
