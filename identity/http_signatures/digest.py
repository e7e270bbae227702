"""The ``Digest`` (RFC 3230 §4.3.2) and ``Content-Digest`` (RFC 9530 §2) headers, SHA-256 only.

Called when signing and verifying requests with a body: the first by cavage, the second by rfc9421.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from functools import lru_cache

from identity.errors import SignatureRefusal

_ALGORITHM = "sha-256"


@lru_cache(maxsize=8)
def sha256_digest_header(body: bytes) -> str:
    """``SHA-256=<base64>`` of the raw bytes."""
    return f"SHA-256={base64.b64encode(hashlib.sha256(body).digest()).decode('ascii')}"


@lru_cache(maxsize=8)
def sha256_content_digest(body: bytes) -> str:
    """``sha-256=:<base64>:`` of the raw bytes."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode('ascii')}:"


def check_digest(header: str | None, body: bytes) -> None:
    """Nothing, or ``SignatureRefusal`` unless ``header`` holds exactly one SHA-256 value and it fits the raw ``body``.

    Other algorithms beside it are ignored; alone they do not count (``digest-missing``).
    """
    _check(header, body, opened="", closed="")


def check_content_digest(header: str | None, body: bytes) -> None:
    """As ``check_digest``, for the header whose values stand between colons."""
    _check(header, body, opened=":", closed=":")


def _check(header: str | None, body: bytes, *, opened: str, closed: str) -> None:
    values = [value for name, value in _parts(header or "") if name == _ALGORITHM]
    if not values:
        raise SignatureRefusal("digest-missing", "no SHA-256 digest of the body in its header")
    if len(values) > 1:
        raise SignatureRefusal("digest-mismatch", "more than one SHA-256 digest of the body in its header")
    if not values[0].startswith(opened) or not values[0].endswith(closed):
        raise SignatureRefusal("digest-mismatch", "the SHA-256 digest is not written as its header asks")
    text = values[0].removeprefix(opened).removesuffix(closed)
    if not hmac.compare_digest(_decoded(text), hashlib.sha256(body).digest()):
        raise SignatureRefusal("digest-mismatch", "the SHA-256 digest is not that of the body received")


def _parts(header: str) -> list[tuple[str, str]]:
    pairs = (part.strip().partition("=") for part in header.split(","))
    return [(name.lower(), value) for name, _, value in pairs]


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as fault:
        raise SignatureRefusal("digest-mismatch", "the SHA-256 digest is not base64") from fault
