"""Bytes of a peer to one JSON object, strictly: what a signer and a verifier could read differently is refused (P4).

Called by receive.gate and fetch, and by the member door for the bodies it is sent.
"""

from __future__ import annotations

import json
import re
from typing import Any

from federation.errors import MalformedJson

MAX_DEPTH = 64
MAX_NODES = 10_000
MAX_PAGE_NODES = 500_000
MAX_INTEGER = 2**53 - 1  # beyond it JCS has no canonical form (RFC 8785 §3.2.2.3)
_MAX_INTEGER_DIGITS = 16
# Matches to the end of the text when a string is never closed, so that no text is scanned twice.
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+\\?(?:"|\Z)', re.DOTALL)
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")
# Outside an escape a NUL is no JSON at all; a backslash that is escaped itself escapes nothing after it.
_NUL_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")

_SPACE, _COLON, _COMMA = (re.compile(rf"[ \t\n\r]*{mark}[ \t\n\r]*") for mark in ("", ":", ","))
_LOOSE = json.JSONDecoder()


def parse(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`: UTF-8 without BOM, no duplicate names, NaN, lone surrogates or integers over 2^53.

    Raises MalformedJson, for the character NUL too, which PostgreSQL cannot store; at most 64 levels and 10,000 values.
    """
    return _parsed(body, max_depth=MAX_DEPTH, max_nodes=MAX_NODES)


def parse_page(body: bytes) -> dict[str, Any]:
    """A page of a collection, as strict but with room for many items; each of them still has to stand on its own."""
    return _parsed(body, max_depth=MAX_DEPTH + 2, max_nodes=MAX_PAGE_NODES)


def member_text(text: str, name: str) -> str:
    """The text of a member's value, exactly as it stands in an object that `parse` took. KeyError when it has none."""
    place = text.index("{") + 1
    while (place := _after(_SPACE, text, place)) < len(text) and text[place] == '"':
        found, end = _LOOSE.raw_decode(text, place)
        begin = _after(_COLON, text, end)
        _, end = _LOOSE.raw_decode(text, begin)
        if found == name:
            return text[begin:end]
        place = _after(_COMMA, text, end)
    raise KeyError(name)


def _after(mark: re.Pattern[str], text: str, place: int) -> int:
    matched = mark.match(text, place)
    return matched.end() if matched is not None else place


def _parsed(body: bytes, *, max_depth: int, max_nodes: int) -> dict[str, Any]:
    text = _decoded(body)
    _check_shape(text, max_depth=max_depth, max_nodes=max_nodes)
    try:
        document = _STRICT.decode(text)
    except (ValueError, RecursionError) as error:
        raise MalformedJson(f"not JSON: {error}") from error
    if not isinstance(document, dict):
        raise MalformedJson("not a JSON object")
    _check_escapes(text, document)
    return document


def _decoded(body: bytes) -> str:
    if body.startswith(b"\xef\xbb\xbf"):
        raise MalformedJson("byte order mark")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedJson("not UTF-8") from error


def _check_shape(text: str, *, max_depth: int, max_nodes: int) -> None:
    # Counted on the text before any tree exists, so a deep or wide document costs one linear pass.
    if text.count("[") + text.count("{") <= max_depth and text.count(",") < max_nodes - max_depth:
        return
    bare = _STRING.sub("", text)
    if bare.count(",") + bare.count("[") + bare.count("{") >= max_nodes:
        raise MalformedJson(f"more than {max_nodes} values")
    depth = 0
    for mark in re.findall(r"[][{}]", bare):
        depth += 1 if mark in "[{" else -1
        if depth > max_depth:
            raise MalformedJson(f"deeper than {max_depth}")


def _check_escapes(text: str, document: dict[str, Any]) -> None:
    # Each pattern is looked for only where its plain part stands, which costs a fiftieth.
    if "\\u0000" in text and _NUL_ESCAPE.search(text):
        raise MalformedJson("the character NUL")
    # A surrogate can only come from an escape, so that ordinary documents are not written out again.
    if _may_hold_surrogates(text) and _SURROGATE.search(json.dumps(document, ensure_ascii=False)):
        raise MalformedJson("lone surrogate")


def _may_hold_surrogates(text: str) -> bool:
    return ("\\ud" in text or "\\uD" in text) and _SURROGATE_ESCAPE.search(text) is not None


def _unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedJson("a member name occurs twice")
    return members


def _no_constant(name: str) -> Any:
    raise MalformedJson(f"{name} is not JSON")


def _small_integer(digits: str) -> int:
    if len(digits.lstrip("-")) > _MAX_INTEGER_DIGITS or abs(int(digits)) > MAX_INTEGER:
        raise MalformedJson("integer beyond 2^53")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise MalformedJson("number beyond double precision")
    return number


_STRICT = json.JSONDecoder(
    object_pairs_hook=_unique_names, parse_constant=_no_constant, parse_int=_small_integer, parse_float=_finite
)
