"""Multibase base58-btc, the only base FEP-521a and eddsa-jcs-2022 need; called by multikey and proofs."""

from __future__ import annotations

import re

import base58

# Longest text worth decoding: base58 takes quadratic time, and a 64-byte signature needs 88 characters.
MAX_CHARACTERS = 128
_BASE58_BTC = re.compile(r"z[1-9A-HJ-NP-Za-km-z]+")


def base58btc(content: bytes) -> str:
    """``z`` and the base58-btc digits of ``content``."""
    return "z" + base58.b58encode(content).decode("ascii")


def read_base58btc(text: object) -> bytes:
    """The bytes behind ``text``; ``ValueError`` for another base, a foreign character or an overlong text."""
    if not isinstance(text, str) or len(text) > MAX_CHARACTERS or _BASE58_BTC.fullmatch(text) is None:
        raise ValueError("not multibase base58-btc (a 'z' and base58 digits)")
    return bytes(base58.b58decode(text[1:]))
