"""The documents of a relief as data; `documents` reads them, `writing` makes them.

Amounts are whole numbers of the good's unit. Each document has its own reference in `ref` and its author in `actor`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Final

from federation.assembly.references import Reference

MOST_GOODS: Final = 20
MOST_CRITERIA: Final = 10
MOST_STOCKS: Final = 10_000
MOST_TRANSFERS: Final = 10_000
MOST_DELIVERIES: Final = 2 * MOST_TRANSFERS
MOST_STATUTES: Final = 2_000
MOST_ADJUSTMENTS: Final = 1_000
LONGEST_TEXT: Final = 5_000
LONGEST_NAME: Final = 200
HEAVIEST: Final = 1_000
MOST_URGENT: Final = 10
MOST_TIMES: Final = 100  # how often one body says what it has, or what moved in one transfer
MOST_DAYS: Final = 3_650


class Criterion(StrEnum):
    """What the assembly may declare that help is given by."""

    PEOPLE = "people"
    URGENCY = "urgency"
    SHORTFALL = "shortfall"
    DAYS_LEFT = "days_left"


class Share(StrEnum):
    """How too little is shared out: in proportion to shortage and score, or to the highest score first."""

    PROPORTIONAL = "proportional"
    PRIORITY = "priority"


class Sent(StrEnum):
    """What a giver or a taker says of a transfer."""

    SENT = "sent"
    ARRIVED = "arrived"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Good:
    """Something that is counted: a key for documents, a name and a unit for people."""

    key: str
    name: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Relief:
    """The assembly's first document: what happened, what is shared, by which criteria, and when stock must be in."""

    ref: Reference
    actor: str
    body: str
    statute: str
    title: str
    text: str
    goods: tuple[Good, ...]
    criteria: Mapping[Criterion, int]
    share: Share
    reserve: Fraction
    council: Fraction
    survey: Reference
    stock_until: datetime
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class StockLine:
    """What a co-op has and needs of one good."""

    good: str
    held: int
    needed: int

    @property
    def surplus(self) -> int:
        """What is held beyond the need."""
        return max(0, self.held - self.needed)

    @property
    def shortage(self) -> int:
        """What is missing of the need."""
        return max(0, self.needed - self.held)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What one co-op has and needs, how badly, and who speaks for it in the council."""

    ref: Reference
    actor: str
    relief: Reference
    body: str
    seq: int
    delegate: str
    lines: Mapping[str, StockLine]
    people: int
    urgency: int
    days_left: int
    note: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What a co-op in need gets, or one with a surplus gives at most, laid down by the council with its reason."""

    body: str
    good: str
    amount: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Allotment:
    """What one co-op in need gets of one good; `parts` are the weighted criteria in millionths, summed in `score`.

    `is_tied` where only the order of DIDs decided over its last unit.
    """

    body: str
    good: str
    shortage: int
    amount: int
    score: int
    parts: Mapping[Criterion, int]
    is_adjusted: bool = False
    is_tied: bool = False


@dataclass(frozen=True, slots=True)
class Gift:
    """What one co-op gives of one good: its surplus, what it keeps of it in reserve, and what leaves."""

    body: str
    good: str
    surplus: int
    reserve: int
    amount: int


@dataclass(frozen=True, slots=True)
class Transfer:
    """One numbered way from a giver to a taker."""

    number: int
    giver: str
    taker: str
    good: str
    amount: int


@dataclass(frozen=True, slots=True)
class Computed:
    """Everything in a plan that follows from what it rests on."""

    allotments: tuple[Allotment, ...]
    gifts: tuple[Gift, ...]
    transfers: tuple[Transfer, ...]


@dataclass(frozen=True, slots=True)
class Rested:
    """A stock that a plan rests on."""

    body: str
    ref: Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One version of a plan: the stocks, statutes and deliveries it rests on, what was adjusted, and what follows."""

    ref: Reference
    actor: str
    relief: Reference
    body: str
    version: int
    statutes: tuple[str, ...]
    stocks: tuple[Rested, ...]
    deliveries: tuple[Reference, ...]
    adjustments: tuple[Adjustment, ...]
    computed: Computed
    text: str
    signed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Endorsement:
    """A delegate's word on one version of the plan."""

    ref: Reference
    actor: str
    relief: Reference
    plan: Reference
    body: str
    delegate: str
    is_in_favour: bool
    note: str
    signed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What the giver or the taker says of a transfer; `amount` is all that was sent or has arrived so far."""

    ref: Reference
    actor: str
    relief: Reference
    plan: Reference
    transfer: int
    body: str
    seq: int
    state: Sent
    amount: int
    note: str
    signed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """A body's objection to a plan, or to one transfer of it."""

    ref: Reference
    actor: str
    relief: Reference
    plan: Reference
    transfer: int | None
    body: str
    reason: str
    signed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The assembly's answer to an appeal."""

    ref: Reference
    actor: str
    relief: Reference
    body: str
    appeal: Reference
    is_upheld: bool
    reason: str
    signed_at: datetime


Entry = Relief | Stock | Plan | Endorsement | Delivery | Appeal | Answer
