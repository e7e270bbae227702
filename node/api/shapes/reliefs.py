"""Shapes of reliefs and of what is said in them; called by node.api.reliefs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from federation.assembly.relief.shapes import (
    HEAVIEST,
    LONGEST_TEXT,
    MOST_ADJUSTMENTS,
    MOST_CRITERIA,
    MOST_DAYS,
    MOST_GOODS,
    MOST_TRANSFERS,
    MOST_URGENT,
)
from node.api.shapes.facts import Document, Line

Amount = Annotated[int, Field(ge=0, le=9_007_199_254_740_991)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TEXT)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_TEXT)]
Share = Annotated[str, StringConstraints(pattern=r"^\d{1,9}/\d{1,9}$")]
Window = Annotated[int | None, Field(ge=1, le=1_209_600, description="How long the proposal is open.")]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]


class GoodIn(BaseModel, extra="forbid", frozen=True):
    """Something that is counted in whole units."""

    key: Name
    name: Line
    unit: Name


class CriterionIn(BaseModel, extra="forbid", frozen=True):
    """What help is given by, and how much it weighs."""

    key: Literal["people", "urgency", "shortfall", "days_left"]
    weight: Annotated[int, Field(ge=1, le=HEAVIEST)]


class ReliefIn(BaseModel, extra="forbid", frozen=True):
    """What happened, what is shared and how; the survey of all co-ops opens with it."""

    title: Line
    text: Text
    goods: Annotated[tuple[GoodIn, ...], Field(min_length=1, max_length=MOST_GOODS)]
    criteria: Annotated[tuple[CriterionIn, ...], Field(min_length=1, max_length=MOST_CRITERIA)]
    share: Literal["proportional", "priority"] = "proportional"
    reserve: Annotated[Share, Field(description="The part of its surplus that whoever gives keeps.")] = "0/1"
    council: Annotated[Share, Field(description="More than this part of the delegates must be for a plan.")] = "1/2"
    stock_seconds: Annotated[int, Field(ge=1, le=1_209_600, description="How long stock is taken.")]
    window_seconds: Window = None


class StockLineIn(BaseModel, extra="forbid", frozen=True):
    """What this co-op has and needs of one good."""

    good: Name
    held: Amount
    needed: Amount


class StockIn(BaseModel, extra="forbid", frozen=True):
    """Everything this co-op has and needs; it takes the place of what it said before."""

    delegate: Annotated[Line, Field(description="Who speaks for this co-op in the council.")]
    lines: Annotated[tuple[StockLineIn, ...], Field(max_length=MOST_GOODS)] = ()
    people: Amount
    urgency: Annotated[int, Field(ge=0, le=MOST_URGENT)]
    days_left: Annotated[int, Field(ge=0, le=MOST_DAYS)]
    note: Note = ""


class AdjustmentIn(BaseModel, extra="forbid", frozen=True):
    """An allotment that the council laid down by hand."""

    body: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    good: Name
    amount: Amount
    reason: Text


class PlanIn(BaseModel, extra="forbid", frozen=True):
    """What the council adds to what is computed."""

    adjustments: Annotated[tuple[AdjustmentIn, ...], Field(max_length=MOST_ADJUSTMENTS)] = ()
    text: Note = ""


class EndorsementIn(BaseModel, extra="forbid", frozen=True):
    """The delegate's word on the newest version of the plan."""

    choice: Literal["for", "against"]
    note: Note = ""


class PutIn(BaseModel, extra="forbid", frozen=True):
    """The newest version of the plan, put to every constituent."""

    window_seconds: Window = None


class DeliveryIn(BaseModel, extra="forbid", frozen=True):
    """All that was sent, or has arrived, of a transfer so far; 0 for one that failed."""

    transfer: Annotated[int, Field(ge=1, le=MOST_TRANSFERS)]
    state: Literal["sent", "arrived", "failed"]
    amount: Amount = 0
    version: Annotated[int | None, Field(ge=1, description="Of the plan it left under; else the one in force.")] = None
    note: Note = ""


class AppealIn(BaseModel, extra="forbid", frozen=True):
    """An objection to the plan in force or, before there is one, to the newest; or to one transfer of it."""

    transfer: Annotated[int | None, Field(ge=1, le=MOST_TRANSFERS)] = None
    reason: Text


class AnswerIn(BaseModel, extra="forbid", frozen=True):
    """The assembly's answer; an appeal that is upheld holds its transfer."""

    appeal: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    upheld: bool
    reason: Text


class ReliefSummary(BaseModel, frozen=True):
    """A relief as lists show it."""

    key: str
    id: str
    title: str
    assembly: str = Field(description="Who leads it, by DID.")
    step: str = Field(description="survey, stock, council, decision, ratification, distribution, done or refused.")
    stock_until: datetime
    received_at: datetime


class TransferView(BaseModel, frozen=True):
    """One transfer and what is known of it."""

    number: int
    giver: str
    taker: str
    good: str
    amount: int
    state: str = Field(description="planned, held, sent, arrived or failed.")
    sent: int | None
    arrived: int | None
    missing: int | None


class PlanView(BaseModel, frozen=True):
    """A version of the plan, as its signed document says it, and where it stands."""

    id: str
    digest: str
    version: int
    delegates: int
    endorsed_for: int
    endorsed_against: int
    is_endorsed: bool
    is_in_force: bool
    proposal: str | None = Field(description="The proposal that puts it.")
    transfers: Sequence[TransferView]


class AppealView(BaseModel, frozen=True):
    """An appeal and its answer."""

    id: str
    body: str
    plan: str
    transfer: int | None
    reason: str
    upheld: bool | None = Field(description="null while it is not answered.")
    answer: str | None


class StockView(BaseModel, frozen=True):
    """What a co-op said last of what it has and needs."""

    id: str
    body: str
    name: str
    seq: int
    delegate: str
    lines: Sequence[StockLineIn]
    people: int
    urgency: int
    days_left: int
    note: str


class ReliefView(ReliefSummary, frozen=True):
    """A relief as it stands, computed from its log."""

    document: Document
    survey: str
    stocks: Sequence[StockView]
    plan: PlanView | None = Field(description="The newest version.")
    in_force: PlanView | None
    appeals: Sequence[AppealView]
    to_do: Sequence[str] = Field(description="What waits for this body: stock, plan, endorse, put, deliver or answer.")


class EntryView(BaseModel, frozen=True):
    """One signed document of the log."""

    id: str
    kind: str
    body: str
    seq: int
    digest: str
    received_at: datetime
    document: Document
