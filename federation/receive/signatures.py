"""Whose key signed an HTTP request, in either scheme: draft-cavage, or RFC 9421 when it says `Signature-Input`.

Called by receive.verify (and by doors that answer only known signers).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from federation.errors import WireRefusal
from federation.fetch.keys import key_for, refreshed
from federation.fetch.signing import note_scheme
from federation.receive.challenge import take_back
from identity.errors import SignatureRefusal
from identity.http_signatures import cavage, rfc9421

if TYPE_CHECKING:
    from collections.abc import Callable

    from federation.fetch.documents import FetchBudget
    from federation.fetch.shelf import PeerKey
    from federation.ports import Federation
    from federation.receive.gate import WireRequest
    from identity.keys.pem import PublicKey

_USUAL_PORTS = {"https": ":443", "http": ":80"}


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a request claims, so far as no key is needed to check it. `check` refuses a key that did not sign it."""

    key_id: str
    check: Callable[[PublicKey], None]
    is_message: bool = False
    nonce: str | None = None


async def signer_of(federation: Federation, request: WireRequest, budget: FetchBudget) -> PeerKey | None:
    """The key that signed the request for this node, or None when it is unsigned.

    Raises SignatureRefusal or WireRefusal for a signature that is there but does not hold. A stale cached key is
    fetched again once, so that a peer may rotate without notice.
    """
    if not {"signature", "signature-input"} & request.headers.keys():
        return None
    _check_authority(federation, request)
    is_message = rfc9421.is_signed(request.headers)
    claim = _message_claim(request, federation.origin) if is_message else _cavage_claim(request)
    key = await _fitting(federation, claim, budget)
    await take_back(federation, claim.nonce)
    if claim.is_message:
        await note_scheme(federation, key)
    return key


def signed_header(request: WireRequest, name: str) -> str | None:
    """A header that the signature covers; None for any other.

    To be asked only after `signer_of` found the signature good. Whether the signer may say this is the caller's
    question.
    """
    headers = request.headers
    if name not in headers or not {"signature", "signature-input"} & headers.keys():
        return None
    if rfc9421.is_signed(headers):
        covered = rfc9421.read_signature(headers, method=request.method, body=request.body).components
    else:
        covered = cavage.read_signature(headers).headers
    return headers[name] if name in covered else None


async def _fitting(federation: Federation, claim: _Claim, budget: FetchBudget) -> PeerKey:
    key = await key_for(federation, claim.key_id, budget)
    try:
        claim.check(key.public)
    except SignatureRefusal:
        newer = await refreshed(federation, key, budget)
        if newer is None:
            raise
        claim.check(newer.public)
        return newer
    return key


def _check_authority(federation: Federation, request: WireRequest) -> None:
    # A request captured at another node is signed over that node's host (P7); a whole URL as target names one as well.
    ours = urlsplit(federation.origin)
    named = request.headers.get("host", "").lower().removesuffix(_USUAL_PORTS[ours.scheme])  # RFC 9110 §4.2.3
    if named != ours.netloc.lower().removesuffix(_USUAL_PORTS[ours.scheme]) or not request.target.startswith("/"):
        raise WireRefusal("authority-foreign", "The signed request is addressed to another host.")


def _cavage_claim(request: WireRequest) -> _Claim:
    method, target, headers, body = request.method, request.target, request.headers, request.body
    claim, now = cavage.read_signature(headers), request.received_at
    check = cavage.check_claim(claim, method=method, target=target, headers=headers, body=body, now=now)
    return _Claim(claim.key_id, check)


def _message_claim(request: WireRequest, origin: str) -> _Claim:
    method, uri, headers, body = request.method, origin + request.target, request.headers, request.body
    claim, now = rfc9421.read_signature(headers, method=method, body=body), request.received_at
    check = rfc9421.check_claim(claim, method=method, target_uri=uri, headers=headers, body=body, now=now)
    return _Claim(claim.key_id, check, is_message=True, nonce=claim.nonce)
