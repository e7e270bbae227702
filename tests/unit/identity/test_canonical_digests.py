from __future__ import annotations

import math
from typing import Any

import pytest

from identity.canonical import bytes_digest, canonical_bytes, content_digest
from identity.errors import CanonicalError


def test_members_are_ordered_and_spaces_are_gone() -> None:
    assert canonical_bytes({"b": [1, True, None], "a": "é"}) == '{"a":"é","b":[1,true,null]}'.encode()


def test_a_content_digest_names_its_algorithm_and_has_64_hex_digits() -> None:
    assert content_digest({}) == "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


def test_a_content_digest_does_not_depend_on_the_proof() -> None:
    document = {"type": "Question", "name": "Adopt?"}

    assert content_digest({**document, "proof": {"proofValue": "z1"}}) == content_digest(document)


def test_a_content_digest_depends_on_every_other_member() -> None:
    document = {"type": "Question", "name": "Adopt?"}

    assert content_digest({**document, "signature": {}}) != content_digest(document)
    assert content_digest({**document, "name": "Adopt!"}) != content_digest(document)


def test_a_bytes_digest_is_of_the_bytes() -> None:
    assert bytes_digest(b"{}") == content_digest({})


def nested(depth: int) -> list[Any]:
    innermost: list[Any] = []
    for _ in range(depth):
        innermost = [innermost]
    return innermost


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(math.nan, id="nan"),
        pytest.param(math.inf, id="infinity"),
        pytest.param(2**53, id="2^53"),
        pytest.param(-(2**53), id="-2^53"),
        pytest.param("\ud800", id="lone surrogate"),
        pytest.param({"\ud800": 1}, id="lone surrogate as key"),
        pytest.param({1: "one"}, id="integer as key"),
        pytest.param({"set": {1}}, id="set"),
        pytest.param(nested(10_000), id="deep"),
    ],
)
def test_a_value_without_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(CanonicalError) as refusal:
        canonical_bytes(value)

    assert refusal.value.code == "canonical-form"


def test_the_largest_safe_integers_have_a_canonical_form() -> None:
    assert canonical_bytes([2**53 - 1, -(2**53) + 1]) == b"[9007199254740991,-9007199254740991]"
