"""Shapes of bodies and what ties them: memberships, constituents, statutes, trees.

Called by node.api.body, .assemblies and .federation.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from node.api.shapes.facts import ActorId, Document, TallyView

Members = Annotated[int, Field(ge=1, le=1_000_000_000)]
TieState = Literal["asked", "accepted", "rejected", "left", "suspended"]


class BodyView(BaseModel, frozen=True):
    """Who this node is and how it decides unless a proposal names another rule."""

    name: str
    handle: str
    kind: str
    did: str
    actor: str
    rule: Document
    window_seconds: int
    mode: str = Field(description="How an assembly counts its constituents; of no meaning in a co-op.")
    weight_denominator: int


class JoinIn(BaseModel, extra="forbid", frozen=True):
    """The assembly to ask: its actor id, or the address of its node."""

    address: ActorId


class LeaveIn(BaseModel, extra="forbid", frozen=True):
    """The assembly to leave, by its actor id."""

    assembly: ActorId


class DecideIn(BaseModel, extra="forbid", frozen=True):
    """An application answered. `weight` is in units of the statute's denominator."""

    actor: ActorId
    accept: bool
    weight: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    members: Members | None = Field(default=None, description="Stands instead of the number that the body says itself.")


class AmendmentIn(BaseModel, extra="forbid", frozen=True):
    """A change of this assembly's statute, put to its constituents: members of the statute with their new values."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
    reasons: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
    changes: Document


class RosterIn(BaseModel, extra="forbid", frozen=True):
    """A body to be taken in or suspended by decision; `weight` counts for taking in, in units of the denominator."""

    actor: ActorId
    is_admission: bool = True
    weight: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    reasons: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]


class CorrectionIn(BaseModel, extra="forbid", frozen=True):
    """What a constituent is to weigh, and how many members it is taken to have, put to the constituents."""

    actor: ActorId
    weight: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        default=None, description="As it is, unless given."
    )
    members: Members | None = Field(
        default=None,
        description="As it is, unless given. A number that is given is decided, also where it is in force.",
    )
    members_as_reported: bool = Field(
        default=False, description="Whether the number that the body reports is taken again, and is decided no longer."
    )
    reasons: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]


class SplitIn(BaseModel, extra="forbid", frozen=True):
    """Whether our position in an assembly is split as our own tally is, where its statute lets bodies split."""

    assembly: ActorId
    splits: bool


class TiesAsked(BaseModel, extra="forbid", frozen=True):
    """Only ties in this state, or all."""

    state: TieState | None = None


class TieView(BaseModel, frozen=True):
    """A tie between two bodies, from asking to leaving."""

    actor: str
    did: str
    name: str
    kind: str
    weight: int | None
    state: str
    asked_at: datetime
    decided_at: datetime | None
    members: int | None = Field(description="How many members the body below said it has, last.")
    members_at: datetime | None
    members_decided: int | None = Field(description="The number that was set here and stands instead.")
    members_in_force: int | None = Field(default=None, description="The number in this assembly's statute.")
    splits: bool = Field(description="Whether our position there is split as our own tally is.")


class TieList(BaseModel, frozen=True):
    """All ties of one direction, oldest first."""

    items: Sequence[TieView]


class StatuteAsked(BaseModel, extra="forbid", frozen=True):
    """Whose statute: this body's own unless an assembly's DID is named."""

    assembly: Annotated[str | None, StringConstraints(pattern=r"^did:[a-z0-9]+:\S{1,300}$")] = None


class StatuteView(BaseModel, frozen=True):
    """The newest statute known of an assembly, as signed."""

    digest: str
    assembly: str
    version: int
    received_at: datetime
    document: Document


class TreeAsked(BaseModel, extra="forbid", frozen=True):
    """With `proposal` (the id or key of an assembly's proposal) every body carries where it stands in it."""

    proposal: Annotated[str | None, StringConstraints(min_length=1, max_length=1500)] = None


class TreeBody(BaseModel, frozen=True):
    """A body, its weight above, and its state: open, reported, late, no_quorum, disputed, missing or decided."""

    name: str
    kind: str
    did: str
    actor: str
    weight: int | str | None = Field(description="Under the assembly's mode; `n/d` where a cap leaves no whole units.")
    weight_denominator: int | None
    members: int | None = Field(default=None, description="How many members the assembly's statute says it has.")
    state: str | None = None
    choice: str | None = None
    reason: str | None = None
    tally: TallyView | None = None
    is_here: bool = False
    constituents: Sequence["TreeBody"] = ()


class TreeView(BaseModel, frozen=True):
    """The bodies this node knows of, from every assembly that has none above it; `proposal` is the one shown."""

    proposal: str | None
    roots: Sequence[TreeBody]


class EquivocationView(BaseModel, frozen=True):
    """Somebody signed two different things where only one can be true; `document` proves it by itself."""

    id: str
    what: str = Field(description="ballot, position or statute.")
    signer: str
    received_at: datetime
    document: Document


class DecisionView(BaseModel, frozen=True):
    """A decision of an assembly, or of this body on an assembly's question."""

    key: str
    proposal: str
    title: str
    deciding_actor: str
    state: str
    outcome: str | None
    reason: str | None
    tally: TallyView | None
    closed_at: datetime | None
    root_id: str | None
    evidence: str | None = Field(description="Where the bundle that proves it is served by this node, if it holds one.")
