"""HTTP message signatures (RFC 9421), signed and verified; called by delivery, fetching and receiving.

One profile of the many the standard allows: RSA PKCS#1 v1.5 with SHA-256 or Ed25519, the type of the key deciding;
the method, the whole URL and the body are always signed. Labels of other kinds are passed over, not refused.

Not checked here: that the key belongs to the author. ``target_uri`` must be built from our own origin, never from what
the request says about itself: that is what stops a request captured at another node (P7).
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from identity.errors import SignatureRefusal
from identity.http_signatures.algorithms import PrivateKey, check_key, fits, signed
from identity.http_signatures.digest import check_content_digest, sha256_content_digest
from identity.http_signatures.fields import quoted, read_dictionary
from identity.http_signatures.message_claim import (
    ED25519_NAMES,
    RSA_NAMES,
    Challenge,
    MessageSignature,
    read_challenge,
    read_claim,
)
from identity.http_signatures.window import check_window, read_unix

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from identity.keys.pem import PublicKey

LABEL = "sig1"
_UNASKED = Challenge(LABEL, (), "")
DEFAULT_CONTENT_TYPE = "application/activity+json"
SYNCHRONIZING = ("position-synchronization", "collection-synchronization")
"""Headers that are signed whenever they are sent."""
LIFETIME = timedelta(hours=1)
COVERED = ("@method", "@target-uri")
COVERED_WITH_BODY = (*COVERED, "content-digest")
_METHODS_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_FIELD_NAME = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+", re.ASCII)
_ONE_LINE = re.compile(r"[^\r\n\x80-\U0010ffff]*")
_DEFAULT_PORTS = {"https": ":443", "http": ":80"}


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    target_uri: str
    headers: Mapping[str, str]
    body: bytes


def sign_request(  # noqa: PLR0913  a request has this many parts
    *,
    method: str,
    target_uri: str,
    headers: Mapping[str, str],
    body: bytes,
    key_id: str,
    key: PrivateKey,
    now: datetime,
    challenge: Challenge | None = None,
) -> dict[str, str]:
    """The headers to send: signature-input and signature, with content-digest and content-type when there is a body.

    One label, which is all that Mastodon takes; good for an hour. ``target_uri`` is the whole URL without fragment.
    """
    added = {}
    components = _required(method, body)
    if "content-digest" in components:
        added["content-digest"] = sha256_content_digest(body)
        added["content-type"] = headers.get("content-type", DEFAULT_CONTENT_TYPE)
    besides = {name: headers[name] for name in SYNCHRONIZING if name in headers}
    added |= besides
    asked = challenge or _UNASKED
    components = tuple(dict.fromkeys((*components, *asked.components, *besides)))
    created = int(now.timestamp())
    times = f"created={created};expires={created + int(LIFETIME.total_seconds())}"
    parameters = f"({' '.join(map(quoted, components))});{times};keyid={quoted(key_id)}{asked.repeated}"
    values = _component_values(components, method=method, target_uri=target_uri, headers=added)
    made = base64.b64encode(signed(key, signature_base(components, values, parameters))).decode("ascii")
    return {**added, "signature-input": f"{asked.label}={parameters}", "signature": f"{asked.label}=:{made}:"}


def is_signed(headers: Mapping[str, str]) -> bool:
    """Whether the request claims a message signature; one without ``Signature-Input`` is draft-cavage's or none."""
    return "signature-input" in headers


def read_signature(headers: Mapping[str, str], *, method: str, body: bytes) -> MessageSignature:
    """The first label that our profile knows and that covers what it must; ``SignatureRefusal`` when there is none.

    The refusal is that of the first label, or ``signature-missing`` when no label has a signature.
    """
    inputs, made = read_dictionary(headers.get("signature-input", "")), read_dictionary(headers.get("signature", ""))
    refusals = []
    for label, member in inputs.items():
        if label not in made:
            continue
        try:
            claim = read_claim(label, member, made[label])
            _check_covered(claim, method, body)
        except SignatureRefusal as refusal:
            refusals.append(refusal)
        else:
            return claim
    raise next(iter(refusals), SignatureRefusal("signature-missing", "no label has both an input and a signature"))


