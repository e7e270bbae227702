"""The one HTTP client of a node: guarded addresses, no redirects, no cookies, no proxies, bounded bodies.

Called by fetch.documents for GET and by deliver.send for POST.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp

from federation.errors import FetchFailure, FetchForbidden
from federation.fetch.guard import AddressRefused, check_url, socket_factory
from federation.fetch.names import Names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp.abc import AbstractResolver
    from yarl import URL

    from federation.ports import Limits

USER_AGENT = "Rochdale/0.1 (ActivityPub node)"
_CHUNK_BYTES = 64 * 1024
_LINE_BYTES = 8190
CONNECT_SECONDS = 5.0
_KEEP_ALIVE_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerAnswer:
    """What a peer answered: header names in lower case, body decompressed and complete."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


IsBlocked = Callable[[str], Awaitable[bool]]
"""Whether the operator blocked the host of a URL; asked before every request, redirects included."""


class PeerClient:
    """Adapter over one aiohttp session, opened at first use on the running loop."""

    def __init__(
        self,
        *,
        limits: Limits,
        allow_loopback: bool = False,
        resolver: AbstractResolver | None = None,
        is_blocked: IsBlocked | None = None,
    ) -> None:
        self._limits = limits
        self._allow_loopback = allow_loopback
        self._resolver = resolver
        self._is_blocked = is_blocked
        self._names: Names | None = None
        self._session: aiohttp.ClientSession | None = None

    def checked(self, url: str) -> URL:
        """The URL as it will be requested; raises FetchForbidden."""
        return check_url(url, allow_loopback=self._allow_loopback)

    async def get(self, url: str, *, headers: Mapping[str, str], max_bytes: int) -> PeerAnswer:
        """The answer to a GET, whatever its status; raises FetchFailure when there is none or it is too large."""
        seconds = self._limits.fetch_seconds
        return await self._request("GET", url, headers=headers, body=None, max_bytes=max_bytes, seconds=seconds)

    async def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> PeerAnswer:
        """The answer to a POST, whatever its status, its body cut at 4 KiB; raises FetchFailure when there is none."""
        seconds = self._limits.delivery_seconds
        return await self._request("POST", url, headers=headers, body=body, max_bytes=None, seconds=seconds)

    async def close(self) -> None:
        """Close the session; a later request opens a new one."""
        session, self._session = self._session, None
        names, self._names = self._names, None
        if session is not None:
            await session.close()
        if names is not None:
            await names.close()

    async def _request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None,
        max_bytes: int | None,
        seconds: float,
    ) -> PeerAnswer:
        target = self.checked(url)
        if self._is_blocked is not None and await self._is_blocked(url):
            raise FetchForbidden("fetch-blocked", f"{target.host} is blocked by this node's operator")
        patience = aiohttp.ClientTimeout(total=seconds, sock_connect=min(seconds, CONNECT_SECONDS))
        try:
            async with self._opened().request(
                method, target, headers=headers, data=body, allow_redirects=False, timeout=patience
            ) as response:
                received = await _bounded(response, max_bytes)
                names = {name.lower(): value for name, value in response.headers.items()}
                return PeerAnswer(status=response.status, headers=names, body=received, url=str(target))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise _failure(target, error) from error

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._names = None if self._resolver is not None else Names()
            connector = aiohttp.TCPConnector(
                limit=0,  # the lanes bound how many hosts are spoken to at once
                keepalive_timeout=_KEEP_ALIVE_SECONDS,
                limit_per_host=self._limits.delivery_concurrency,
                socket_factory=socket_factory(allow_loopback=self._allow_loopback),
                resolver=self._resolver or self._names,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                trust_env=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"},
                max_line_size=_LINE_BYTES,
                max_field_size=_LINE_BYTES,
            )
        return self._session


def authority_of(target: URL) -> str:
    """The Host header for a checked URL: the port only when it is not the scheme's default (RFC 9110 §7.2)."""
    host = f"[{target.raw_host}]" if ":" in (target.raw_host or "") else target.raw_host
    return str(host) if target.is_default_port() else f"{host}:{target.port}"


async def _bounded(response: aiohttp.ClientResponse, max_bytes: int | None) -> bytes:
    limit = 4096 if max_bytes is None else max_bytes
    received = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
        received += chunk
        if len(received) > limit:
            if max_bytes is None:
                response.close()
                break
            raise FetchFailure(
                "fetch-too-large", f"{response.url} is larger than {limit} bytes", status=response.status
            )
    return bytes(received[:limit])


def _failure(target: URL, error: Exception) -> FetchFailure:
    refused = error if isinstance(error, AddressRefused) else getattr(error, "os_error", None)
    if isinstance(refused, AddressRefused):
        return FetchForbidden("address-forbidden", f"{target.host}: {refused}")
    if isinstance(error, TimeoutError):
        return FetchFailure("fetch-timeout", f"{target.host} did not answer in time")
    return FetchFailure("fetch-unreachable", f"{target.host}: {type(error).__name__}: {error}")
