"""Recounts: positions that came late, but within the time of the statute, are rolled up with the others once more.

Called when an assembly's own proposal closes, when that time is over, when a peer's second outcome is heard of, and by
the verifier (G6). What was counted at the close stays counted as it was: a recount adds late positions, and takes
nobody out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from federation.assembly.fields import Fields
from federation.assembly.references import Reference
from federation.assembly.roll_up import REACHED, ReportStatus
from federation.assembly.statute import Statute
from identity.instants import instant_text, read_instant
from node.governance.proposals import FrozenProposal
from node.governance.refusals import Refusal

OPEN: Final = "open"
STANDS: Final = "stands"
REPLACED: Final = "replaced"
"""Where the recount of a decision stands: to come, over without anybody late, or done."""

Row = Mapping[str, Any]
"""One constituent in an outcome, as JSON."""


@dataclass(frozen=True, slots=True)
class Recount:
    """What an outcome says of a recount: until when late positions lead to one, or whose place it took as one."""

    until: datetime | None = None
    first: Reference | None = None

    def to_document(self) -> dict[str, Any]:
        """The member `recount` of an outcome."""
        if self.first is not None:
            return {"first": self.first.to_document()}
        return {"until": instant_text(self.until)} if self.until else {}


def read_recount(outcome: Fields) -> Recount | None:
    """What the `governance` of an outcome says of a recount; None where it says nothing."""
    if outcome.is_absent("recount"):
        return None
    fields = outcome.within("recount")
    fields.only("until", "first")
    return Recount(
        until=None if fields.is_absent("until") else fields.instant("until"),
        first=None if fields.is_absent("first") else fields.reference("first"),
    )


def announced(outcome: Mapping[str, Any] | None) -> datetime | None:
    """Until when late positions lead to a recount, as a signed outcome says; None where it says nothing readable."""
    stated = ((outcome or {}).get("governance") or {}).get("recount")
    try:
        return read_instant(stated["until"]) if isinstance(stated, Mapping) and "until" in stated else None
    except ValueError:
        return None


def where_it_stands(
    recount: str | None, outcome: Mapping[str, Any] | None, *, is_own: bool, now: datetime
) -> tuple[str | None, datetime | None]:
    """Where the recount of a decision stands at `now`, and until when late positions are waited for, if they are.

    Of a peer's to which nobody came late no more is heard: when its time is over its outcome stands, unless a recount
    arrives after all.
    """
    until = announced(outcome) if recount == OPEN else None
    if until is None or (now > until and not is_own):
        return (STANDS if recount == OPEN else recount), None
    return OPEN, until


def recounts_at(statute: Statute, terms: FrozenProposal) -> datetime | None:
    """Until when late positions on this proposal lead to a recount; None where there is none.

    `terms` are of the last call. An answer has been reported upward at its close, a ratification asks silence too, and
    a lot is drawn with what the close reveals: none of them is recounted.
    """
    is_own_question = terms.upstream is None and terms.ratifies is None and "lot" not in terms.rule.tie
    if statute.terms.recount is None or not is_own_question:
        return None
    return terms.closes_at + timedelta(seconds=statute.terms.recount.within_seconds)


def is_anybody_out(statuses: Iterable[str]) -> bool:
    """Whether a constituent was not heard at the close, so that its position may still come."""
    return any(status not in REACHED for status in statuses)


def check_added(
    first: Iterable[Row], second: Iterable[Row], signed_at: Mapping[str, datetime], until: datetime
) -> None:
    """Nothing, if the rows of the second outcome are those of the first and late positions; else proposal-invalid.

    `signed_at` are the times of the positions that the second cites, by body; `until` is when the time was over.
    """
    added = 0
    for before, after in zip(first, second, strict=True):
        if before.get("veto") != after.get("veto"):
            raise Refusal("proposal-invalid", "a veto comes before the close")
        if before["status"] in REACHED or before["status"] == ReportStatus.EQUIVOCATION:
            if before != after:
                raise Refusal("proposal-invalid", "what was counted at the close stays as it was")
        elif after["status"] in REACHED:
            if signed_at[after["body"]] > until:
                raise Refusal("proposal-invalid", "a position came after the time for it")
            added += 1
    if not added:
        raise Refusal("proposal-invalid", "nothing came late, so the first outcome stands")
