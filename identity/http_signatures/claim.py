"""What a Signature header claims, field by field (draft-cavage-http-signatures-12 §2.1); called by ``cavage`` alone.

A claim is well formed, not yet true.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from identity.errors import SignatureRefusal

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_HEADER_CHARACTERS = 8192
MAX_KEY_ID_CHARACTERS = 2048
MAX_COMPONENTS = 32
# No escapes inside quotes: no known peer writes them, and no value that we read can hold a quote.
_PARAMETER = re.compile(r'([A-Za-z]+)=(?:"([^"\\]*)"|([0-9A-Za-z._-]*))')
_HEADER = re.compile(rf"[ \t]*{_PARAMETER.pattern}(?:[ \t]*,[ \t]*{_PARAMETER.pattern})*[ \t]*")
_SECONDS = re.compile(r"0|[1-9]\d{0,11}", re.ASCII)


@dataclass(frozen=True, slots=True)
class CavageSignature:
    """One parsed ``Signature`` header: a claim, nothing verified yet. Times are Unix seconds."""

    key_id: str
    algorithm: str | None
    headers: tuple[str, ...]
    signature: bytes
    created: int | None
    expires: int | None


def read_claim(header: str) -> CavageSignature:
    """The claim in a ``Signature`` header; ``SignatureRefusal`` when overlong, ambiguous or unreadable."""
    parameters = _parameters(header)
    algorithm = parameters.get("algorithm")
    return CavageSignature(
        key_id=_key_id(parameters),
        algorithm=algorithm.lower() if algorithm else None,
        headers=_components(parameters.get("headers", "date")),
        signature=_base64(parameters.get("signature", "")),
        created=_seconds(parameters.get("created")),
        expires=_seconds(parameters.get("expires")),
    )


def _parameters(header: str) -> dict[str, str]:
    """Values by parameter name in lower case; a name that stands twice would let two readers see two claims."""
    if len(header) > MAX_HEADER_CHARACTERS or _HEADER.fullmatch(header) is None:
        raise SignatureRefusal("signature-malformed", "the Signature header is overlong or no list of parameters")
    pairs = _PARAMETER.findall(header)
    parameters = {name.lower(): quoted or bare for name, quoted, bare in pairs}
    if len(parameters) != len(pairs):
        raise SignatureRefusal("signature-malformed", "a parameter stands twice in the Signature header")
    return parameters


def _key_id(parameters: Mapping[str, str]) -> str:
    key_id = parameters.get("keyid", "")
    if not key_id or len(key_id) > MAX_KEY_ID_CHARACTERS or not key_id.isprintable():
        raise SignatureRefusal("signature-malformed", "the Signature header names no usable keyId")
    return key_id


def _components(text: str) -> tuple[str, ...]:
    names = tuple(text.lower().split(" "))
    if "" in names or len(names) > MAX_COMPONENTS or len(names) != len(set(names)):
        raise SignatureRefusal("signature-malformed", "the list of signed headers is empty, overlong or repeats a name")
    return names


def _base64(text: str) -> bytes:
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as fault:
        raise SignatureRefusal("signature-malformed", "the signature is not base64") from fault
    if not decoded:
        raise SignatureRefusal("signature-malformed", "the Signature header holds no signature")
    return decoded


def _seconds(text: str | None) -> int | None:
    if text is None:
        return None
    if _SECONDS.fullmatch(text) is None:
        raise SignatureRefusal("signature-malformed", "created or expires is not a whole number of seconds")
    return int(text)
