"""What a constituent reports upward: derived from its own outcome, never typed in, and recomputed by who reads it (G6).

Written by the reporting node when its own decision closes; read and checked by the assembly above and by verifiers.
A position states the rule and, for an assembly, how many constituents reported, so that it can be checked alone.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from federation.assembly.decide import Outcome, OutcomeState, Reason, decide
from federation.assembly.fields import Fields, governance_of
from federation.assembly.refusals import AssemblyRefusal, PositionRefusal
from federation.assembly.reporting.besides import copied
from federation.assembly.reporting.reported import (
    Asked,
    Bodies,
    Position,
    PositionChoice,
    Split,
    read_position,
    reason_of,
    split_document,
    state_of,
    stated_rule,
)
from federation.assembly.rules import rule_document
from federation.assembly.statute import Constituent
from federation.assembly.tally import Count, Tally, read_tally
from federation.assembly.weighing.seats import shared_out
from identity.canonical import content_digest
from identity.instants import instant_text

__all__ = [
    "INVALID_REPORTS",
    "Asked",
    "Bodies",
    "Placement",
    "Position",
    "PositionChoice",
    "PositionRefusal",
    "Split",
    "check_position",
    "derive_choice",
    "derive_split",
    "place",
    "position_governance",
    "read_position",
]

INVALID_REPORTS: Final = frozenset({"position-invalid", "position-split", "position-leaves"})
"""Refusals after which a position is kept as evidence all the same: its body signed what does not follow (G6)."""
REACHED_STATUSES: Final = frozenset({"counted", "no_quorum"})


class Placement(StrEnum):
    """What becomes of a position by when it came and which sequence it has (G6)."""

    COUNTS = "counts"
    LATE = "late"
    REPLAY = "replay"
    STALE = "stale"
    EQUIVOCATION = "equivocation"


CHOICE_BY_REASON: Final[Mapping[Reason, PositionChoice]] = {
    Reason.TIE: PositionChoice.ABSTAIN,
    Reason.NO_DECISIVE_VOTES: PositionChoice.ABSTAIN,
}
CHOICE_BY_STATE: Final[Mapping[OutcomeState, PositionChoice]] = {
    OutcomeState.PASSED: PositionChoice.FOR,
    OutcomeState.REJECTED: PositionChoice.AGAINST,
    OutcomeState.NO_QUORUM: PositionChoice.NO_QUORUM,
    OutcomeState.EMPTY: PositionChoice.NO_QUORUM,
    OutcomeState.VETOED: PositionChoice.NO_QUORUM,
}


def derive_choice(outcome: Outcome) -> PositionChoice:
    """The position that follows from a body's own outcome: a tie, and nobody for or against, abstain (G6).

    A body whose decision was vetoed has none to report: like one without quorum it was reached and counts nowhere.
    """
    return CHOICE_BY_REASON.get(outcome.reason, CHOICE_BY_STATE[outcome.state])


def derive_split(weight: Count, tally: Tally) -> Split:
    """How a body's weight parts in the proportion of its own tally, in whole units by largest remainders."""
    units = weight.numerator // weight.denominator
    return Split(*shared_out(units, (tally.in_favour, tally.against, tally.abstain)))


def position_governance(
    *,
    asked: Asked,
    question: Mapping[str, object],
    outcome: Mapping[str, object],
    seq: int,
    signed_at: datetime,
    splits: Count | None = None,
) -> dict[str, object]:
    """The `governance` member of a position, from our signed local `question` and signed `outcome` of it.

    `splits` is our weight under a statute that lets us split it, where we do. Raises PositionRefusal if the two
    documents are not a proposal and its outcome.
    """
    _, local = governance_of(question, "proposal", _refuse)
    outer, decided = governance_of(outcome, "outcome", _refuse)
    stated = Outcome(state_of(decided), reason_of(decided))
    return {
        "kind": "position",
        "proposal": asked.proposal.to_document(),
        "statute": asked.statute,
        "body": decided.text("body"),
        "level": decided.integer("level", least=1),
        "seq": seq,
        "choice": str(derive_choice(stated)),
        "tally": decided.members["tally"],
        "outcome": str(stated.state),
        "reason": str(stated.reason),
        "rule": rule_document(stated_rule(local if decided.is_absent("rule") else decided)),
        "bodies": _bodies_document(decided),
        "members": decided.members.get("members"),
        "basis": {
            "proposal": decided.reference("proposal").to_document(),
            "outcome": {"id": outer.text("id"), "digest": content_digest(outcome)},
        },
        "signed_at": instant_text(signed_at),
        **copied(decided.members),
        **_split_document(splits, decided),
    }


