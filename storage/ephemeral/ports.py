"""What the node asks of its short memory.

Implemented by the files beside it, called by the receive gate, sign-in and caches.
"""

from typing import Protocol


class Ephemeral(Protocol):
    """Short memory, shared by the processes of one node where it is Redis. Keys are free text, times whole seconds.

    Every call may raise EphemeralError; nothing durable depends on the answers.
    """

    async def seen(self, key: str, ttl_seconds: int) -> bool:
        """True if the key was given here within its time; else False, and it is remembered from now on."""
        ...

    async def forget(self, key: str) -> None:
        """Let `seen` say False of the key once more."""
        ...

    async def hit(self, key: str, limit: int, window_seconds: int) -> bool:
        """True for the first `limit` calls of a window that begins with the first call; False for the rest of it."""
        ...

    async def get(self, key: str) -> str | None:
        """The text put under the key, or None if there is none or its time is over."""
        ...

    async def put(self, key: str, value: str, ttl_seconds: int) -> None:
        """Remember the text under the key for that time."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
