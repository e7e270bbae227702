"""When a plan is in force: what the decisions on it and their outcomes say, with the moments that stand in them.

Called by `state`. Only signed moments count, so that every reader finds the same whenever a document reached it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from federation.assembly.decide import OutcomeState
from federation.assembly.references import Reference


@dataclass(frozen=True, slots=True)
class Decision:
    """A proposal in this log: the survey, one that decides on a plan, or one that ratifies such a one."""

    ref: Reference
    plan: Reference | None
    ratifies: Reference | None
    statute: str | None


@dataclass(frozen=True, slots=True)
class Ending:
    """The outcome document of a proposal in this log; `before` is the outcome whose place it took by a recount."""

    ref: Reference
    proposal: Reference
    state: OutcomeState
    closed_at: datetime
    before: "Ending | None" = None

    @property
    def has_passed(self) -> bool:
        """Whether it passed at its close or in a recount."""
        return self.state is OutcomeState.PASSED or (self.before is not None and self.before.has_passed)


@dataclass(frozen=True, slots=True)
class Span:
    """From one moment to another, both of which belong to it; `until` is None while it lasts."""

    since: datetime
    until: datetime | None

    def reaches(self, moment: datetime) -> bool:
        """Whether it had not ended at that moment."""
        return self.until is None or moment <= self.until

    def covers(self, moment: datetime) -> bool:
        """Whether that moment came after its beginning, and it had not ended."""
        return self.since < moment and self.reaches(moment)


def spans_of(endings: Iterable[Ending]) -> tuple[Span, ...]:
    """How long each of these outcomes binds: from the first that passed until a recount turned it."""
    return tuple(_span(ending) for ending in endings if ending.has_passed)


def _span(ending: Ending) -> Span:
    first = ending.before if ending.before is not None and ending.before.has_passed else ending
    return Span(first.closed_at, None if ending.state is OutcomeState.PASSED else ending.closed_at)


@dataclass(frozen=True, slots=True)
class Force:
    """How long one version is in force, and how long later ones are."""

    own: tuple[Span, ...]
    later: tuple[Span, ...]

    def binds_at(self, moment: datetime) -> bool:
        """Whether no recount had ended it."""
        return any(span.reaches(moment) for span in self.own)

    def holds_at(self, moment: datetime) -> bool:
        """Whether it was the highest version in force: under that one alone things leave."""
        return self.binds_at(moment) and not any(span.covers(moment) for span in self.later)
