"""The lot of a proposal: revealed at its close, and checked by everyone who recounts (G4).

Called by the closing service and by the verifier.
"""

from collections.abc import Iterable

from federation.assembly.lots import Lot, beacon, commitment
from node.governance.counting import ballot_set_digest
from node.governance.proposals import FrozenProposal
from node.governance.refusals import Refusal


def needs_lot(terms: FrozenProposal) -> bool:
    """Whether the frozen rule may come to a lot, so that its nonce is revealed with every outcome."""
    return "lot" in terms.rule.tie


def drawn(terms: FrozenProposal, proposal_digest: str, counted: Iterable[str], nonce: str) -> Lot:
    """The lot over the digests of the counted papers, with the nonce revealed.

    Refuses `proposal-invalid` for a nonce that the frozen proposal did not commit to.
    """
    if terms.lot is None or commitment(nonce) != terms.lot:
        raise Refusal("proposal-invalid", "the nonce is not the one committed to")
    return Lot(proposal=proposal_digest, beacon=beacon(ballot_set_digest(counted), [nonce]))
