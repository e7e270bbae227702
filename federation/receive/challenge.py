"""Nonces given with a refusal of the inbox, each good once and for a while (RFC 9421 §5, `Accept-Signature`).

Given by http.inbox, taken back by receive.signatures; with `limits.challenge_seconds` 0 there are none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.errors import WireRefusal
from identity.http_signatures.rfc9421 import accept_signature

if TYPE_CHECKING:
    from federation.ports import Federation


async def challenge(federation: Federation) -> str | None:
    """The `Accept-Signature` header that asks the sender to sign again with a fresh nonce; None when we ask nobody."""
    if not federation.limits.challenge_seconds:
        return None
    nonce = federation.new_id()
    await federation.ephemeral.put(_given(nonce), "1", federation.limits.challenge_seconds)
    return accept_signature(nonce)


async def take_back(federation: Federation, nonce: str | None) -> None:
    """Nothing, or WireRefusal `nonce-unknown` for a nonce we did not give, gave too long ago, or saw before.

    A request without one is left alone: draft-cavage has none, and the replay guard covers what they would add.
    """
    if nonce is None or not federation.limits.challenge_seconds:
        return
    seconds = federation.limits.challenge_seconds
    is_ours = await federation.ephemeral.get(_given(nonce)) is not None
    if not is_ours or await federation.ephemeral.seen(f"nonce-used:{nonce}", seconds):
        raise WireRefusal("nonce-unknown", "The nonce was not given here, is too old, or was used before.")


def _given(nonce: str) -> str:
    return f"nonce:{nonce}"
