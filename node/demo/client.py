"""A member's JSON door, spoken over HTTP as any client would; called by story and by tests."""

from __future__ import annotations

import asyncio
import json
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp

if TYPE_CHECKING:
    from collections.abc import Mapping

IDEMPOTENCY = "Idempotency-Key"
UNAVAILABLE = 503
STILL_AT_WORK = "idempotency-key-busy"
"""Said where an answer got lost on the way, and what it answers is not done yet."""
PATIENCE_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0, 2.0, 3.0, 3.0, 5.0, 5.0, 5.0, 5.0)


class DoorError(RuntimeError):
    """The node refused; carries its stable code."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        """Keep the status and the problem document."""
        super().__init__(f"{status} {problem.get('code', '')}: {problem.get('detail', problem.get('title', ''))}")
        self.status = status
        self.code = str(problem.get("code", ""))


@dataclass(slots=True)
class Door:
    """One person at one node. `token` is None until sign-in."""

    http: aiohttp.ClientSession
    origin: str
    token: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    async def sign_in(self, name: str, passphrase: str) -> None:
        """Get a token for what follows."""
        answer = await self.post("session", {"name": name, "passphrase": passphrase, "label": "demo"})
        self.token = answer["token"]
        self.headers = {"Authorization": f"Bearer {self.token}"}

    async def get(self, path: str, **query: str) -> Any:
        """The JSON of a read. DoorError when refused."""
        return await self._patiently("GET", path, params=query)

    async def post(self, path: str, body: Mapping[str, Any] | None = None, *, already: str = "") -> Any:
        """The JSON of a write, which has its effect once however often it had to be sent. DoorError when refused.

        `already` is the refusal that, after an answer got lost with its node, says the write was done; then None.
        """
        key = {IDEMPOTENCY: str(uuid.uuid4())}
        return await self._patiently("POST", path, json=dict(body or {}), headers=key, already=already)

    async def _patiently(self, method: str, path: str, *, already: str = "", **how: Any) -> Any:
        """Ask again while the node is being started or has too much to do."""
        was_lost = False
        for pause_seconds in (*PATIENCE_SECONDS, None):
            try:
                return await self._ask(method, path, **how)
            except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError):
                was_lost = True
                if pause_seconds is None:
                    raise
            except DoorError as refusal:
                if was_lost and refusal.code == already:
                    return None
                if (refusal.status != UNAVAILABLE and refusal.code != STILL_AT_WORK) or pause_seconds is None:
                    raise
            await asyncio.sleep(pause_seconds)
        raise AssertionError("the last try returns or raises")

    async def _ask(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **how: Any) -> Any:
        url = f"{self.origin}/api/v1/{path}"
        sent = {**self.headers, **(headers or {})}
        async with self.http.request(method, url, headers=sent, **how) as response:
            text = await response.text()
            answer = json.loads(text) if text else None
            if not response.ok:
                raise DoorError(response.status, answer or {})
            return answer
