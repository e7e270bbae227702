"""What a rule makes of a tally: the outcome, its reason, and a trace anyone can follow by hand (G1, G5).

Called for a co-op's own count and for an assembly's roll-up alike, and again by everyone who checks them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import Final

from federation.assembly.lots import Lot, drawn_order
from federation.assembly.refusals import RuleError
from federation.assembly.rules import STATUS_QUO, Base, Quorum, QuorumKind, Rule, share_text
from federation.assembly.tally import Count, Tally

HALF: Final = Fraction(1, 2)
OPTIONS: Final = ("for", "against")


class OutcomeState(StrEnum):
    """How a decision ended. A tie that nothing breaks is `rejected` with the reason `tie` (G1)."""

    PASSED = "passed"
    REJECTED = "rejected"
    NO_QUORUM = "no_quorum"
    EMPTY = "empty"
    VETOED = "vetoed"


class Reason(StrEnum):
    """Why it ended so."""

    THRESHOLD_MET = "threshold_met"
    THRESHOLD_NOT_MET = "threshold_not_met"
    MEMBERS_THRESHOLD_NOT_MET = "members_threshold_not_met"
    TIE = "tie"
    PREVIOUS_STAGE = "previous_stage"
    LOT = "lot"
    NO_DECISIVE_VOTES = "no_decisive_votes"
    QUORUM_NOT_MET = "quorum_not_met"
    REJECTION_QUORUM = "rejection_quorum"
    REJECTION_QUORUM_NOT_REACHED = "rejection_quorum_not_reached"
    EMPTY_ELECTORATE = "empty_electorate"
    VETO = "veto"


@dataclass(frozen=True, slots=True)
class Outcome:
    """State and reason; `trace` shows each comparison in integers, in the order it was made."""

    state: OutcomeState
    reason: Reason
    trace: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Second:
    """The second count of mode `double`: the members whom the bodies stand for, and the share of them it takes.

    With `blocking` fewer bodies than that cannot stop what the heads want (G6).
    """

    tally: Tally
    share: Fraction
    blocking: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vetoes:
    """Who vetoed, by DID, and the share in favour that overrides them, None where nothing does."""

    by: tuple[str, ...]
    override: Fraction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Further:
    """What a decision may rest on beside its tally; all of it is absent in most decisions.

    `members` is the stage before an assembly's own: the direct count of members below it, if complete.
    """

    second: Second | None = None
    vetoes: Vetoes | None = None
    members: Tally | None = None
    lot: Lot | None = None


NOTHING: Final = Further()


@dataclass(frozen=True, slots=True)
class Comparison:
    """count · denominator against numerator · base: a share tested without dividing."""

    label: str
    count: Count
    base: Count
    share: Fraction

    @property
    def left(self) -> Count:
        """The count times the denominator of the share."""
        return self.count * self.share.denominator

    @property
    def right(self) -> Count:
        """The numerator of the share times the base."""
        return self.share.numerator * self.base

    def line(self, sign: str, *, holds: bool) -> str:
        """The comparison as one line of trace."""
        verdict = "holds" if holds else "does not hold"
        return (
            f"{self.label}: {self.count} of {self.base}, share {share_text(self.share)}: "
            f"{self.left} {sign} {self.right} {verdict}"
        )


Counts = Callable[[Quorum, Tally], tuple[Count, Count]]

QUORUM_COUNTS: Final[Mapping[QuorumKind, Counts]] = {
    QuorumKind.PARTICIPATION: lambda q, t: (t.cast if q.abstain_counts else t.decisive, t.electorate),
    QuorumKind.APPROVAL: lambda _, t: (t.in_favour, t.electorate),
    QuorumKind.REJECTION: lambda _, t: (t.against, t.electorate),
    QuorumKind.DYNAMIC: lambda _, t: (t.in_favour, t.electorate),
}
BASES: Final[Mapping[Base, Callable[[Tally], Count]]] = {
    Base.DECISIVE: lambda tally: tally.decisive,
    Base.CAST: lambda tally: tally.cast,
    Base.ELECTORATE: lambda tally: tally.electorate,
}


def decide(
    rule: Rule, tally: Tally, *, reached: int | None = None, bodies: int | None = None, further: Further = NOTHING
) -> Outcome:
    """The outcome of `tally` under `rule`: empty electorate, quorum, threshold, ties, and then vetoes (G1, G4 to G6).

    `reached` of `bodies` constituents sent a position; both are needed by a bodies quorum, which otherwise
    raises RuleError. A rejection quorum decides alone: passed unless A reaches it.
    """
    if tally.electorate == 0:
        return Outcome(OutcomeState.EMPTY, Reason.EMPTY_ELECTORATE, ("electorate: 0",))
    if rule.quorum is None:
        return _after_vetoes(_by_threshold(rule, tally, (), further), tally, further.vetoes)
    quorum = _quorum_comparison(rule.quorum, tally, reached, bodies)
    is_met = quorum.left >= quorum.right
    trace = (quorum.line(">=", holds=is_met),)
    if rule.quorum.kind is QuorumKind.REJECTION:
        return _after_vetoes(_by_rejection(is_met, trace), tally, further.vetoes)
    if not is_met:
        return Outcome(OutcomeState.NO_QUORUM, Reason.QUORUM_NOT_MET, trace)
    return _after_vetoes(_by_threshold(rule, tally, trace, further), tally, further.vetoes)


def _quorum_comparison(quorum: Quorum, tally: Tally, reached: int | None, bodies: int | None) -> Comparison:
    label = f"quorum {quorum.kind}"
    if quorum.kind is not QuorumKind.BODIES:
        count, base = QUORUM_COUNTS[quorum.kind](quorum, tally)
        return Comparison(label, count, base, quorum.asked(tally))
    if reached is None or bodies is None:
        raise RuleError("rule-quorum", "only an assembly has constituents to count")
    return Comparison(label, reached, bodies, quorum.share)


def _by_rejection(is_met: bool, trace: tuple[str, ...]) -> Outcome:
    if is_met:
        return Outcome(OutcomeState.REJECTED, Reason.REJECTION_QUORUM, trace)
    return Outcome(OutcomeState.PASSED, Reason.REJECTION_QUORUM_NOT_REACHED, trace)


def _by_threshold(rule: Rule, tally: Tally, trace: tuple[str, ...], further: Further) -> Outcome:
    if tally.decisive == 0:
        return Outcome(OutcomeState.REJECTED, Reason.NO_DECISIVE_VOTES, (*trace, "decisive: 0"))
    is_met, line = _compare(rule, tally, f"for, of {rule.of}")
    trace = (*trace, line)
    if is_met and further.second:
        return _by_second(rule, tally, trace, further.second)
    if is_met:
        return Outcome(OutcomeState.PASSED, Reason.THRESHOLD_MET, trace)
    if rule.threshold == HALF and tally.in_favour == tally.against:
        ways = rule.tie if 2 * tally.in_favour == BASES[rule.of](tally) else STATUS_QUO
        return _untied(ways, trace, further)
    return Outcome(OutcomeState.REJECTED, Reason.THRESHOLD_NOT_MET, trace)


def _compare(rule: Rule, tally: Tally, label: str) -> tuple[bool, str]:
    share = Comparison(label, tally.in_favour, BASES[rule.of](tally), rule.threshold)
    is_met = share.left > share.right if rule.strict else share.left >= share.right
    return is_met, share.line(">" if rule.strict else ">=", holds=is_met)


def _by_second(rule: Rule, heads: Tally, trace: tuple[str, ...], second: Second) -> Outcome:
    """Enough bodies are for it; now whether enough members stand behind them, or too few bodies oppose them."""
    is_met, line = _compare(replace(rule, threshold=second.share), second.tally, f"members for, of {rule.of}")
    trace = (*trace, line)
    if is_met:
        return Outcome(OutcomeState.PASSED, Reason.THRESHOLD_MET, trace)
    opposed = BASES[rule.of](heads) - heads.in_favour
    if second.blocking is not None and opposed < second.blocking:
        line = f"blocking minority: {opposed} of the {second.blocking} bodies that could stop it"
        return Outcome(OutcomeState.PASSED, Reason.THRESHOLD_MET, (*trace, line))
    return Outcome(OutcomeState.REJECTED, Reason.MEMBERS_THRESHOLD_NOT_MET, trace)


def _untied(ways: tuple[str, ...], trace: tuple[str, ...], further: Further) -> Outcome:
    """A tie, broken by the first way in the rule's list that gives an answer (G4)."""
    for way in ways:
        winner = TIE_BREAKS[way](further)
        if winner is not None:
            state = OutcomeState.PASSED if winner == "for" else OutcomeState.REJECTED
            return Outcome(state, Reason(way), (*trace, f"tie: {way} says {winner}"))
    return Outcome(OutcomeState.REJECTED, Reason.TIE, (*trace, "tie: status_quo stands"))


