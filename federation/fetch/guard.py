"""Which addresses and URLs this node may connect to: an allow-global test, never a deny list (P11).

Called by the client for each URL, each redirect and each socket about to be connected.
"""

from __future__ import annotations

import ipaddress
import socket
import string
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from yarl import URL

from federation.errors import FetchForbidden
from federation.receive.origins import origin_of

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_URL_LENGTH = 2048
HTTPS_PORT = 443
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

_GLOBAL_UNICAST_V6 = ipaddress.IPv6Network("2000::/3")
_NEVER_V6 = tuple(
    ipaddress.IPv6Network(block)
    for block in (
        "2001::/23",  # IETF protocol assignments: Teredo, ORCHID, benchmarking
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: embeds a v4 address
        "3fff::/20",  # documentation (RFC 9637)
    )
)
_NEVER_V4 = tuple(
    ipaddress.IPv4Network(block)
    for block in (
        "192.0.0.0/24",  # IETF protocol assignments
        "192.88.99.0/24",  # 6to4 relay anycast
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.175.48.0/24",  # AS112
    )
)

_ALL_OF_ASCII = string.punctuation + " "

Address = tuple[Any, ...]


class AddressRefused(OSError):  # noqa: N818 - what we do, not what went wrong
    """The address about to be connected is not one we speak to."""


def is_global(address: str) -> bool:
    """Whether an IP literal is plain global unicast.

    IPv6 must lie in 2000::/3, so mapped, compatible, NAT64, unspecified, link-local and unique-local
    addresses are out by construction; what inside it embeds IPv4 or is special is out by name.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        return found in _GLOBAL_UNICAST_V6 and not any(found in block for block in _NEVER_V6)
    return found.is_global and not found.is_multicast and not any(found in block for block in _NEVER_V4)


def is_loopback(address: str) -> bool:
    """Whether an IP literal is 127.0.0.0/8 or ::1 (a mapped 127.0.0.1 is not)."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return found.is_loopback and getattr(found, "ipv4_mapped", None) is None


@lru_cache(maxsize=1024)
def check_url(url: str, *, allow_loopback: bool) -> URL:
    """The parsed URL, ready to be requested and signed; raises FetchForbidden with code `url-forbidden`.

    Letters beyond ASCII are percent-encoded (RFC 3987 §3.1), but none may stand in the host. https on port 443, no
    credentials; plain http only to this machine and only with the development setting.
    """
    # Whatever is fetched has an origin, by which it is compared and blocked.
    if len(url) > MAX_URL_LENGTH or origin_of(url) is None:
        raise FetchForbidden("url-forbidden", "not an absolute URL without credentials, or too long")
    parsed = URL(quote(url, safe=_ALL_OF_ASCII), encoded=True)
    host, port = (parsed.host or "").rstrip("."), parsed.port
    if parsed.scheme == "http" and allow_loopback and (host in LOOPBACK_NAMES or is_loopback(host)):
        return parsed.with_fragment(None)
    if parsed.scheme != "https" or port != HTTPS_PORT:
        raise FetchForbidden("url-forbidden", f"{parsed.scheme}://{host}:{port} is not https on port 443")
    return parsed.with_fragment(None)


def socket_factory(*, allow_loopback: bool) -> Callable[[Address], socket.socket]:
    """A factory for aiohttp's TCPConnector that sees the final address, after every name lookup and redirect."""

    def guarded(info: Address) -> socket.socket:
        family, kind, protocol, _, target = info
        address, port = str(target[0]), int(target[1])
        public = is_global(address) and port == HTTPS_PORT
        if not public and not (allow_loopback and is_loopback(address)):
            raise AddressRefused(f"{address} port {port} is not a public https address")
        return socket.socket(family, kind, protocol)

    return guarded
