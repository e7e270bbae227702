"""What the headers of a message signature claim or ask for, label by label (RFC 9421 §4, §5); called by rfc9421 alone.

A claim is well formed, not yet true.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from identity.errors import SignatureRefusal
from identity.http_signatures.fields import Member, quoted, read_dictionary, text_of

if TYPE_CHECKING:
    from collections.abc import Set

MAX_COMPONENTS = 32
MAX_KEY_ID_CHARACTERS = 2048
MAX_NONCE_CHARACTERS = 256
RSA_NAMES = frozenset({None, "rsa-v1_5-sha256"})
ED25519_NAMES = frozenset({None, "ed25519"})
_SECONDS = re.compile(r"0|[1-9]\d{0,11}", re.ASCII)


@dataclass(frozen=True, slots=True)
class MessageSignature:
    """One label of ``Signature-Input`` with its signature: a claim, nothing verified yet. Times are Unix seconds.

    ``parameters_text`` is the last line of the signature base, canonical whatever spaces were sent.
    """

    label: str
    components: tuple[str, ...]
    parameters_text: str
    key_id: str
    algorithm: str | None
    signature: bytes
    created: int
    expires: int | None
    nonce: str | None


@dataclass(frozen=True, slots=True)
class Challenge:
    """What an ``Accept-Signature`` header asks for (§5.1): a label, what to cover, and what to repeat, as written."""

    label: str
    components: tuple[str, ...]
    repeated: str


def read_claim(label: str, member: Member, made: Member) -> MessageSignature:
    """The claim of one label; ``SignatureRefusal`` when it is of a kind our profile does not know."""
    components = tuple(text_of(element) or "" for element in member.elements or ())
    if member.elements is None or "" in components or len(components) > MAX_COMPONENTS:
        raise SignatureRefusal("signature-malformed", f"{label} does not list its components as names")
    if any(quoted(name) != element for name, element in zip(components, member.elements, strict=True)):
        raise SignatureRefusal("signature-component", f"{label} asks for parts of components, which are not read here")
    if len(set(components)) != len(components):
        raise SignatureRefusal("signature-malformed", f"{label} lists a component twice")
    algorithm = text_of(member.parameters.get("alg", ""))
    if algorithm not in RSA_NAMES | ED25519_NAMES or ("alg" in member.parameters and algorithm is None):
        raise SignatureRefusal("signature-algorithm", f"{algorithm!r} is not accepted")
    created = _seconds(member, "created")
    if created is None:
        raise SignatureRefusal("signature-component", f"{label} does not say when it was created")
    return MessageSignature(
        label=label,
        components=components,
        parameters_text=f"({' '.join(member.elements)}){member.parameters_text()}",
        key_id=_key_id(member),
        algorithm=algorithm,
        signature=_bytes(made),
        created=created,
        expires=_seconds(member, "expires"),
        nonce=_nonce(member),
    )


def read_challenge(header: str, *, known: Set[str]) -> Challenge | None:
    """The first thing an ``Accept-Signature`` header asks for that covers only ``known`` components; None without one.

    Called by whoever sent the request that was answered with it.
    """
    try:
        asked = read_dictionary(header)
    except SignatureRefusal:
        return None
    for label, member in asked.items():
        components = tuple(text_of(element) or "" for element in member.elements or ())
        algorithm = text_of(member.parameters.get("alg", ""))
        if member.elements is not None and known >= set(components) and algorithm in RSA_NAMES:
            repeated = {name: member.parameters[name] for name in ("nonce", "tag") if member.parameters.get(name)}
            return Challenge(label, components, "".join(f";{name}={value}" for name, value in repeated.items()))
    return None


def _key_id(member: Member) -> str:
    key_id = text_of(member.parameters.get("keyid", "")) or ""
    # Web infrastructure adds labels of its own, with key ids that are no addresses: those are not for us.
    if "://" not in key_id or len(key_id) > MAX_KEY_ID_CHARACTERS:
        raise SignatureRefusal("signature-malformed", "the keyid is not an address")
    return key_id


def _nonce(member: Member) -> str | None:
    nonce = text_of(member.parameters.get("nonce", ""))
    if nonce is not None and len(nonce) > MAX_NONCE_CHARACTERS:
        raise SignatureRefusal("signature-malformed", "the nonce is overlong")
    return nonce


def _seconds(member: Member, name: str) -> int | None:
    text = member.parameters.get(name)
    if text is None:
        return None
    if _SECONDS.fullmatch(text) is None:
        raise SignatureRefusal("signature-malformed", f"{name} is not a whole number of seconds")
    return int(text)


def _bytes(made: Member) -> bytes:
    text = made.item
    try:
        decoded = base64.b64decode(text[1:-1], validate=True) if text.startswith(":") else b""
    except (binascii.Error, ValueError) as fault:
        raise SignatureRefusal("signature-malformed", "the signature is not base64") from fault
    if not decoded:
        raise SignatureRefusal("signature-malformed", "the label holds no signature")
    return decoded
