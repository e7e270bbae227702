"""Ballots on the wire: the voter's signed paper, and the deciding body's receipt for it; called by services.ballots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.vocabulary.governed import governed
from federation.vocabulary.terms import BALLOT, RECEIPT
from federation.vocabulary.times import wire_time
from identity.dids.did_key import verification_method
from identity.proofs import eddsa_jcs_2022
from node.outbound.documents import Document, frame, signed

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from node.context import Node
    from storage.records import ProposalRecord


def ballot(  # noqa: PLR0913  # the paper has six fields and each is the voter's word
    node: Node, *, proposal: ProposalRecord, voter: str, key: Ed25519PrivateKey, choice: str, seq: int, now: datetime
) -> Document:
    """A ballot signed by the voter's own did:key, so that it proves itself wherever it travels (I6, decision 0005)."""
    governance = {
        "kind": "ballot",
        "proposal": {"id": proposal.id, "digest": proposal.digest},
        "voter": voter,
        "choice": choice,
        "seq": seq,
        "cast_at": wire_time(now),
    }
    document = governed(BALLOT, frame(node, node.url("ballots", node.new_id()), now), governance)
    return eddsa_jcs_2022.sign(document, key=key, verification_method=verification_method(voter), created=now)


def receipt(  # as G9 lists its fields
    node: Node, *, ballot_digest: str, proposal_id: str, seq: int, status: str, received_at: datetime
) -> Document:
    """The deciding body's word that a ballot arrived, without its choice (G9)."""
    governance = {
        "kind": "receipt",
        "ballot": ballot_digest,
        "proposal": proposal_id,
        "seq": seq,
        "status": status,
        "received_at": wire_time(received_at),
    }
    return signed(node, RECEIPT, node.url("receipts", node.new_id()), governance, now=received_at)
