"""Shapes of the activity log and the operator's console; called by node.api.activities and node.api.operator."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from federation.peers.policy import Policy
from node.api.door.paging import Window
from node.api.shapes.facts import Document


class ActivityView(BaseModel, frozen=True):
    """One public signed message, sent or received."""

    id: str
    direction: str
    type: str
    actor: str
    object: str | None
    state: str
    reason: str | None
    received_at: datetime


class DeliveriesAsked(Window, extra="forbid", frozen=True):
    """Deliveries given up, newest first."""

    state: Literal["failed"] = "failed"


class NumberPath(BaseModel, extra="forbid", frozen=True):
    """The number of a delivery or of a piece of work."""

    id: Annotated[int, Field(ge=1, le=2**63 - 1)]


class DeliveryView(BaseModel, frozen=True):
    """One activity for one inbox, with what the peer answered last."""

    id: int
    activity: str
    inbox: str
    host: str
    state: str
    attempts: int
    last_status: int | None
    last_error: str | None
    created_at: datetime
    next_attempt_at: datetime


class PeerPolicyIn(BaseModel, extra="forbid", frozen=True):
    """How a host, and every name under it, is heard from now on; `note` is for whoever runs the node later."""

    host: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
    policy: Policy
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class PeerPolicyView(BaseModel, frozen=True):
    """How one host is heard."""

    host: str
    policy: Policy
    note: str
    decided_at: datetime


class PeerPolicies(BaseModel, frozen=True):
    """Every host that is not heard in full, by name."""

    items: Sequence[PeerPolicyView]


class JobKindView(BaseModel, frozen=True):
    """How the background work of one kind stands."""

    kind: str
    waiting: int
    running: int
    failing: int
    parked: int
    oldest_run_at: datetime


class JobsView(BaseModel, frozen=True):
    """Background work by kind; kinds without rows are absent."""

    items: Sequence[JobKindView]


class ParkedJobView(BaseModel, frozen=True):
    """A piece of work that failed too often; `parked_at` is null once it was taken up again."""

    id: int
    kind: str
    key: str
    attempts: int
    last_error: str | None
    parked_at: datetime | None


class ParkedJobs(BaseModel, frozen=True):
    """Work that stands still, first put aside first."""

    items: Sequence[ParkedJobView]


class HostIn(BaseModel, extra="forbid", frozen=True):
    """A host as it is listed."""

    host: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class UnreachableHostView(BaseModel, frozen=True):
    """A host that did not take what we sent: how often in a row, since when, and when it is tried next."""

    host: str
    failures: int
    since: datetime
    try_at: datetime
    error: str


class UnreachableHosts(BaseModel, frozen=True):
    """Hosts that do not answer, longest first."""

    items: Sequence[UnreachableHostView]


class ActorIn(BaseModel, extra="forbid", frozen=True):
    """The id of an actor on another node, like https://coop.example/body."""

    actor: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2048)]


class AddressesView(BaseModel, frozen=True):
    """Where else this body was or is."""

    earlier: Sequence[str]
    moved_to: str | None


class EventView(BaseModel, frozen=True):
    """One link of the hash-chained log."""

    seq: int
    at: datetime
    actor: str
    type: str
    subject: str
    content: Document
    content_hash: str
    previous_hash: str
    hash: str


class HealthView(BaseModel, frozen=True):
    """What an operator looks at first; `advice` says what to do about whatever is not well."""

    status: Literal["well", "needs-attention"]
    body: str
    database: str
    members: int
    deliveries_due: int
    deliveries_failed: int
    oldest_due_at: datetime | None
    jobs_failing: int
    jobs_parked: int
    events: int
    advice: Sequence[str]
