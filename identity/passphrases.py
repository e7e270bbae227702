"""Passphrases of members who have no passkey (I7); called by enrolment and signing in, always in a thread.

One hash takes tens of milliseconds of processor time and ``memory_kib`` of memory on purpose: never call these on the
event loop, and let only a few run at once.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import argon2

from identity.errors import SealRefused


@dataclass(frozen=True, slots=True)
class Cost:
    """How dear one guess is: passes over memory, and memory in KiB (RFC 9106 §4, second recommendation)."""

    time: int = 3
    memory_kib: int = 65536


def hash_passphrase(text: str, *, cost: Cost) -> str:
    """An argon2id hash in PHC text form, with its own random salt and its cost inside."""
    hasher = argon2.PasswordHasher(time_cost=cost.time, memory_cost=cost.memory_kib, parallelism=1)
    return hasher.hash(_normalised(text))


def check_passphrase(text: str, hashed: str) -> bool:
    """Whether ``text`` is the passphrase behind ``hashed``; ``SealRefused`` when ``hashed`` is no argon2 hash."""
    try:
        return argon2.PasswordHasher().verify(hashed, _normalised(text))
    except argon2.exceptions.VerifyMismatchError:
        return False
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError) as fault:
        raise SealRefused("seal-broken", "a stored passphrase hash is not readable; reset that passphrase") from fault


def _normalised(text: str) -> bytes:
    # Two keyboards spell "é" differently; NIST SP 800-63B §3.1.1.2 asks for NFKC or NFKD before hashing.
    return unicodedata.normalize("NFKC", text).encode("utf-8", "surrogatepass")
