"""The recount of one members' vote: roll, ballots, signatures, tally, outcome.

Called by the walk at the lowest level of each branch.
"""

from dataclasses import replace

from federation.assembly.decide import Further, decide
from node.governance.ballots import Ballot, read_ballot
from node.governance.counting import count
from node.governance.electorate import Roll, read_roll
from node.governance.evidence.failures import EvidenceRefusal, reading
from node.governance.evidence.line import Line
from node.governance.evidence.outcome_check import checked_lot, revealed_nonce
from node.governance.evidence.shelf import Shelf
from node.governance.evidence.signatures import check_voter_signature
from node.governance.outcomes import Finding, members_finding
from node.governance.proposals import FrozenProposal


def recount(shelf: Shelf, proposal: Line, terms: FrozenProposal, outcome: Line) -> Finding:
    """What the ballots in the bundle yield; raises EvidenceRefusal for a ballot that may not be among them."""
    roll = _roll(shelf, terms)
    weights, ballots = roll.weights(), dict[str, Ballot]()
    for line in shelf.take_ballots(terms.id):
        ballot = _ballot(line, proposal.digest)
        if ballot.voter not in weights:
            raise EvidenceRefusal("ballot-not-on-roll", line.number)
        if ballot.voter in ballots:
            raise EvidenceRefusal("ballot-duplicate", line.number)
        if not shelf.is_cast(line):
            check_voter_signature(line, ballot.voter, "ballot-signature")
        ballots[ballot.voter] = ballot
    tally = count(ballots.values(), roll)
    digests, nonce = [ballot.digest for ballot in ballots.values()], revealed_nonce(outcome, terms)
    further = Further(lot=checked_lot(outcome, terms, proposal.digest, digests) if nonce else None)
    found = members_finding(decide(terms.rule, tally, further=further), tally, digests)
    return replace(found, further=further, nonce=nonce)


def _roll(shelf: Shelf, terms: FrozenProposal) -> Roll:
    line = shelf.take_roll(terms.id)
    with reading("roll-malformed", line.number):
        _, roll = read_roll(line.document)
    frozen = terms.electorate
    if (roll.digest, roll.count, roll.weight) != (frozen.digest, frozen.count, frozen.weight):
        raise EvidenceRefusal("roll-digest", line.number)
    return roll


def _ballot(line: Line, proposal_digest: str) -> Ballot:
    with reading("ballot-malformed", line.number):
        ballot = read_ballot(line.document, digest=line.digest)
    if ballot.proposal_digest != proposal_digest:
        raise EvidenceRefusal("ballot-other-proposal", line.number)
    return ballot
