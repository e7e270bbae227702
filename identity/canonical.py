"""One JSON value, one sequence of bytes, and the digests that cite documents; called by proofs and by governance.

Pure. Documents that mean the same JSON have the same digest; those that differ anywhere but in ``proof`` do not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import rfc8785

from identity.errors import CanonicalError

JsonValue: TypeAlias = "bool | int | float | str | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
Document: TypeAlias = Mapping[str, Any]

_LARGEST = 2**53 - 1
_PLAIN = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def canonical_bytes(value: JsonValue) -> bytes:
    """UTF-8 bytes of ``value`` as RFC 8785 prescribes; ``CanonicalError`` when it has no such form.

    Objects are ``dict``, arrays ``list`` or ``tuple``. Refused: NaN and infinities, integers beyond ±(2^53-1), lone
    surrogates, keys that are no strings, nesting deeper than the interpreter can follow. Whole floats from 2^53 to
    10^21 have a form, but one that is refused when it is read back as an integer: write no such numbers.
    """
    try:
        return _PLAIN.encode(value).encode() if _is_plain(value) else rfc8785.dumps(value)
    except (ValueError, RecursionError) as fault:
        raise CanonicalError(f"no canonical form (RFC 8785): {type(fault).__name__}: {fault}") from fault


def _is_plain(value: object) -> bool:
    """Whether ``json`` writes the same bytes, which it does five times as fast: no floats, no keys beyond ASCII."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        kind = type(one)
        if kind is dict:
            if not _has_ascii_keys(one):  # type: ignore[arg-type]  # a dict
                return False
            waiting.extend(one.values())  # type: ignore[attr-defined]  # a dict
        elif kind is list or kind is tuple:
            waiting.extend(one)  # type: ignore[arg-type]  # a list or tuple
        elif kind is int:
            if not -_LARGEST <= one <= _LARGEST:  # type: ignore[operator]  # an int
                return False
        elif kind is not str and kind is not bool and one is not None:
            return False
    return True


def _has_ascii_keys(members: dict[Any, object]) -> bool:
    try:
        return "".join(members).isascii()
    except TypeError:
        return False


def content_digest(document: Document) -> str:
    """``sha256:<64 hex>`` of ``document`` in canonical form without its ``proof``: how documents cite each other."""
    return bytes_digest(canonical_bytes({name: value for name, value in document.items() if name != "proof"}))


def bytes_digest(content: bytes) -> str:
    """``sha256:<64 hex>`` of the bytes."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