def _by_previous_stage(further: Further) -> str | None:
    before = further.members
    if before is None or before.in_favour == before.against:
        return None
    return "for" if before.in_favour > before.against else "against"


TIE_BREAKS: Final[Mapping[str, Callable[[Further], str | None]]] = {
    "status_quo": lambda _: None,
    "previous_stage": _by_previous_stage,
    "lot": lambda further: drawn_order(further.lot, OPTIONS)[0] if further.lot else None,
}


def _after_vetoes(outcome: Outcome, tally: Tally, vetoes: Vetoes | None) -> Outcome:
    """The outcome as it is, or vetoed: only what passed can be, and an override share of all weight goes past it."""
    if vetoes is None or not vetoes.by or outcome.state is not OutcomeState.PASSED:
        return outcome
    line = f"vetoed by {', '.join(sorted(vetoes.by))}"
    if vetoes.override is not None:
        override = Comparison("override, of electorate", tally.in_favour, tally.electorate, vetoes.override)
        is_met = override.left >= override.right
        trace = (*outcome.trace, line, override.line(">=", holds=is_met))
        if is_met:
            return replace(outcome, trace=trace)
        return Outcome(OutcomeState.VETOED, Reason.VETO, trace)
    return Outcome(OutcomeState.VETOED, Reason.VETO, (*outcome.trace, line))
