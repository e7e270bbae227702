"""Strict JSON of peers: one reading or none (P4)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import MalformedJson
from federation.vocabulary.strict_json import MAX_DEPTH, MAX_INTEGER, MAX_NODES, member_text, parse

numbers = st.integers(-MAX_INTEGER, MAX_INTEGER) | st.floats(allow_nan=False)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=10)
scalars = st.none() | st.booleans() | numbers | texts
nested = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
documents = st.dictionaries(texts, nested, max_size=4)


@given(documents)
def test_every_ordinary_document_is_read_as_json_reads_it(document: dict[str, object]) -> None:
    try:
        text = json.dumps(document, allow_nan=False).encode()
    except ValueError:
        return

    assert parse(text) == json.loads(text)


@given(st.binary(max_size=300))
def test_no_bytes_bring_anything_but_a_refusal(body: bytes) -> None:
    try:
        parse(body)
    except MalformedJson:
        return


@pytest.mark.parametrize(
    ("name", "body"),
    {
        "a name twice, deep inside": b'{"x": [{"a": 1, "a": 2}]}',
        "an integer of many digits": b'{"x": ' + b"9" * 10_000 + b"}",
        "minus infinity": b'{"x": -Infinity}',
        "too deep": b'{"x":' + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH + b"}",
        "too wide": b'{"x":[' + b"0," * MAX_NODES + b"0]}",
        "a string for a document": b'"x"',
        "a NUL": b'{"x": ["a\\u0000b"]}',
        "a NUL as name": b'{"\\u0000": 1}',
        "a NUL after escaped backslashes": b'{"x": "' + b"\\\\" * 3 + b'\\u0000"}',
        "a NUL without escape": b'{"x": "\x00"}',
        "a surrogate as name": b'{"\\udc00": 1}',
        "a string that never ends, full of quotes": b'{"x":"' + b'\\"' * 500_000,
    }.items(),
)
def test_what_two_readers_could_read_differently_is_refused(name: str, body: bytes) -> None:
    with pytest.raises(MalformedJson):
        parse(body)


def test_brackets_inside_strings_are_not_depth() -> None:
    document = {"x": "[" * 1000 + '\\"{' * 1000 + "," * 20_000}

    assert parse(json.dumps(document).encode()) == document


def test_an_escaped_backslash_before_what_looks_like_a_nul_is_read() -> None:
    assert parse(b'{"x": "' + b"\\\\" * 3 + b'u0000"}') == {"x": "\\\\\\u0000"}


def test_a_surrogate_pair_is_an_ordinary_character() -> None:
    assert parse(b'{"x": "\\ud83d\\ude00"}') == {"x": "\N{GRINNING FACE}"}


def test_depth_and_width_at_the_limit_are_read() -> None:
    deep = b'{"x":' + b"[" * (MAX_DEPTH - 1) + b"]" * (MAX_DEPTH - 1) + b"}"

    assert parse(deep)
    assert len(parse(b'{"x":[' + b"0," * (MAX_NODES - 100) + b"0]}")["x"]) == MAX_NODES - 99


@given(documents, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_a_member_s_text_is_a_piece_of_the_text_that_says_the_same(
    document: dict[str, object], indent: int | str | None, is_ascii: bool
) -> None:
    text = json.dumps(document, indent=indent, ensure_ascii=is_ascii)

    found = {name: member_text(text, name) for name in document}

    assert all(part in text for part in found.values())
    assert {name: json.dumps(json.loads(part)) for name, part in found.items()} == {
        name: json.dumps(value) for name, value in document.items()
    }
    with pytest.raises(KeyError):
        member_text(text, "nowhere to be found")


def test_a_member_is_found_under_an_escaped_name_and_not_inside_others() -> None:
    text = ' {"a" : {"object": 1}, "x": "\\"object\\": 2" ,\r\n"\\u006fbject"\t:\n[ 1.00 ]  } '

    assert member_text(text, "object") == "[ 1.00 ]"
