"""A position as data and as JSON: what a constituent reported, and everything from which it can be recomputed (G6).

Written and read by `federation.assembly.positions`, whose names these are to everyone else.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from federation.assembly.decide import NOTHING, Further, Outcome, OutcomeState, Reason
from federation.assembly.fields import Fields, governance_of
from federation.assembly.references import Reference
from federation.assembly.refusals import AssemblyRefusal, PositionRefusal
from federation.assembly.reporting.besides import FURTHER_KEYS, read_further
from federation.assembly.rules import Rule, read_rule
from federation.assembly.tally import Tally, read_tally
from federation.assembly.weighing.leaves import Leaf, read_leaves

POSITION_KEYS: Final = (
    "kind",
    "proposal",
    "statute",
    "body",
    "level",
    "seq",
    "choice",
    "tally",
    "outcome",
    "reason",
    "rule",
    "bodies",
    "members",
    "basis",
    "signed_at",
    "split",
    "leaves",
    *FURTHER_KEYS,
)
SPLIT_KEYS: Final = ("for", "against", "abstain")


class PositionChoice(StrEnum):
    """What a body says to the body above it."""

    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"
    NO_QUORUM = "no_quorum"


@dataclass(frozen=True, slots=True)
class Bodies:
    """How many constituents reported in time, of how many; only assemblies have it."""

    reached: int
    of: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What a position answers: the assembly's frozen proposal, and the digest of the statute it names."""

    proposal: Reference
    statute: str


@dataclass(frozen=True, slots=True)
class Split:
    """A body's weight parted in whole units; what is left of it abstains."""

    in_favour: int
    against: int
    abstain: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A position as read. `outcome` is as claimed (without trace); `members` sums the leaves, None if incomplete.

    `split`, `leaves` and `further` are there where the statute above or the decision below asks for them.
    """

    id: str
    actor: str
    body: str
    asked: Asked
    level: int
    seq: int
    choice: PositionChoice
    tally: Tally
    outcome: Outcome
    rule: Rule
    bodies: Bodies | None
    members: Tally | None
    basis_proposal: Reference
    basis_outcome: Reference
    signed_at: datetime
    split: Split | None = None
    leaves: tuple[Leaf, ...] | None = None
    further: Further = NOTHING


def read_position(document: object) -> Position:
    """The position in a signed document, whose signature is not checked here. Raises PositionRefusal."""
    outer, fields = governance_of(document, "position", _refuse)
    fields.only(*POSITION_KEYS)
    basis = fields.within("basis")
    basis.only("proposal", "outcome")
    members = None if fields.is_absent("members") else _tally(fields.within("members"))
    return Position(
        id=outer.text("id"),
        actor=outer.text("attributedTo"),
        body=fields.text("body"),
        asked=Asked(proposal=fields.reference("proposal"), statute=fields.digest("statute")),
        level=fields.integer("level", least=1),
        seq=fields.integer("seq", least=1),
        choice=PositionChoice(fields.one_of("choice", tuple(PositionChoice))),
        tally=_tally(fields.within("tally")),
        outcome=Outcome(state_of(fields), reason_of(fields)),
        rule=stated_rule(fields),
        bodies=_bodies(fields),
        members=members,
        basis_proposal=basis.reference("proposal"),
        basis_outcome=basis.reference("outcome"),
        signed_at=fields.instant("signed_at"),
        split=None if fields.is_absent("split") else _split(fields.within("split")),
        leaves=None if fields.is_absent("leaves") else _leaves(fields),
        further=_further(fields, members),
    )


def _tally(fields: Fields) -> Tally:
    try:
        return read_tally(fields)
    except AssemblyRefusal as error:
        raise PositionRefusal("position-malformed", str(error)) from error


def stated_rule(fields: Fields) -> Rule:
    """The rule in the member `rule`."""
    try:
        return read_rule(fields.members.get("rule"))
    except AssemblyRefusal as error:
        raise PositionRefusal("position-malformed", str(error)) from error


def state_of(fields: Fields) -> OutcomeState:
    """The claimed state of an outcome."""
    return OutcomeState(fields.one_of("outcome", tuple(OutcomeState)))


def reason_of(fields: Fields) -> Reason:
    """The claimed reason of an outcome."""
    return Reason(fields.one_of("reason", tuple(Reason)))


def _bodies(fields: Fields) -> Bodies | None:
    if fields.is_absent("bodies"):
        return None
    inner = fields.within("bodies")
    inner.only("reached", "of")
    of = inner.integer("of")
    return Bodies(reached=inner.integer("reached", most=of), of=of)


def split_document(split: Split | None) -> dict[str, int] | None:
    """The JSON form."""
    if split is None:
        return None
    return dict(zip(SPLIT_KEYS, (split.in_favour, split.against, split.abstain), strict=True))


def _split(fields: Fields) -> Split:
    fields.only(*SPLIT_KEYS)
    return Split(*(fields.integer(key) for key in SPLIT_KEYS))


def _further(fields: Fields, members: Tally | None) -> Further:
    try:
        return read_further(fields, members)
    except AssemblyRefusal as error:
        raise PositionRefusal("position-malformed", str(error)) from error


def _leaves(fields: Fields) -> tuple[Leaf, ...]:
    try:
        return read_leaves(fields, "leaves")
    except AssemblyRefusal as error:
        raise PositionRefusal("position-malformed", str(error)) from error


def _refuse(detail: str) -> PositionRefusal:
    return PositionRefusal("position-malformed", detail)
