from __future__ import annotations

import pytest

from identity.errors import SealRefused
from identity.passphrases import Cost, check_passphrase, hash_passphrase

CHEAP = Cost(time=1, memory_kib=64)


def test_the_right_passphrase_is_known_again() -> None:
    hashed = hash_passphrase("bread and roses", cost=CHEAP)

    assert check_passphrase("bread and roses", hashed)


def test_a_wrong_passphrase_is_not() -> None:
    hashed = hash_passphrase("bread and roses", cost=CHEAP)

    assert not check_passphrase("bread and rose", hashed)
    assert not check_passphrase("", hashed)


def test_one_passphrase_has_a_new_hash_each_time() -> None:
    assert hash_passphrase("same", cost=CHEAP) != hash_passphrase("same", cost=CHEAP)


def test_the_hash_is_argon2id_with_the_cost_asked_for() -> None:
    assert hash_passphrase("x", cost=Cost(time=2, memory_kib=128)).startswith("$argon2id$v=19$m=128,t=2,p=1$")


def test_a_letter_with_accent_is_the_same_however_it_is_typed() -> None:
    hashed = hash_passphrase("caf\u00e9", cost=CHEAP)

    assert check_passphrase("cafe\u0301", hashed)


def test_a_broken_keyboard_cannot_break_the_check() -> None:
    hashed = hash_passphrase("\ud800", cost=CHEAP)

    assert check_passphrase("\ud800", hashed)
    assert not check_passphrase("?", hashed)


@pytest.mark.parametrize("stored", ["", "plain text", "$argon2id$v=19$m=64,t=1,p=1$", "$2b$12$abcdefghijklmnopqrstuv"])
def test_a_stored_hash_that_is_none_is_a_fault_not_a_wrong_passphrase(stored: str) -> None:
    with pytest.raises(SealRefused):
        check_passphrase("x", stored)
