"""FEP-fe34: origins are compared as scheme, host and port; ids, owners and objects must share one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from federation.receive.origins import origin_of, same_origin
from tests.doors.peers import peer, wire

if TYPE_CHECKING:
    from storage.engine import Store


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/x", "https://a.example:443/y"),
        ("https://A.example/x", "https://a.example/x#fragment"),
        ("http://a.example:80/", "http://a.example/"),
    ],
)
def test_the_same_origin_in_other_words(one: str, other: str) -> None:
    assert same_origin(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/", "http://a.example/"),
        ("https://a.example/", "https://a.example:8443/"),
        ("https://a.example/", "https://www.a.example/"),
        ("https://a.example/", "https://a.example.evil.example/"),
        ("did:web:a.example", "did:web:a.example"),
        ("", ""),
    ],
)
def test_other_origins_and_ids_that_have_none(one: str, other: str) -> None:
    assert not same_origin(one, other)


def test_an_address_with_credentials_has_no_origin() -> None:
    assert origin_of("https://a.example@evil.example/") is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"id": "https://victim.example/activities/1"}, "id-origin"),
        ({"object": {"id": "https://victim.example/notes/1", "type": "Note"}}, "object-origin"),
    ],
)
async def test_what_is_of_another_origin_is_refused(store: Store, changes: dict[str, Any], code: str) -> None:
    async with wire(store) as here, peer() as there:
        answer = await there.send(here, there.activity(**changes))

        assert (answer.status, answer.code) == (403, code)