def check_position(
    position: Position,
    *,
    asked: Asked,
    constituent: Constituent,
    splits: Count | None = None,
    needs_leaves: bool = False,
) -> None:
    """Nothing, if `position` answers what was asked, is the constituent's own, and follows from its tally.

    `splits` is the weight it may split, None where the statute lets nobody; `needs_leaves` where the statute counts
    every co-op below. Raises PositionRefusal; the code `position-invalid` is the INVALID_REPORT of G6. Signature,
    arrival and the documents it rests on are not looked at.
    """
    if position.asked.proposal != asked.proposal:
        raise PositionRefusal("position-other-proposal", position.asked.proposal.id)
    if position.asked.statute != asked.statute:
        raise PositionRefusal("position-other-statute", position.asked.statute)
    if position.body != constituent.body:
        raise PositionRefusal("position-not-a-constituent", position.body)
    if position.actor != constituent.actor:
        raise PositionRefusal("position-other-actor", position.actor)
    _check_follows(position)
    _check_split(position, splits)
    if needs_leaves and position.bodies is not None and position.leaves is None:
        raise PositionRefusal("position-leaves", position.body)


def place(
    seq: int, digest: str, *, current: tuple[int, str] | None, received_at: datetime, closes_at: datetime
) -> Placement:
    """What becomes of a position with this sequence and content digest; `current` is the counted one, if any.

    Received exactly at `closes_at` is in time, by the receipt clock of the assembly (G4).
    """
    if current is not None and digest == current[1]:
        return Placement.REPLAY
    if received_at > closes_at:
        return Placement.LATE
    if current is None or seq > current[0]:
        return Placement.COUNTS
    return Placement.EQUIVOCATION if seq == current[0] else Placement.STALE


def _check_follows(position: Position) -> None:
    bodies = position.bodies
    try:
        counts = {"reached": bodies.reached, "bodies": bodies.of} if bodies else {}
        recomputed = decide(position.rule, position.tally, further=position.further, **counts)
    except AssemblyRefusal as error:
        raise PositionRefusal("position-invalid", str(error)) from error
    follows = (recomputed.state, recomputed.reason, derive_choice(recomputed))
    claimed = (position.outcome.state, position.outcome.reason, position.choice)
    if follows != claimed:
        raise PositionRefusal("position-invalid", f"claims {', '.join(claimed)}; follows {', '.join(follows)}")


def _check_split(position: Position, splits: Count | None) -> None:
    if position.split is None:
        return
    if splits is None or position.choice is PositionChoice.NO_QUORUM:
        raise PositionRefusal("position-split", "nobody splits here")
    if position.split != derive_split(splits, position.tally):
        raise PositionRefusal("position-split", f"{splits} units part otherwise by this tally")


def _split_document(splits: Count | None, decided: Fields) -> dict[str, object]:
    stated = Outcome(state_of(decided), reason_of(decided))
    if splits is None or derive_choice(stated) is PositionChoice.NO_QUORUM:
        return {}
    return {"split": split_document(derive_split(splits, read_tally(decided.within("tally"))))}


def _bodies_document(decided: Fields) -> dict[str, int] | None:
    if decided.is_absent("constituents"):
        return None
    statuses = [row.text("status") for row in decided.rows("constituents")]
    return {"reached": sum(status in REACHED_STATUSES for status in statuses), "of": len(statuses)}


def _refuse(detail: str) -> PositionRefusal:
    return PositionRefusal("position-malformed", detail)
