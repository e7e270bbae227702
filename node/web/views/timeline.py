"""The steps of a proposal, done, now and next.

Called by the proposal view.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from node.web.views.wording.times import Moment, maybe_moment, span

if TYPE_CHECKING:
    from node.web.views.wording.words import Words
    from storage.records import ProposalRecord

PLACES = {"done": "done", "now": "now", "next": "still to come"}
DECIDED = frozenset({"passed", "rejected", "closed_without_quorum"})


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `place` is done, now or next."""

    label: str
    place: str
    place_label: str
    at: Moment | None
    note: str | None = None


Planned = tuple[str, datetime | None, str | None]


def steps(record: ProposalRecord, *, now: datetime, say: Words) -> tuple[Step, ...]:
    """The timeline of a proposal; the last step stands only where an assembly above decides."""
    before = _before_opening(record, say)
    if record.state == "withdrawn":
        plan = [*before[:1], (say("Withdrawn"), record.updated_at, None)]
        reached = len(plan)
    else:
        plan = [*before, *_from_opening(record, say)]
        reached = _reached(record, len(before), len(plan))
    return tuple(_step(planned, index, reached, now=now, say=say) for index, planned in enumerate(plan))


def _before_opening(record: ProposalRecord, say: Words) -> list[Planned]:
    """A proposal that answers an assembly, or was heard from a peer, is open from its first moment here."""
    if record.upstream_id is not None or record.origin != "own":
        return []
    return [(say("Drafted"), record.created_at, None), (say("Submitted"), None, None)]


def _from_opening(record: ProposalRecord, say: Words) -> list[Planned]:
    is_waiting = record.state in {"draft", "submitted"}
    days = say("%(span)s after it opens", span=span(timedelta(seconds=record.window_seconds), say))
    closing = say("Closed and counted") if record.closed_at else say("Closes")
    plan: list[Planned] = [
        (say("Open for ballots"), record.opens_at, None),
        (closing, None if is_waiting else record.closed_at or record.closes_at, days if is_waiting else None),
    ]
    if record.upstream_id is not None:
        plan.append((say("The federation decides"), None, say("Its decision binds every body below it.")))
    return plan


def _reached(record: ProposalRecord, opening: int, whole: int) -> int:
    """The index of the step that is now; `whole` when all are done."""
    if record.state in DECIDED:
        return whole if record.decision_document is not None else opening + 2
    return {"draft": 0, "submitted": 1}.get(record.state, opening)


def _step(planned: Planned, index: int, reached: int, *, now: datetime, say: Words) -> Step:
    text, at, note = planned
    place = "done" if index < reached else "now" if index == reached else "next"
    return Step(text, place, say(PLACES[place]), maybe_moment(at, now=now, say=say), note)
