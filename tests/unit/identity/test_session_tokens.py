from __future__ import annotations

import string

from identity.tokens import new_token, token_hash


def test_tokens_carry_256_bits_and_fit_a_cookie() -> None:
    token = new_token()

    assert len(token) == 43
    assert set(token) <= set(string.ascii_letters + string.digits + "-_")


def test_no_two_tokens_are_alike() -> None:
    assert len({new_token() for _ in range(1000)}) == 1000


def test_the_hash_finds_the_row_and_hides_the_token() -> None:
    assert token_hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
