"""HTTP signatures of draft-cavage-http-signatures-12, signed and verified; called by delivery, fetching and receiving.

httpsig builds the signing string, nothing more: its verifier lets the sender choose the algorithm, so that anybody
could sign as anybody with a public key as HMAC secret (P1). Here the type of the key decides.

Not checked here: that ``host`` is ours and that the key belongs to the author. The receiver knows those.
"""

from __future__ import annotations

import base64
import importlib
import re
import sys
from dataclasses import dataclass
from datetime import UTC
from email.utils import format_datetime
from functools import cache, lru_cache
from types import ModuleType
from typing import TYPE_CHECKING

from identity.errors import SignatureRefusal
from identity.http_signatures.algorithms import check_key, fits, signed
from identity.http_signatures.claim import CavageSignature, read_claim
from identity.http_signatures.digest import check_digest, sha256_digest_header
from identity.http_signatures.window import check_window, read_http_date, read_unix

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from identity.keys.pem import PublicKey


@cache
def _httpsig() -> ModuleType:
    """``httpsig.utils``, imported without setuptools: httpsig 1.3.0 asks pkg_resources for its own version number.

    Only where a first request is signed or checked: it brings a second library of ciphers and a parser of C with it.
    """
    stub = ModuleType("pkg_resources")
    stub.DistributionNotFound = LookupError  # type: ignore[attr-defined]
    stub.get_distribution = _no_distribution  # type: ignore[attr-defined]
    before = dict(sys.modules)
    sys.modules["pkg_resources"] = stub
    try:
        return importlib.import_module("httpsig.utils")
    finally:
        del sys.modules["pkg_resources"]
        if "pkg_resources" in before:
            sys.modules["pkg_resources"] = before["pkg_resources"]


def _no_distribution(name: str) -> ModuleType:
    raise LookupError(name)


DEFAULT_CONTENT_TYPE = "application/activity+json"
SYNCHRONIZING = ("position-synchronization", "collection-synchronization")
"""Headers that are signed whenever they are sent."""
_RSA_LABELS = frozenset({None, "hs2019", "rsa-sha256"})
_ED25519_LABELS = frozenset({None, "hs2019", "ed25519"})
_LABELS = _RSA_LABELS | _ED25519_LABELS
_REQUIRED = frozenset({"(request-target)", "host"})
_REQUIRED_WITH_BODY = _REQUIRED | {"digest"}
_HS2019_ONLY = frozenset({"(created)", "(expires)"})
_ONE_LINE = re.compile(r"[^\r\n\x80-\U0010ffff]+")
_METHODS_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


def sign_request(  # noqa: PLR0913  a request has this many parts
    *,
    method: str,
    target: str,
    headers: Mapping[str, str],
    body: bytes,
    key_id: str,
    key: RSAPrivateKey,
    now: datetime,
) -> dict[str, str]:
    """The headers to send: host, date and signature, with digest and content-type when there is a body.

    Names are in lower case, here and in ``headers``, which holds ``host`` and perhaps ``content-type`` (else it is
    ActivityPub's). ``target`` is the raw path with its query, ``body`` the raw bytes (``b""`` for none).
    """
    added = {"host": headers["host"], "date": _http_date(now.astimezone(UTC).replace(microsecond=0))}
    if body or method.upper() in _METHODS_WITH_BODY:
        added["digest"] = sha256_digest_header(body)
        added["content-type"] = headers.get("content-type", DEFAULT_CONTENT_TYPE)
    added |= {name: headers[name] for name in SYNCHRONIZING if name in headers}
    components = ("(request-target)", *added)
    text = signing_string(components, method=method, target=target, values=added)
    signature = base64.b64encode(signed(key, text)).decode("ascii")
    added["signature"] = (
        f'keyId="{key_id}",algorithm="rsa-sha256",headers="{" ".join(components)}",signature="{signature}"'
    )
    return added


@lru_cache(maxsize=8)
def _http_date(second: datetime) -> str:
    return format_datetime(second, usegmt=True)


def read_signature(headers: Mapping[str, str]) -> CavageSignature:
    """The claim in the ``signature`` header; ``SignatureRefusal`` when missing, overlong, ambiguous or unreadable."""
    text = headers.get("signature", "")
    if not text:
        raise SignatureRefusal("signature-missing", "no Signature header")
    return read_claim(text)


