"""Shapes of proposals, their ballots, positions and outcomes; called by the nouns of deciding."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from node.api.door.paging import Window
from node.api.shapes.facts import ActorId, Document, TallyView

State = Literal["draft", "submitted", "open", "passed", "rejected", "closed_without_quorum", "withdrawn"]
Preset = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]


class InvitedIn(BaseModel, extra="forbid", frozen=True):
    """A member of another co-op whose ballot counts too: their DID and their home body's actor."""

    voter: Annotated[str, StringConstraints(pattern=r"^did:[a-z0-9]+:\S{1,300}$")]
    home: ActorId


class ProposalIn(BaseModel, extra="forbid", frozen=True):
    """A draft. `rule` is a preset's name or a whole rule; without one the body's own rule holds.

    In an assembly that is the rule of its statute, and no other may be weaker.
    """

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50_000)]
    rule: Preset | dict[str, Any] | None = None
    window_seconds: Annotated[int | None, Field(ge=1, le=1_209_600, description="How long it is open.")] = None
    invited: Annotated[tuple[InvitedIn, ...], Field(max_length=1000)] = ()
    type: Annotated[str | None, Field(max_length=100, description="A word that a statute may name; else a motion.")] = (
        None
    )


class ProposalsAsked(Window, extra="forbid", frozen=True):
    """Which proposals: all states unless one is named, all bodies unless `origin` is."""

    state: State | None = None
    origin: Literal["own", "peer"] | None = None


class ProposalSummary(BaseModel, frozen=True):
    """A proposal as lists show it."""

    key: str
    id: str
    title: str
    state: str
    origin: str
    deciding_actor: str
    electorate: str = Field(description="members, roll (members and invited people) or constituents.")
    opens_at: datetime | None
    closes_at: datetime | None
    closed_at: datetime | None
    outcome: str | None
    reason: str | None
    upstream_id: str | None = Field(description="The assembly's proposal this one answers.")
    created_at: datetime


class ProposalView(ProposalSummary, frozen=True):
    """A proposal with its text, its rule, and the tally as it stands now."""

    text: str
    rule: Document
    author_id: str | None
    tally: TallyView | None = Field(description="Live while open, final afterwards; null where nothing is known.")
    is_final: bool
    my_choice: str | None = Field(description="The caller's own counted or travelling ballot.")
    digest: str | None
    statute_digest: str | None
    root_id: str | None
    type: str | None = Field(description="What kind of text it is, null for a plain motion.")
    ratifies: str | None = Field(description="The proposal whose decision becomes binding if this one passes.")
    ratification: str | None = Field(description="pending, ratified or not_ratified, where the statute wants it.")
    recount: str | None = Field(
        description="Where late positions may lead to a recount: open until then, stands without one, replaced by one."
    )
    recount_at: datetime | None = Field(description="When late positions are counted, while that is to come.")
    same_question: list[str] = Field(description="Our answers to the same question that another assembly asks.")
    plan: str | None = Field(description="The plan of a relief that comes into force if this one passes.")
    is_second_call: bool = Field(description="The first call missed its quorum; this is the second.")


class BallotIn(BaseModel, extra="forbid", frozen=True):
    """The caller's choice; a later ballot before the close replaces it."""

    choice: Literal["for", "against", "abstain"]


class BallotView(BaseModel, frozen=True):
    """A ballot as kept. Polls are open: who voted and what may be read by every member."""

    id: str
    voter: str
    choice: str
    seq: int
    status: str
    reason: str | None
    digest: str
    received_at: datetime


class CastView(BaseModel, frozen=True):
    """The caller's ballot and the deciding body's signed receipt, null while that body has not answered."""

    ballot: BallotView
    receipt: Document | None
    along: list[str] = Field(
        description="Answers to the same question asked by another assembly, at which it was cast too."
    )


class PositionView(BaseModel, frozen=True):
    """What a constituent reported upward, with the tally from which anyone can recompute it (G6)."""

    id: str
    body: str
    actor: str
    choice: str
    seq: int
    status: str
    reason: str | None
    tally: TallyView | None
    members: TallyView | None
    digest: str
    received_at: datetime


class ReminderView(BaseModel, frozen=True):
    """An assembly's word to one constituent that its position is missing."""

    id: str
    proposal: str = Field(description="The assembly's proposal.")
    body: str = Field(description="Who was reminded, by DID.")
    percent: int = Field(description="How much of the time between opening and close had passed.")
    call: int = Field(description="1, or 2 in a second call, where the time is that of the second call.")
    is_sent: bool = Field(description="Sent by this assembly; otherwise it came to this body.")
    reminded_at: datetime


class VetoIn(BaseModel, extra="forbid", frozen=True):
    """Why this body vetoes: which severe need it protects."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000)]


class VetoView(BaseModel, frozen=True):
    """A constituent's signed veto; a late one is kept and does not count."""

    id: str
    proposal: str = Field(description="The assembly's proposal.")
    body: str
    reason: str
    status: str = Field(description="counted or late.")
    digest: str
    received_at: datetime


class OutcomeView(BaseModel, frozen=True):
    """What was decided and why, with the signed documents that say so."""

    key: str
    proposal: str
    state: str
    outcome: str | None
    reason: str | None
    tally: TallyView | None
    digest: str | None
    document: Document | None = Field(description="The outcome as signed by the deciding body.")
    decision: Document | None = Field(description="The binding decision that came down from the root assembly.")
    closed_at: datetime | None
