"""The lot that breaks a tie: nobody can choose it, everybody can repeat it (G4).

Drawn by `decide` under rules that list it; `commitment` and `beacon` are called when a proposal is frozen and closed.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lot:
    """What a lot is drawn from: the digest of the frozen proposal, and the beacon of its close."""

    proposal: str
    beacon: str


def commitment(nonce: str) -> str:
    """What a node publishes with the frozen proposal about the nonce that it reveals at the close."""
    return _digest("commitment", nonce)


def beacon(ballot_set: str, nonces: Iterable[str]) -> str:
    """The beacon of a close, from the digest of the counted set and the revealed nonces in any order.

    The last voter does not know the nonces, and who knows a nonce committed to it before the first ballot.
    """
    return _digest("beacon", ballot_set, *sorted(nonces))


def drawn_order(lot: Lot, options: Iterable[str]) -> tuple[str, ...]:
    """The options in the order drawn, the winner first; the order in which they are given does not matter."""
    return tuple(sorted(options, key=lambda option: _digest("lot", lot.proposal, lot.beacon, option)))


def _digest(*parts: str) -> str:
    """`sha256:<hex>` over the parts, each with its length before it so that no two lists of parts run together."""
    framed = b"".join(b"%d:%s" % (len(part.encode()), part.encode()) for part in parts)
    return f"sha256:{hashlib.sha256(framed).hexdigest()}"
