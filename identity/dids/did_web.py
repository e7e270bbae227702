"""did:web for whole hosts (W3C CCG did:web §3, I4): an origin's name, a name's origin, and the document a node serves.

Pure; called by the node's own identity, by peers' documents and by the route ``/.well-known/did.json``.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

from identity.errors import DidRefused
from identity.instants import instant_text
from identity.keys.multikey import ed25519_multibase

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PREFIX = "did:web:"
CONTEXT = ("https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1")
_DEFAULT_PORTS = {"https": 443, "http": 80}
_HOST_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*(?<!-)", re.ASCII)
_SPECIFIC_ID = re.compile(r"(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})+", re.ASCII)


def did_web(origin: str) -> str:
    """``did:web:coop.example`` or ``did:web:127.0.0.1%3A8101`` for ``https://coop.example`` or a development origin.

    ``DidRefused`` unless ``origin`` is a bare http(s) origin: no path, query, fragment, user or trailing dot.
    """
    scheme, authority = _split_origin(origin)
    host, port = _split_authority(authority)
    suffix = "" if port in {None, _DEFAULT_PORTS[scheme]} else f":{port}"
    return PREFIX + quote(host + suffix, safe="")


def origin_of(did: str, *, loopback: bool) -> str:
    """``https://coop.example`` for ``did:web:coop.example``; ``http://…`` for this machine, if ``loopback``.

    ``DidRefused`` for other methods, for paths (a person on a host is not the host), for IP addresses that are not
    loopback, and for loopback itself unless allowed.
    """
    specific = _specific_id(did)
    host, port = _split_authority(unquote(specific).lower())
    suffix = "" if port is None else f":{port}"
    if is_loopback(host):
        if not loopback:
            raise DidRefused("did-unsupported", f"{did!r} names this machine itself; only development nodes may")
        return f"http://{host}{suffix}"
    if _is_address(host):
        raise DidRefused("did-unsupported", f"{did!r} names an IP address; did:web needs a host name")
    return f"https://{host}{suffix}"


def did_document(
    did: str,
    *,
    actor_id: str,
    keys: Mapping[str, Ed25519PublicKey],
    retired: Mapping[str, tuple[Ed25519PublicKey, datetime]] | None = None,
) -> dict[str, Any]:
    """The DID document of a node: its Ed25519 keys as Multikey, and its actor as ``alsoKnownAs``.

    ``keys`` maps fragments to keys, current first (``{"ed25519-key": key}``); during a rotation it holds both. RSA keys
    stay in the actor document, where old peers look for them. ``retired`` keys are named with the moment they expired
    (W3C CID §2.2) and assert nothing any more: they are there for who checks what they signed before.
    """
    methods = [_method(did, fragment, key) for fragment, key in keys.items()]
    names = [method["id"] for method in methods]
    methods += [
        {**_method(did, fragment, key), "expires": instant_text(at)} for fragment, (key, at) in (retired or {}).items()
    ]
    return {
        "@context": list(CONTEXT),
        "id": did,
        "alsoKnownAs": [actor_id],
        "verificationMethod": methods,
        "assertionMethod": names,
        "authentication": list(names),
    }


def _method(did: str, fragment: str, key: Ed25519PublicKey) -> dict[str, str]:
    return {
        "id": f"{did}#{fragment}",
        "type": "Multikey",
        "controller": did,
        "publicKeyMultibase": ed25519_multibase(key),
    }


def is_loopback(host: str) -> bool:
    """Whether ``host`` (lower case, IPv6 in brackets) is this machine: a localhost name or a loopback address."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    return _is_address(host) and ipaddress.ip_address(host.strip("[]")).is_loopback


def _split_origin(origin: str) -> tuple[str, str]:
    try:
        parts = urlsplit(origin)
    except ValueError as fault:
        raise DidRefused("did-malformed", f"not an origin: {origin[:200]!r}") from fault
    bare = f"{parts.scheme}://{parts.netloc}"
    if parts.scheme not in _DEFAULT_PORTS or origin.removesuffix("/").lower() != bare.lower():
        raise DidRefused("did-malformed", f"not a bare http(s) origin: {origin[:200]!r}")
    return parts.scheme, parts.netloc.lower()


def _specific_id(did: str) -> str:
    if not did.startswith(PREFIX):
        raise DidRefused("did-unsupported", f"not a did:web: {did[:200]!r}")
    specific = did.removeprefix(PREFIX)
    if ":" in specific:
        raise DidRefused("did-unsupported", f"did:web with a path is not read here: {did[:200]!r}")
    if _SPECIFIC_ID.fullmatch(specific) is None:
        raise DidRefused("did-malformed", f"not a did:web of a host: {did[:200]!r}")
    return specific


def _split_authority(authority: str) -> tuple[str, int | None]:
    """Host and port, checked; IPv6 addresses keep their brackets."""
    match = re.fullmatch(r"(\[[0-9a-f:.]+\]|[^:\[\]]+)(?::([1-9]\d{0,4}))?", authority, re.ASCII)
    host, port = (match[1], match[2]) if match else ("", None)
    sound = _is_address(host) or _HOST_NAME.fullmatch(host) is not None
    if not sound or (port is not None and int(port) > 65535):  # noqa: PLR2004  the highest port there is
        raise DidRefused("did-malformed", f"not a host with an optional port: {authority[:200]!r}")
    return host, int(port) if port else None


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
