"""Who owns an id: the one module of origin rules (FEP-fe34).

Called by authorize, verify and fetch. Origin = (scheme, host, port); nothing here fetches.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from federation.vocabulary.reading import id_of

MAX_ID_BYTES = 1280
"""Two ids of this length still fit into one entry of an index of PostgreSQL, which holds 2,704 bytes."""
MAX_HOST_LENGTH = 253  # RFC 1035 §2.3.4, without the dot at the end
_DEFAULT_PORTS = {"https": 443, "http": 80}
# Scheme and authority (RFC 3986 §3.2), no longer than a host and a port can be: what is read here is remembered.
_BEGINNING = re.compile(r"https?://[^/?#]{1,260}(?=[/?#]|\Z)", re.IGNORECASE)
# Names in ASCII and addresses; other letters have several spellings and must come as xn-- (RFC 5890 §2.3.2.1).
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]*:[0-9a-f:.]*")

Origin = tuple[str, str, int]


def origin_of(url: str) -> Origin | None:
    """The origin of an http(s) URL, None for anything else (other schemes, credentials, other letters, nonsense)."""
    return _origin_at(_beginning_of(url))


def _beginning_of(url: str) -> str:
    beginning = _BEGINNING.match(url)
    return "" if beginning is None or not url.isprintable() or " " in url else beginning[0]


@lru_cache(maxsize=2048)
def _origin_at(beginning: str) -> Origin | None:
    """The origin of all URLs that begin so: ids are many, their origins few."""
    try:
        parts = urlsplit(beginning)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not host or "@" in parts.netloc or not _HOST.fullmatch(host.rstrip(".")):
        return None
    if len(host) > MAX_HOST_LENGTH:
        return None
    return parts.scheme, host.rstrip("."), _DEFAULT_PORTS[parts.scheme] if port is None else port


def same_origin(one: str, other: str) -> bool:
    """Whether both are http(s) URLs of the same origin."""
    origin = origin_of(one)
    return origin is not None and origin == origin_of(other)


def host_of(url: str) -> str:
    """`host` or `host:port` (port only when not the scheme's default) of a URL; "" when it has none."""
    return _host_at(_beginning_of(url))


@lru_cache(maxsize=2048)
def _host_at(beginning: str) -> str:
    origin = _origin_at(beginning)
    if origin is None:
        return ""
    scheme, host, port = origin
    host = f"[{host}]" if ":" in host else host
    return host if port == _DEFAULT_PORTS[scheme] else f"{host}:{port}"


def is_too_long(text: str) -> bool:
    """Whether an id, a DID or the address of an inbox is longer than a database can look up."""
    return (len(text) if text.isascii() else len(text.encode(errors="replace"))) > MAX_ID_BYTES


def owner_of(document: dict[str, Any]) -> str | None:
    """The actor a document says it belongs to: `attributedTo`, else `actor`; None when it names none or several."""
    return id_of(document.get("attributedTo")) or id_of(document.get("actor"))
