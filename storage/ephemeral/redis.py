"""Short memory in Redis, shared by all processes of a node.

Chosen by the wiring where a Redis URL is given; nothing else imports the Redis client.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from storage.errors import EphemeralError
from storage.grouping import Group

TIMEOUT_SECONDS = 2
LARGEST_TRIP = 200
_ALL_IN_ONE_TRIP = """
local answers = {}
for place, key in ipairs(KEYS) do
    local what, value, seconds = unpack(ARGV, 3 * place - 2, 3 * place)
    local answer
    if what == 'get' then
        answer = redis.call('GET', key)
    elseif what == 'put' then
        answer = redis.call('SET', key, value, 'EX', seconds) and 1
    elseif what == 'seen' then
        answer = redis.call('SET', key, value, 'EX', seconds, 'NX') and 1
    elseif what == 'forget' then
        answer = redis.call('DEL', key)
    else
        answer = redis.call('INCR', key)
        if answer == 1 then redis.call('EXPIRE', key, seconds) end
    end
    answers[place] = answer
end
return answers
"""


@dataclass(frozen=True, slots=True)
class _Wish:
    what: str
    key: str
    value: str = ""
    seconds: int = 0


class RedisEphemeral:
    """Ephemeral in Redis under a prefix of our own; connects at the first call.

    What is wished while one trip is under way goes along on the next, as one command: many requests share its cost.
    """

    def __init__(self, url: str, *, prefix: str = "rochdale:") -> None:
        self._redis = Redis.from_url(
            url, decode_responses=True, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
        )
        self._prefix = prefix
        self._trip = self._redis.register_script(_ALL_IN_ONE_TRIP)
        self._trips = Group(self._all, LARGEST_TRIP)

    async def seen(self, key: str, ttl_seconds: int) -> bool:
        """See Ephemeral."""
        return not await self._fulfilled(_Wish("seen", f"seen:{key}", "1", ttl_seconds))

    async def forget(self, key: str) -> None:
        """See Ephemeral."""
        await self._fulfilled(_Wish("forget", f"seen:{key}"))

    async def hit(self, key: str, limit: int, window_seconds: int) -> bool:
        """See Ephemeral."""
        return int(await self._fulfilled(_Wish("hit", f"hits:{key}", seconds=window_seconds))) <= limit

    async def get(self, key: str) -> str | None:
        """See Ephemeral."""
        found = await self._fulfilled(_Wish("get", f"value:{key}"))
        return None if found is None else str(found)

    async def put(self, key: str, value: str, ttl_seconds: int) -> None:
        """See Ephemeral."""
        await self._fulfilled(_Wish("put", f"value:{key}", value, ttl_seconds))

    async def _fulfilled(self, wish: _Wish) -> Any:
        answer = await self._trips.add(wish)
        if isinstance(answer, Exception):
            raise EphemeralError(
                f"Redis did not answer ({answer}); check ROCHDALE_REDIS_URL and the Redis server"
            ) from answer
        return answer

    async def _all(self, wishes: Sequence[_Wish]) -> Sequence[Any]:
        """The answer for each, or for all of them what went wrong: none is asked for a second time by itself."""
        keys = [self._prefix + wish.key for wish in wishes]
        told = [value for wish in wishes for value in (wish.what, wish.value, wish.seconds)]
        try:
            return list(await self._trip(keys, told))
        except (RedisError, OSError) as fault:
            return [fault] * len(wishes)

    async def close(self) -> None:
        """See Ephemeral."""
        await self._redis.aclose()
