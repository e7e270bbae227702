"""The one sentence each decision opens with, as a tired member would like to read it.

Called by the proposal and federation views.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from node.web.views.wording.labels import REASONS, label
from node.web.views.wording.numbers import weight_text

if TYPE_CHECKING:
    from fractions import Fraction

    from federation.assembly.tally import Tally
    from node.web.views.wording.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A tally and how it is spoken: in people, or in weights over a denominator when bodies decide."""

    tally: Tally
    denominator: int = 1
    needed: int | None = None
    of_bodies: bool = False

    def text(self, weight: int | Fraction) -> str:
        """One weight of this count."""
        return weight_text(weight, self.denominator)


def counts_clause(count: Count, say: Words) -> str:
    """The choices: "31 for, 7 against, 4 abstained"."""
    tally = count.tally
    form = "by weight %(yes)s for, %(no)s against" if count.of_bodies else "%(yes)s for, %(no)s against"
    said = say(form, yes=count.text(tally.in_favour), no=count.text(tally.against))
    return said + say(", %(abstain)s abstained", abstain=count.text(tally.abstain)) if tally.abstain else said


def part_clause(count: Count, say: Words, *, is_over: bool) -> str:
    """Who took part and how much was needed: "42 of 60 took part, 30 were needed"."""
    cast, whole = count.text(count.tally.cast), count.text(count.tally.electorate)
    if count.of_bodies:
        said = say("%(cast)s of %(whole)s took a position", cast=cast, whole=whole)
    else:
        said = say("%(cast)s of %(whole)s took part", cast=cast, whole=whole)
    if count.needed is None:
        return said
    needed = count.text(count.needed)
    return said + (
        say(", %(needed)s were needed", needed=needed) if is_over else say(", %(needed)s are needed", needed=needed)
    )


def open_sentence(count: Count | None, say: Words) -> str:
    """Where an open proposal stands."""
    if count is None:
        return say("Open for ballots.")
    if not count.tally.cast:
        if count.of_bodies:
            return say("Open: no body has reported yet.")
        return say.count(
            "Open: no ballot yet; %(number)s member may take part.",
            "Open: no ballot yet; %(number)s members may take part.",
            int(count.tally.electorate),
        )
    clauses = {"counts": counts_clause(count, say), "part": part_clause(count, say, is_over=False)}
    return say("So far %(counts)s; %(part)s.", **clauses)


def closed_sentence(state: str, reason: str | None, count: Count | None, say: Words) -> str:
    """What was decided and by how much, with the reason when it did not pass."""
    because = label(REASONS, reason, say) if reason else ""
    if count is None:
        return {"passed": say("Passed.")}.get(state, say("Not passed."))
    clauses = {"counts": counts_clause(count, say), "part": part_clause(count, say, is_over=True), "because": because}
    if state == "passed":
        return say("Passed: %(counts)s; %(part)s.", **clauses)
    if state == "closed_without_quorum":
        return say("No decision, because too few took part: %(part)s; %(counts)s.", **clauses)
    if because:
        return say("Not passed, because %(because)s: %(counts)s; %(part)s.", **clauses)
    return say("Not passed: %(counts)s; %(part)s.", **clauses)


WAITING = {
    "draft": "A draft that only members of this co-op see. Its author may still submit or withdraw it.",
    "submitted": "Submitted. An operator opens it for ballots; from then on nothing in it can change.",
    "withdrawn": "Withdrawn before it opened. Nothing was decided.",
}


def standing_sentence(state: str, reason: str | None, count: Count | None, say: Words) -> str:
    """The sentence of a proposal in any state."""
    if state == "open":
        return open_sentence(count, say)
    if state in WAITING:
        return say(WAITING[state])
    return closed_sentence(state, reason, count, say)
