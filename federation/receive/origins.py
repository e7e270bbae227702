"""Who owns an id: the one module of origin rules (FEP-fe34).

Called by authorize, verify and fetch. Origin = (scheme, host, port); nothing here fetches.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from federation.vocabulary.reading import id_of

_DEFAULT_PORTS = {"https": 443, "http": 80}
# Names in ASCII and addresses; other letters have several spellings and must come as xn-- (RFC 5890 §2.3.2.1).
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]*:[0-9a-f:.]*")

Origin = tuple[str, str, int]


@lru_cache(maxsize=2048)
def origin_of(url: str) -> Origin | None:
    """The origin of an http(s) URL, None for anything else (other schemes, credentials, other letters, nonsense)."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not host or "@" in parts.netloc or not _HOST.fullmatch(host):
        return None
    if not url.isprintable() or " " in url:
        return None
    return parts.scheme, host.rstrip("."), port or _DEFAULT_PORTS[parts.scheme]


def same_origin(one: str, other: str) -> bool:
    """Whether both are http(s) URLs of the same origin."""
    origin = origin_of(one)
    return origin is not None and origin == origin_of(other)


def host_of(url: str) -> str:
    """`host` or `host:port` (port only when not the scheme's default) of a URL; "" when it has none."""
    origin = origin_of(url)
    if origin is None:
        return ""
    scheme, host, port = origin
    host = f"[{host}]" if ":" in host else host
    return host if port == _DEFAULT_PORTS[scheme] else f"{host}:{port}"


def owner_of(document: dict[str, Any]) -> str | None:
    """The actor a document says it belongs to: `attributedTo`, else `actor`; None when it names none or several."""
    return id_of(document.get("attributedTo")) or id_of(document.get("actor"))
