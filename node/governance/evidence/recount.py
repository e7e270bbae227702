"""The recount of one members' vote: roll, ballots, signatures, tally, outcome.

Called by the walk at the lowest level of each branch.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

from federation.assembly.decide import Further, Outcome, OutcomeState, Reason, decide
from federation.assembly.fields import Fields, governance_of
from federation.assembly.references import Reference
from federation.assembly.tally import read_tally
from node.governance.ballots import Ballot, read_ballot
from node.governance.calls import Call
from node.governance.counting import count
from node.governance.electorate import Roll, read_roll
from node.governance.evidence.failures import EvidenceRefusal, reading
from node.governance.evidence.line import Line
from node.governance.evidence.outcome_check import check_outcome, checked_lot, revealed_nonce
from node.governance.evidence.shelf import Shelf
from node.governance.evidence.signatures import check_voter_signature
from node.governance.outcomes import Finding, members_finding
from node.governance.proposals import FrozenProposal

NO_QUORUM: Final = Outcome(OutcomeState.NO_QUORUM, Reason.QUORUM_NOT_MET)
"""How a first call ended after which there was a second."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The roll of a proposal and the ballots in the bundle, one for each voter who cast."""

    proposal: Line
    roll: Roll
    ballots: tuple[Ballot, ...]


def counted_ballots(shelf: Shelf, proposal: Line, terms: FrozenProposal) -> Counted:
    """Roll and ballots in the bundle; raises EvidenceRefusal for a ballot that may not be among them."""
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
    return Counted(proposal, roll, tuple(ballots.values()))


def recount(counted: Counted, terms: FrozenProposal, outcome: Line) -> Finding:
    """What the ballots in the bundle yield."""
    tally = count(counted.ballots, counted.roll)
    digests, nonce = [ballot.digest for ballot in counted.ballots], revealed_nonce(outcome, terms)
    further = Further(lot=checked_lot(outcome, terms, counted.proposal.digest, digests) if nonce else None)
    found = members_finding(decide(terms.rule, tally, further=further), tally, digests)
    return replace(found, further=further, nonce=nonce)


def recount_first(first: Line, counted: Counted, terms: FrozenProposal, *, call: Call, proposal: Reference) -> bool:
    """Whether the ballots of a first call are in the bundle, so that it was counted again; else it is taken as stated.

    They are where nobody changed their ballot afterwards: those cast by its close are then the set it commits to.
    Raises EvidenceRefusal for an outcome that these ballots, or the roll, do not give.
    """
    _, fields = governance_of(
        first.document, "outcome", lambda detail: EvidenceRefusal("outcome-malformed", first.number, detail)
    )
    closed_at, commitment = fields.instant("closed_at"), fields.within("ballots")
    in_time = [ballot for ballot in counted.ballots if ballot.cast_at <= closed_at]
    found = members_finding(NO_QUORUM, count(in_time, counted.roll), [ballot.digest for ballot in in_time])
    is_whole = commitment.members == found.ballots
    if not is_whole:
        found = replace(found, **_stated(first, fields, counted.roll))
    all_spoke = commitment.integer("count") == terms.electorate.count
    check_outcome(first, found.missed(call), terms, proposal, all_spoke=all_spoke)
    return is_whole


def _stated(first: Line, fields: Fields, roll: Roll) -> dict[str, Any]:
    """Tally and commitment as the outcome states them, which can at least not be of another roll."""
    commitment = fields.within("ballots")
    commitment.only("count", "digest")
    with reading("outcome-tally", first.number):
        tally = read_tally(fields.within("tally"))
    if tally.electorate != roll.weight or commitment.integer("count") > roll.count:
        raise EvidenceRefusal("outcome-tally", first.number, "not of this roll")
    stated = {"count": commitment.integer("count"), "digest": commitment.digest("digest")}
    return {"tally": tally, "members": tally, "ballots": stated}


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