def check_claim(
    signature: MessageSignature,
    *,
    method: str,
    target_uri: str,
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
) -> Callable[[PublicKey], None]:
    """What a key still has to pass; the ``SignatureRefusal`` that no key can avert: fetch no key for that request.

    Passing here proves nothing about the sender; only a call with the key does.
    """
    base = _checked_base(signature, _Request(method, target_uri, headers, body), now)

    def check(key: PublicKey) -> None:
        check_key(key, signature.algorithm, rsa=RSA_NAMES, ed25519=ED25519_NAMES)
        if not fits(key, signature.signature, base):
            why = f"the signature by {signature.key_id!r} does not fit the request"
            raise SignatureRefusal("signature-invalid", why)

    return check


def verify(  # noqa: PLR0913  a request has this many parts
    signature: MessageSignature,
    *,
    method: str,
    target_uri: str,
    headers: Mapping[str, str],
    body: bytes,
    key: PublicKey,
    now: datetime,
) -> None:
    """Nothing, or ``SignatureRefusal``: the request was not signed with ``key``, for this URL, whole and just now.

    ``target_uri`` is our origin and the raw path with its query as received; ``body`` is the raw bytes.
    """
    check_claim(signature, method=method, target_uri=target_uri, headers=headers, body=body, now=now)(key)


def signature_base(components: tuple[str, ...], values: Mapping[str, str], parameters_text: str) -> bytes:
    """The bytes that are signed (§2.5): a line per component, in order, and the parameters last."""
    lines = [f'"{name}": {values[name]}' for name in components]
    return "\n".join((*lines, f'"@signature-params": {parameters_text}')).encode("ascii")


def accept_signature(nonce: str) -> str:
    """The ``Accept-Signature`` header that asks the sender of a POST to sign again with this nonce (§5.1)."""
    covered = " ".join(map(quoted, COVERED_WITH_BODY))
    return f"{LABEL}=({covered});created;keyid;nonce={quoted(nonce)}"


def challenge_of(headers: Mapping[str, str], *, method: str, body: bytes) -> Challenge | None:
    """What an answer asks us to sign the same request again with, if it is something we can do; else None."""
    return read_challenge(headers.get("accept-signature", ""), known={*_required(method, body), *_DERIVED})


def _required(method: str, body: bytes) -> tuple[str, ...]:
    return COVERED_WITH_BODY if body or method.upper() in _METHODS_WITH_BODY else COVERED


def _check_covered(signature: MessageSignature, method: str, body: bytes) -> None:
    missing = [name for name in _required(method, body) if name not in signature.components]
    if missing:
        raise SignatureRefusal("signature-component", f"not signed: {', '.join(missing)}")


def _checked_base(signature: MessageSignature, request: _Request, now: datetime) -> bytes:
    """The signature base, after every check that needs no key."""
    _check_covered(signature, request.method, request.body)
    expires = None if signature.expires is None else read_unix(signature.expires)
    check_window([read_unix(signature.created)], expires=expires, expires_is_signed=True, now=now)
    if "content-digest" in signature.components:
        check_content_digest(request.headers.get("content-digest"), request.body)
    values = _component_values(
        signature.components, method=request.method, target_uri=request.target_uri, headers=request.headers
    )
    return signature_base(signature.components, values, signature.parameters_text)


_DERIVED: Mapping[str, Callable[[SplitResult], str]] = {
    "@authority": lambda url: url.netloc.lower().removesuffix(_DEFAULT_PORTS.get(url.scheme, " ")),
    "@scheme": lambda url: url.scheme,
    "@path": lambda url: url.path or "/",
    "@query": lambda url: f"?{url.query}",
    "@request-target": lambda url: (url.path or "/") + (f"?{url.query}" if url.query else ""),
}


def _component_values(
    components: tuple[str, ...], *, method: str, target_uri: str, headers: Mapping[str, str]
) -> dict[str, str]:
    url = urlsplit(target_uri)
    values = {"@method": method.upper(), "@target-uri": target_uri}
    for name in components:
        if name in _DERIVED:
            values[name] = _DERIVED[name](url)
        elif name not in values and _FIELD_NAME.fullmatch(name) and name in headers:
            values[name] = headers[name].strip()
        elif name not in values:
            raise SignatureRefusal("signature-component", f"signed but not sent, or not known here: {name[:200]}")
    if not all(_ONE_LINE.fullmatch(values[name]) for name in components):
        raise SignatureRefusal("signature-malformed", "the target or a signed header is no line of ASCII")
    return values
