"""The quick way to canonical bytes and the reference give the same bytes, or both refuse (RFC 8785)."""

from __future__ import annotations

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from identity.canonical import canonical_bytes
from identity.errors import CanonicalError

scalars = (
    st.none() | st.booleans() | st.integers(-(2**53) - 2, 2**53 + 2) | st.floats(allow_nan=True) | st.text(max_size=8)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6) | st.integers(0, 3), inner, max_size=4)
    ),
    max_leaves=12,
)


def reference(value: Any) -> bytes | None:
    try:
        return rfc8785.dumps(value)
    except (ValueError, RecursionError):
        return None


@given(values)
def test_every_value_has_the_reference_form_or_none(value: Any) -> None:
    expected = reference(value)

    if expected is None:
        with pytest.raises(CanonicalError):
            canonical_bytes(value)
    else:
        assert canonical_bytes(value) == expected


@pytest.mark.parametrize("text", [chr(code) for code in range(0x80)] + ["\u2028", "\u2029", "\ufffd", "\U0001f600"])
def test_every_character_is_escaped_as_the_reference_does(text: str) -> None:
    assert canonical_bytes({"a": text}) == rfc8785.dumps({"a": text})


def test_keys_are_ordered_by_utf_16_units() -> None:
    assert canonical_bytes({"\ufb33": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ufb33":1}'.encode()
