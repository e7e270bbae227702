"""Keys in paths stand for exactly one id, our own or a peer's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.api.door.ids import KEY_PATTERN, id_of, key_of
from node.api.problems import Problem

if TYPE_CHECKING:
    import uuid

OURS = "https://gracia.example/proposals"


@given(st.uuids())
def test_the_key_of_our_own_object_is_its_uuid(tail: uuid.UUID) -> None:
    key = key_of(OURS, f"{OURS}/{tail}")

    assert key == str(tail)
    assert id_of(OURS, key) == f"{OURS}/{tail}"


@given(st.text(st.characters(codec="utf-8"), min_size=3, max_size=200).filter(str.isprintable))
def test_any_other_id_comes_back_from_its_key(tail: str) -> None:
    object_id = f"https://sants.example/{tail}"
    key = key_of(OURS, object_id)

    assert re.fullmatch(KEY_PATTERN, key)
    assert id_of(OURS, key) == object_id


@pytest.mark.parametrize("tail", ["12", "../../etc", "0" * 36, "F47AC10B-58CC-4372-A567-0E02B2C3D479"])
def test_an_id_of_ours_that_is_no_plain_uuid_is_treated_as_foreign(tail: str) -> None:
    key = key_of(OURS, f"{OURS}/{tail}")

    assert key.startswith("~")
    assert id_of(OURS, key) == f"{OURS}/{tail}"


@pytest.mark.parametrize("key", ["~____", "~gICA"])
def test_a_key_that_is_no_text_is_not_found(key: str) -> None:
    with pytest.raises(Problem, match="nothing at this address"):
        id_of(OURS, key)
