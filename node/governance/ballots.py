"""Ballots: one voter's signed paper, read and checked against the proposal and its roll (G4).

Called by the ballot services for papers cast at home and papers brought by peers, and by the verifier.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from federation.assembly.fields import governance_of
from identity.canonical import content_digest
from node.governance.refusals import Refusal

BALLOT_KEYS: Final = ("kind", "proposal", "voter", "choice", "seq", "cast_at")


class Choice(StrEnum):
    """What a voter can say."""

    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """A ballot as read; `digest` is its content digest, `actor` the body that published it, `cast_at` information."""

    id: str
    actor: str
    proposal_id: str
    proposal_digest: str
    voter: str
    choice: Choice
    seq: int
    cast_at: datetime
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BallotFacts:
    """What the deciding node knows when a ballot arrives. `weight` is None off the roll; `current_seq` 0 means none."""

    proposal_id: str
    proposal_digest: str
    is_open: bool
    closes_at: datetime
    weight: int | None
    current_seq: int = 0
    current_digest: str = ""


def read_ballot(document: object, *, digest: str | None = None) -> Ballot:
    """The ballot in a signed document, whose proof is not checked here. Refuses `malformed` or `choice-unknown`.

    `digest` is the document's content digest, where it is known already.
    """
    outer, fields = governance_of(document, "ballot", _refuse)
    fields.only(*BALLOT_KEYS)
    proposal = fields.reference("proposal")
    choice = fields.text("choice")
    if choice not in tuple(Choice):
        raise Refusal("choice-unknown")
    return Ballot(
        id=outer.text("id"),
        actor=outer.text("attributedTo"),
        proposal_id=proposal.id,
        proposal_digest=proposal.digest,
        voter=fields.text("voter"),
        choice=Choice(choice),
        seq=fields.integer("seq", least=1),
        cast_at=fields.instant("cast_at"),
        digest=digest or content_digest(outer.members),
    )


def check_ballot(ballot: Ballot, facts: BallotFacts, *, received_at: datetime) -> None:
    """Nothing, if the ballot may be counted; otherwise refuses, lateness before everything but a wrong proposal.

    Late is after `closes_at` by the receipt clock; exactly at it is in time (G4). The same bytes again are not
    looked for here: find them by digest first, for a replay is no equivocation (G9). Codes, in order:
    ballot-wrong-proposal, ballot-late, proposal-not-open, not-on-roll, ballot-equivocation, ballot-stale.
    """
    if (ballot.proposal_id, ballot.proposal_digest) != (facts.proposal_id, facts.proposal_digest):
        raise Refusal("ballot-wrong-proposal")
    if received_at > facts.closes_at:
        raise Refusal("ballot-late")
    if not facts.is_open:
        raise Refusal("proposal-not-open")
    if facts.weight is None:
        raise Refusal("not-on-roll")
    if facts.current_digest and ballot.seq == facts.current_seq and ballot.digest != facts.current_digest:
        raise Refusal("ballot-equivocation")
    if ballot.seq <= facts.current_seq:
        raise Refusal("ballot-stale")


def _refuse(detail: str) -> Refusal:
    return Refusal("malformed", detail)
