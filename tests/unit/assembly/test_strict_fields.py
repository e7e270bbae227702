"""Strict reading of JSON members: a wrong shape is refused with the caller's own refusal."""

from __future__ import annotations

from typing import Any

import pytest

from federation.assembly.fields import LARGEST, Fields, fields_of, governance_of


def fields(**members: object) -> Fields:
    return Fields(members=members, refuse=ValueError)


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (lambda it: it.text("x"), ""),
        (lambda it: it.text("x"), 1),
        (lambda it: it.text("x"), None),
        (lambda it: it.integer("x"), -1),
        (lambda it: it.integer("x"), LARGEST + 1),
        (lambda it: it.integer("x"), "1"),
        (lambda it: it.flag("x"), 1),
        (lambda it: it.seconds("x"), -0.1),
        (lambda it: it.seconds("x"), False),
        (lambda it: it.instant("x"), "2026-02-30T00:00:00Z"),
        (lambda it: it.instant("x"), "2026-02-01"),
        (lambda it: it.digest("x"), "sha256:ABC"),
        (lambda it: it.within("x"), []),
        (lambda it: it.rows("x"), {}),
        (lambda it: it.rows("x"), [{}, 1]),
        (lambda it: it.reference("x"), {"id": "a"}),
        (lambda it: it.one_of("x", ("a", "b")), "c"),
        (lambda it: it.only("y"), 1),
    ],
)
def test_a_member_of_the_wrong_shape_is_refused(read: Any, value: object) -> None:
    with pytest.raises(ValueError, match="x"):
        read(fields(x=value))


def test_null_and_missing_are_both_absent() -> None:
    assert fields(x=None).is_absent("x")
    assert fields().is_absent("x")
    assert not fields(x=0).is_absent("x")


def test_a_document_must_be_an_object_of_the_wanted_kind() -> None:
    with pytest.raises(ValueError, match="object"):
        fields_of([], ValueError)
    with pytest.raises(ValueError, match="kind"):
        governance_of({"governance": {"kind": "roll"}}, "ballot", ValueError)
