"""The dataclasses that cross this floor's border, one per table, fields named like the columns.

Read and built by services, the wire floor and the readers and writers of this floor.
"""

from storage.records.commons import OfferArrival, OfferRecord
from storage.records.community import FlagRecord, OpinionCount, OpinionRecord, ReplyRecord
from storage.records.governance import (
    BallotRecord,
    ChoiceTally,
    CountedPaper,
    EquivocationRecord,
    EvidenceRecord,
    PositionRecord,
    ProposalRecord,
    ReliefEntryRecord,
    ReliefRecord,
    ReminderRecord,
    RollEntryRecord,
    StatuteRecord,
    VetoRecord,
)
from storage.records.house import KeyRecord, MemberRecord, SessionRecord
from storage.records.neighbours import (
    FollowRecord,
    MembershipRecord,
    OutboxCursorRecord,
    PeerKeyRecord,
    PeerPolicyRecord,
    PeerRecord,
    UnreachableHostRecord,
)
from storage.records.work import (
    ActivityRecord,
    Conclusion,
    DeliveryClaim,
    DeliveryRecord,
    DeliverySummary,
    EventRecord,
    FinishedRun,
    JobRecord,
    JobSummary,
    SettledDelivery,
)

__all__ = [
    "ActivityRecord",
    "BallotRecord",
    "ChoiceTally",
    "Conclusion",
    "CountedPaper",
    "DeliveryClaim",
    "DeliveryRecord",
    "DeliverySummary",
    "EquivocationRecord",
    "EventRecord",
    "EvidenceRecord",
    "FinishedRun",
    "FlagRecord",
    "FollowRecord",
    "JobRecord",
    "JobSummary",
    "KeyRecord",
    "MemberRecord",
    "MembershipRecord",
    "OfferArrival",
    "OfferRecord",
    "OpinionCount",
    "OpinionRecord",
    "OutboxCursorRecord",
    "PeerKeyRecord",
    "PeerPolicyRecord",
    "PeerRecord",
    "PositionRecord",
    "ProposalRecord",
    "ReliefEntryRecord",
    "ReliefRecord",
    "ReminderRecord",
    "ReplyRecord",
    "RollEntryRecord",
    "SessionRecord",
    "SettledDelivery",
    "StatuteRecord",
    "UnreachableHostRecord",
    "VetoRecord",
]
