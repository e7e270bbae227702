"""The nonce of a lot: committed to when a proposal is frozen, revealed when it closes (G4); called by those two.

It is made from our own key and the proposal's id, so nothing has to be kept secret in between, and nobody without the
key can know it before the close.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from node.context import Node

PURPOSE = b"rochdale: nonce of the lot of this proposal, revealed at its close: "


def nonce_of(node: Node, proposal_id: str, *, signed_with: str | None = None) -> str:
    """The nonce of a proposal of ours, in hexadecimal: the digest of a deterministic signature (RFC 8032) of its id.

    At the close `signed_with` is the key that the frozen proposal is signed with, for ours may have changed since.
    """
    frozen_with = node.keyring.ed25519_named(signed_with) if signed_with else None
    key = frozen_with or node.keyring.ed25519(node.body.actor_id)[1]
    return hashlib.sha256(key.sign(PURPOSE + proposal_id.encode())).hexdigest()
