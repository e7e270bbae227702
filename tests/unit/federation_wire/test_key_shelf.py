"""Keys kept parsed in this process: for a minute, not too many, never as fresh."""

from __future__ import annotations

from datetime import timedelta

from federation.fetch.shelf import MAX_KEYS, KeyShelf, PeerKey
from tests.doors.peers import NOON, ed25519_key


def key(key_id: str, *, is_fresh: bool = False) -> PeerKey:
    return PeerKey(key_id, "https://coop.example/body", ed25519_key("here").public_key(), is_fresh)


def test_a_key_is_found_for_a_minute_and_never_as_fresh() -> None:
    shelf = KeyShelf()
    shelf.put(key("a", is_fresh=True), NOON)

    assert shelf.find("a", NOON + timedelta(seconds=59)) == key("a")
    assert shelf.find("a", NOON + timedelta(seconds=60)) is None
    assert shelf.find("a", NOON - timedelta(seconds=1)) is None
    assert shelf.find("b", NOON) is None


def test_a_dropped_key_is_gone() -> None:
    shelf = KeyShelf()
    shelf.put(key("a"), NOON)

    shelf.drop("a")
    shelf.drop("never there")

    assert shelf.find("a", NOON) is None


def test_the_oldest_gives_way() -> None:
    shelf = KeyShelf()
    for number in range(MAX_KEYS + 1):
        shelf.put(key(str(number)), NOON)

    assert shelf.find("0", NOON) is None
    assert shelf.find("1", NOON) is not None
