"""Outcomes: the signed statement of what was decided and why, and the same in plain words.

Called when a proposal closes (the document is built here, signed by the caller), by pages, and by the verifier,
which builds the document again from the evidence and compares.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

from federation.assembly.decide import NOTHING, Further, Outcome, OutcomeState, Reason
from federation.assembly.references import Reference
from federation.assembly.reporting.besides import further_document
from federation.assembly.reporting.reported import split_document
from federation.assembly.roll_up import HEARD, Line, ReportStatus, RollUp
from federation.assembly.rules import Base, Rule, rule_document
from federation.assembly.tally import Count, Tally, count_document
from federation.assembly.weighing.leaves import Leaf, leaf_document
from identity.instants import instant_text
from node.governance.calls import SECOND, Call
from node.governance.counting import ballot_set_digest
from node.governance.recounts import Recount

Document = dict[str, Any]
Twins = tuple[Reference, Reference]
"""Two positions of one body and number, by their digests."""

CITED: Final = HEARD | {ReportStatus.INVALID}
"""What became of a report that the outcome cites."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a body found at its close: level 1 for members' ballots, one above the highest report for an assembly.

    `rule` is there where the proposal's rule was applied otherwise; `nonce` reveals what a lot was drawn with.
    """

    level: int
    outcome: Outcome
    tally: Tally
    members: Tally | None
    ballots: Document | None = None
    constituents: tuple[Document, ...] | None = None
    statute: str | None = None
    ballot_count: int | None = None
    rule: Rule | None = None
    further: Further = NOTHING
    leaves: tuple[Leaf, ...] | None = None
    nonce: str | None = None
    call: Call | None = None
    recount: Recount | None = None

    def of_call(self, call: Call | None, rule: Rule) -> "Finding":
        """The same as the finding of that call; a second one states the `rule` it went by."""
        return replace(self, call=call, rule=rule if call and call.number == SECOND else self.rule)

    def missed(self, call: Call) -> "Finding":
        """The same as the finding of a first call whose quorum was missed; the nonce of a lot stays for the second."""
        return replace(self, call=call, nonce=None, further=replace(self.further, lot=None))


def members_finding(outcome: Outcome, tally: Tally, ballot_digests: Sequence[str]) -> Finding:
    """The finding of a count of ballots; `ballot_digests` are the content digests of those counted."""
    commitment: Document = {"count": len(ballot_digests), "digest": ballot_set_digest(ballot_digests)}
    return Finding(
        level=1, outcome=outcome, tally=tally, members=tally, ballots=commitment, ballot_count=len(ballot_digests)
    )


def assembly_finding(
    rolled: RollUp,
    positions: Mapping[str, Reference],
    statute: str,
    *,
    vetoes: Mapping[str, Reference] = MappingProxyType({}),
    twins: Mapping[str, Twins] = MappingProxyType({}),
    is_reported: bool = False,
) -> Finding:
    """The finding of a roll-up under the statute with this digest; `positions` by constituent DID, where there are any.

    A late or invalid position may be among them: it is cited and judged, and not counted. `twins` are the two positions
    of one number of each body that signed two. Leaves are listed where the outcome `is_reported` further up.
    """
    lines = tuple(
        _constituent(line, positions.get(line.body), vetoes.get(line.body), twins.get(line.body))
        for line in rolled.lines
    )
    return Finding(
        level=rolled.level,
        outcome=rolled.outcome,
        tally=rolled.tally,
        members=rolled.members,
        constituents=lines,
        statute=statute,
        rule=rolled.rule if rolled.rule != rolled.asked else None,
        further=rolled.further,
        leaves=rolled.leaves if is_reported else None,
    )


def outcome_governance(*, proposal: Reference, body: str, finding: Finding, closed_at: datetime) -> Document:
    """The `governance` member of an outcome document."""
    return {
        "kind": "outcome",
        "proposal": proposal.to_document(),
        "body": body,
        "level": finding.level,
        "outcome": str(finding.outcome.state),
        "reason": str(finding.outcome.reason),
        "tally": finding.tally.to_document(),
        "members": finding.members.to_document() if finding.members else None,
        "ballots": finding.ballots,
        "constituents": list(finding.constituents) if finding.constituents is not None else None,
        "statute": finding.statute,
        "closed_at": instant_text(closed_at),
        **_more(finding),
    }


def _more(finding: Finding) -> Document:
    """The members that only some outcomes have."""
    more = {
        "rule": rule_document(finding.rule) if finding.rule else None,
        "leaves": [leaf_document(leaf) for leaf in finding.leaves] if finding.leaves is not None else None,
        "nonce": finding.nonce,
        "call": finding.call.to_document() if finding.call else None,
        "recount": finding.recount.to_document() if finding.recount else None,
    }
    return {name: value for name, value in more.items() if value is not None} | further_document(finding.further)


VERDICTS: Final[Mapping[OutcomeState, str]] = {
    OutcomeState.PASSED: "Passed",
    OutcomeState.REJECTED: "Rejected",
    OutcomeState.NO_QUORUM: "No quorum",
    OutcomeState.EMPTY: "Nobody to decide",
    OutcomeState.VETOED: "Vetoed",
}
REASONS: Final[Mapping[Reason, str]] = {
    Reason.THRESHOLD_MET: "enough were for it",
    Reason.THRESHOLD_NOT_MET: "not enough were for it",
    Reason.MEMBERS_THRESHOLD_NOT_MET: "enough bodies were for it, but not enough members behind them",
    Reason.TIE: "a tie, so nothing changes",
    Reason.PREVIOUS_STAGE: "a tie, which the members' own count broke",
    Reason.LOT: "a tie, which the lot broke",
    Reason.VETO: "a constituent vetoed it",
    Reason.NO_DECISIVE_VOTES: "nobody was for or against",
    Reason.QUORUM_NOT_MET: "too few took part",
    Reason.REJECTION_QUORUM: "enough were against it",
    Reason.REJECTION_QUORUM_NOT_REACHED: "too few were against it to stop it",
    Reason.EMPTY_ELECTORATE: "the electorate was empty",
}
SHARES: Final[Mapping[Base, str]] = {
    Base.DECISIVE: "of those for or against",
    Base.CAST: "of all cast",
    Base.ELECTORATE: "of the whole electorate",
}


def sentence(outcome: Outcome, tally: Tally, *, rule: Rule | None = None, denominator: int = 1) -> str:
    """The outcome in plain words: `Passed: 31 for, 4 against, 2 abstained: enough were for it (88.57 % of …)`.

    `denominator` units of weight are shown as 1. With the `rule` the share it looks at is added.
    """
    counts = (
        f"{amount(tally.in_favour, denominator)} for, {amount(tally.against, denominator)} against, "
        f"{amount(tally.abstain, denominator)} abstained"
    )
    return f"{VERDICTS[outcome.state]}: {counts}; {REASONS[outcome.reason]}{_share(tally, rule)}."


def percent(share: Fraction) -> str:
    """A share as percent with two decimals, rounded half up in integers: 19/26 is `73.08 %`."""
    hundredths = (share.numerator * 20_000 + share.denominator) // (2 * share.denominator)
    return f"{hundredths // 100}.{hundredths % 100:02d} %"


def amount(units: Count, denominator: int = 1) -> str:
    """Weight in units as people read it: 19 of tenths is `1.9`; what no short decimal can say stays a fraction."""
    whole = Fraction(units) / denominator
    if whole.denominator == 1:
        return str(whole.numerator)
    for digits in range(1, 5):
        scaled = whole * 10**digits
        if scaled.denominator == 1:
            return f"{scaled.numerator // 10**digits}.{scaled.numerator % 10**digits:0{digits}d}"
    return f"{whole.numerator}/{whole.denominator}"


def _constituent(line: Line, position: Reference | None, veto: Reference | None, twins: Twins | None) -> Document:
    cited = position if line.status in CITED else None
    said_twice = twins if line.status is ReportStatus.EQUIVOCATION else None
    more = {
        "split": split_document(line.split),
        "veto": veto.to_document() if veto else None,
        "equivocation": [each.to_document() for each in said_twice] if said_twice else None,
    }
    return {
        "body": line.body,
        "status": str(line.status),
        "choice": str(line.choice) if line.choice else None,
        "weight": count_document(line.weight),
        "position": cited.to_document() if cited else None,
        **{name: value for name, value in more.items() if value is not None},
    }


def _share(tally: Tally, rule: Rule | None) -> str:
    if rule is None:
        return ""
    bases = {Base.DECISIVE: tally.decisive, Base.CAST: tally.cast, Base.ELECTORATE: tally.electorate}
    base = bases[rule.of]
    if base == 0:
        return ""
    wanted = "more than" if rule.strict else "at least"
    return (
        f" ({percent(Fraction(tally.in_favour) / base)} {SHARES[rule.of]}, {wanted} {percent(rule.threshold)} needed)"
    )