def verify(  # noqa: PLR0913  a request has this many parts
    signature: CavageSignature,
    *,
    method: str,
    target: str,
    headers: Mapping[str, str],
    body: bytes,
    key: PublicKey,
    now: datetime,
) -> None:
    """Nothing, or ``SignatureRefusal``: the request was not signed with ``key``, whole and just now.

    ``target`` is the raw path with its query, as received; ``body`` is the raw bytes.
    """
    check_claim(signature, method=method, target=target, headers=headers, body=body, now=now)(key)


def check_claim(
    signature: CavageSignature, *, method: str, target: str, headers: Mapping[str, str], body: bytes, now: datetime
) -> Callable[[PublicKey], None]:
    """What a key still has to pass; the ``SignatureRefusal`` that no key can avert: fetch no key for that request.

    Passing here proves nothing about the sender; only a call with the key does. Some peers sign the path without its
    query (GtS#894), so that is tried as well: do not let a query decide anything on a signed POST.
    """
    if signature.algorithm not in _LABELS:
        raise SignatureRefusal("signature-algorithm", f"{signature.algorithm!r} is not accepted")
    request = _Request(method.upper(), target, headers, body)
    values = _checked_values(signature, request, now)

    def check(key: PublicKey) -> None:
        check_key(key, signature.algorithm, rsa=_RSA_LABELS, ed25519=_ED25519_LABELS)
        for path in dict.fromkeys((target, target.partition("?")[0])):
            text = signing_string(signature.headers, method=request.method, target=path, values=values)
            if fits(key, signature.signature, text):
                return
        raise SignatureRefusal("signature-invalid", f"the signature by {signature.key_id!r} does not fit the request")

    return check


def signing_string(components: Sequence[str], *, method: str, target: str, values: Mapping[str, str]) -> bytes:
    """The bytes that are signed (§2.3): a line per component, in order; every component has a value in ``values``."""
    message: bytes = _httpsig().generate_message(list(components), values, method=method, path=target)
    return message


def _check_components(signature: CavageSignature, request: _Request) -> None:
    required = _REQUIRED
    if request.body or request.method in _METHODS_WITH_BODY:
        required = _REQUIRED_WITH_BODY
        if "digest" not in request.headers:
            raise SignatureRefusal("digest-missing", "no Digest header")
    missing = required.difference(signature.headers)
    if missing:
        raise SignatureRefusal("signature-component", f"not signed: {', '.join(sorted(missing))}")
    if not {"date", "(created)"}.intersection(signature.headers):
        raise SignatureRefusal("signature-component", "neither date nor (created) is signed")
    if signature.algorithm == "rsa-sha256" and not _HS2019_ONLY.isdisjoint(signature.headers):
        raise SignatureRefusal("signature-component", "(created) and (expires) do not go with rsa-sha256 (§2.3)")


def _check_time(signature: CavageSignature, headers: Mapping[str, str], now: datetime) -> None:
    made = []
    if "date" in signature.headers:
        made.append(read_http_date(headers.get("date", "")))
    if signature.created is not None:
        made.append(read_unix(signature.created))
    check_window(
        made,
        expires=None if signature.expires is None else read_unix(signature.expires),
        expires_is_signed="(expires)" in signature.headers,
        now=now,
    )


def _checked_values(signature: CavageSignature, request: _Request, now: datetime) -> dict[str, str]:
    """Values of the signed components, after every check that needs no key."""
    _check_components(signature, request)
    _check_time(signature, request.headers, now)
    if "digest" in signature.headers:
        check_digest(request.headers.get("digest"), request.body)
    values = _pseudo_headers(signature)
    for name in signature.headers:
        # A header that is literally named "(created)" must not stand in for the parameter whose time was checked.
        if name in request.headers and not name.startswith("("):
            values[name] = request.headers[name].strip()
    absent = [name for name in signature.headers if name not in values and name != "(request-target)"]
    if absent:
        raise SignatureRefusal("signature-component", f"signed but not sent: {', '.join(absent)[:200]}")
    if not request.target.startswith("/") or not _ONE_LINE.fullmatch("".join((request.target, *values.values()))):
        raise SignatureRefusal("signature-malformed", "the target is no path, or a signed header is no line of ASCII")
    return values


def _pseudo_headers(signature: CavageSignature) -> dict[str, str]:
    """Values of the components that are parameters of the signature (§2.3), never headers of the request."""
    times = {"(created)": signature.created, "(expires)": signature.expires}
    return {name: str(value) for name, value in times.items() if value is not None}
