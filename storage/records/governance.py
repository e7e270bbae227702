"""Records of deciding: statutes, proposals, rolls, ballots, positions and evidence.

Built and read through `storage.records`. Weights are integers; every `digest` reads "sha256:<hex>".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True, kw_only=True)
class StatuteRecord:
    """A signed statute of an assembly, ours or a peer's."""

    digest: str
    assembly_did: str
    assembly_actor: str
    version: int
    document: Mapping[str, Any]
    received_at: datetime
    source: str = "peer"  # 'own' | 'peer'


@dataclass(frozen=True, slots=True, kw_only=True)
class EquivocationRecord:
    """A checked proof; `digest` is over what it proves, the same whoever published it."""

    digest: str
    document_id: str
    what: str  # 'ballot' | 'position' | 'statute'
    signer: str
    document: Mapping[str, Any]
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRecord:
    """A proposal decided here ('own') or by another body ('peer'), from draft to outcome.

    `document` is the frozen signed Question, `poll_document` its newest version with the answers of the fediverse,
    `outcome_document` the signed outcome of the deciding body,
    `decision_document` the binding decision that came down from the root assembly.
    `closes_at` is that of the call that is open: later than frozen once `first_outcome` says that the first call
    missed its quorum. `replaced_outcome` is the outcome whose place a recount took. `ratifies_id` is the proposal whose
    outcome this one ratifies.
    """

    id: str
    deciding_actor: str
    origin: str  # 'own' | 'peer'
    title: str
    text: str
    state: str
    rule: Mapping[str, Any]
    closes_at: datetime
    electorate_kind: str  # 'members' | 'constituents' | 'roll'
    created_at: datetime
    updated_at: datetime
    author_id: str | None = None
    opens_at: datetime | None = None
    window_seconds: int = 0
    invited: Mapping[str, str] | None = None  # voter did: actor id of their home, for voters of other co-ops
    document: Mapping[str, Any] | None = None
    digest: str | None = None
    statute_digest: str | None = None
    upstream_id: str | None = None
    root_id: str | None = None
    outcome: str | None = None
    reason: str | None = None
    tally: Mapping[str, Any] | None = None
    poll_document: Mapping[str, Any] | None = None
    outcome_document: Mapping[str, Any] | None = None
    outcome_digest: str | None = None
    decision_document: Mapping[str, Any] | None = None
    closed_at: datetime | None = None
    type: str | None = None  # None for a plain motion
    first_outcome: Mapping[str, Any] | None = None
    ratifies_id: str | None = None
    ratification: str | None = None  # None (needs none, or not passed) | 'pending' | 'ratified' | 'not_ratified'
    recount: str | None = None  # None (none laid down) | 'open' | 'stands' | 'replaced'
    replaced_outcome: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RollEntryRecord:
    """One voter of a frozen roll; `home` is the actor of their home node when it is not ours."""

    proposal_id: str
    voter: str
    weight: int
    home: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BallotRecord:
    """One signed ballot; of each voter at most one per proposal is 'counted'."""

    id: str
    proposal_id: str
    voter: str
    choice: str
    seq: int
    document: Mapping[str, Any]
    digest: str
    received_at: datetime
    status: str  # 'sent' (not answered yet) | 'counted' | 'superseded' | 'late' | 'equivocation' | 'refused'
    reason: str | None = None
    source_actor: str | None = None
    activity_id: str | None = None  # the activity that carried it to the deciding body
    receipt: Mapping[str, Any] | None = None  # that body's signed receipt
    weight: int = 0  # as on the frozen roll; 0 where another body keeps the roll


class CountedPaper(NamedTuple):
    """What counting needs of a counted ballot, without its document."""

    voter: str
    choice: str
    seq: int
    digest: str


@dataclass(frozen=True, slots=True)
class ChoiceTally:
    """What one choice has so far: number of counted ballots and their weight on the roll."""

    ballots: int
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionRecord:
    """What a constituent reported upward; of each body at most one per proposal is 'counted'."""

    id: str
    proposal_id: str
    body_did: str
    body_actor: str
    seq: int
    choice: str  # 'for' | 'against' | 'abstain' | 'no_quorum'
    document: Mapping[str, Any]
    digest: str
    received_at: datetime
    status: str  # 'counted' | 'superseded' | 'late' | 'invalid' | 'equivocation'
    reason: str | None = None
    evidence_digest: str | None = None
    source: str = "peer"  # 'own' | 'peer'


@dataclass(frozen=True, slots=True, kw_only=True)
class VetoRecord:
    """A constituent's signed no; of each body at most one per proposal is kept, the first."""

    id: str
    proposal_id: str
    body_did: str
    reason: str
    document: Mapping[str, Any]
    digest: str
    received_at: datetime
    status: str  # 'counted' | 'late'
    source: str = "peer"  # 'own' | 'peer'


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderRecord:
    """An assembly's word to one constituent that its position is missing: sent by us ('own'), or to us ('peer')."""

    id: str
    proposal_id: str
    body_did: str
    percent: int  # of the time between opening and close that had passed
    document: Mapping[str, Any]
    reminded_at: datetime
    source: str = "own"  # 'own' | 'peer'
    call: int = 1  # 2 for one in a second call


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliefRecord:
    """What an assembly does in an emergency, as its first document says; how it stands follows from its entries."""

    id: str
    assembly_did: str
    assembly_actor: str
    title: str
    survey_id: str  # the proposal that asks whether to share
    statute_digest: str
    stock_until: datetime
    document: Mapping[str, Any]
    digest: str
    received_at: datetime
    source: str = "peer"  # 'own' | 'peer'


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliefEntryRecord:
    """One signed document of a relief's log, as it came; nothing is changed or taken out."""

    id: str
    relief_id: str
    kind: str  # 'stock', 'plan', 'endorsement', 'delivery', 'appeal', 'answer', 'proposal' or 'outcome'
    body_did: str
    document: Mapping[str, Any]
    digest: str
    received_at: datetime
    seq: int = 0
    source: str = "peer"  # 'own' | 'peer'


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRecord:
    """The bundle that proves a decision; `complete` once every level is inside."""

    proposal_id: str
    digest: str
    bundle: bytes
    complete: bool = False
    verified_at: datetime | None = None
