"""Records of what happened and what is still to do: activities, deliveries, jobs and events.

Built and read through `storage.records`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRecord:
    """A signed message as received or sent; `raw` holds the exact signed bytes as text.

    `position` grows with every stored activity and is given by the database (0 before).
    """

    id: str
    direction: str  # 'in' | 'out'
    type: str
    actor_id: str
    raw: str
    received_at: datetime
    is_public: bool
    state: str = "recorded"  # 'recorded' | 'queued' | 'dispatched' | 'refused'
    object_id: str | None = None
    reason: str | None = None
    source_actor: str | None = None
    position: int = 0


class Conclusion(NamedTuple):
    """What became of a received activity: its new state, and the reason or code where there is one."""

    activity_id: str
    state: str
    reason: str | None = None


class LookedAt(NamedTuple):
    """An activity by its position, and whether it left nothing here that needs it; what it says was not asked.

    `said_by` are its actor and whoever passed it on; `is_passed_over` when a handler took it without a word.
    """

    position: int
    received_at: datetime
    said_by: tuple[str, ...]
    is_unneeded: bool
    is_passed_over: bool


class ActorLookedAt(NamedTuple):
    """A known actor, and whether it has nothing to do with us."""

    actor_id: str
    is_unrelated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRecord:
    """One activity for one inbox; `id` is given by the database (0 before)."""

    activity_id: str
    inbox: str
    host: str
    ordering_key: str
    next_attempt_at: datetime
    created_at: datetime
    state: str = "due"  # 'due' | 'sent' | 'failed'
    attempts: int = 0
    last_status: int | None = None
    last_error: str | None = None
    sent_at: datetime | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class DeliveryClaim:
    """A wish to send what is due to one host, `limit` rows at most, within the lease."""

    host: str
    limit: int
    now: datetime
    lease: timedelta


@dataclass(frozen=True, slots=True)
class SettledDelivery:
    """What came of one attempt. `at` is when it was sent, or when it is tried again.

    `is_tried` is false for what was put off together with another one: that is no attempt of its own.
    """

    id: int
    state: str  # 'sent' | 'due' | 'failed'
    at: datetime
    status: int | None
    error: str | None
    is_tried: bool = True


@dataclass(frozen=True, slots=True)
class DeliverySummary:
    """How many deliveries stand in each state, and since when the oldest one is due."""

    due: int
    sent: int
    failed: int
    oldest_due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """Durable work; while a worker holds it, `locked_until` is the end of its lease. Nobody claims what is parked."""

    id: int
    kind: str
    key: str
    run_at: datetime
    attempts: int
    again_at: datetime | None = None
    locked_until: datetime | None = None
    locked_by: str | None = None
    last_error: str | None = None
    parked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A claimed job after its run: when it wants to run again, if at all, and what went wrong.

    One that is parked runs again when somebody asks for it, and `again_at` is when it was parked.
    """

    job: JobRecord
    again_at: datetime | None = None
    error: str | None = None
    is_parked: bool = False


@dataclass(frozen=True, slots=True)
class JobSummary:
    """How the jobs of one kind stand; `failing` are those whose last run reported an error and that are tried again."""

    kind: str
    waiting: int
    running: int
    failing: int
    oldest_run_at: datetime
    parked: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRecord:
    """One link of the append-only log; `hash` covers everything else and the hash before it."""

    seq: int
    at: datetime
    actor: str
    type: str
    subject: str
    content: Mapping[str, Any]
    content_hash: str
    previous_hash: str
    hash: str
