"""Unguessable tokens and what we store of them; called by the sessions of members."""

from __future__ import annotations

import hashlib
import secrets

TOKEN_BYTES = 32


def new_token() -> str:
    """A fresh token of 256 random bits, safe in a cookie or a URL (43 characters)."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """64 hex digits that find the token's row; the token itself is never stored.

    A plain SHA-256 suffices: 256 random bits cannot be guessed, so there is nothing to slow down.
    """
    return hashlib.sha256(token.encode()).hexdigest()
