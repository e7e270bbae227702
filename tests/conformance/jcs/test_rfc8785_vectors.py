"""RFC 8785: the test files of its authors (cyberphone/json-canonicalization, testdata, Apache-2.0)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from identity.canonical import canonical_bytes

if TYPE_CHECKING:
    from tests.conformance.conftest import Vectors


@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
def test_a_published_file_is_canonicalised_byte_for_byte(vectors: Vectors, name: str) -> None:
    document = vectors.json(f"rfc8785-jcs/input/{name}.json")

    expected = bytes.fromhex("".join(vectors.text(f"rfc8785-jcs/outhex/{name}.txt").split()))
    assert canonical_bytes(document) == expected
    assert canonical_bytes(document) == vectors.bytes(f"rfc8785-jcs/output/{name}.json")


# RFC 8785 appendix B: IEEE 754 values and how they are written.
@pytest.mark.parametrize(
    ("bits", "text"),
    [
        ("0000000000000000", "0"),
        ("8000000000000000", "0"),
        ("0000000000000001", "5e-324"),
        ("7fefffffffffffff", "1.7976931348623157e+308"),
        ("ffefffffffffffff", "-1.7976931348623157e+308"),
        ("4340000000000000", "9007199254740992"),
        ("c340000000000000", "-9007199254740992"),
        ("4430000000000000", "295147905179352830000"),
        ("44b52d02c7e14af5", "9.999999999999997e+22"),
        ("44b52d02c7e14af6", "1e+23"),
        ("444b1ae4d6e2ef4e", "999999999999999700000"),
        ("444b1ae4d6e2ef50", "1e+21"),
        ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
        ("3eb0c6f7a0b5ed8d", "0.000001"),
        ("41b3de4355555553", "333333333.3333332"),
        ("41b3de4355555557", "333333333.33333343"),
        ("becbf647612f3696", "-0.0000033333333333333333"),
        ("43143ff3c1cb0959", "1424953923781206.2"),
    ],
)
def test_a_number_is_written_as_the_appendix_says(bits: str, text: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))

    assert canonical_bytes(number).decode() == text
