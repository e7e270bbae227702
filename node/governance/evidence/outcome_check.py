"""An outcome document against the recount: built again from the evidence and compared member by member.

Called by the walk at every level. The lot, where there is one, is drawn again here.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from federation.assembly.fields import governance_of
from federation.assembly.lots import Lot
from federation.assembly.references import Reference
from identity.canonical import canonical_bytes
from node.governance.evidence.failures import EvidenceRefusal, reading
from node.governance.evidence.line import Line
from node.governance.lots import drawn, needs_lot
from node.governance.outcomes import Finding, outcome_governance
from node.governance.proposals import FrozenProposal

CODES: Final[Mapping[str, str]] = {
    "body": "outcome-body",
    "proposal": "outcome-body",
    "statute": "outcome-statute",
    "ballots": "outcome-ballots",
    "constituents": "outcome-constituents",
    "rule": "outcome-rule",
    "vetoes": "outcome-vetoes",
    "lot": "outcome-lot",
    "nonce": "outcome-lot",
    "tally": "outcome-tally",
    "outcome": "outcome-state",
    "reason": "outcome-reason",
    "members": "outcome-members",
    "leaves": "outcome-leaves",
    "second": "outcome-second",
    "level": "outcome-level",
}
"""Member → failed check, in the order they are compared: first what was counted, then what it yields."""


def check_outcome(line: Line, finding: Finding, terms: FrozenProposal, proposal: Reference, *, all_spoke: bool) -> None:
    """Raises EvidenceRefusal for the first member of the outcome that the recount does not give.

    Where the rule closes early, it does so when `all_spoke`, and not before.
    """
    _, claimed = governance_of(
        line.document, "outcome", lambda detail: EvidenceRefusal("outcome-malformed", line.number, detail)
    )
    declared = claimed.instant("closed_at")
    check_close(line.number, declared, terms, all_spoke=all_spoke)
    recomputed = outcome_governance(proposal=proposal, body=terms.body, finding=finding, closed_at=declared)
    for name, code in CODES.items():
        if claimed.members.get(name) != recomputed.get(name):
            raise EvidenceRefusal(code, line.number)
    written: dict[str, Any] = dict(claimed.members)
    if canonical_bytes(written) != canonical_bytes(recomputed):
        raise EvidenceRefusal("outcome-malformed", line.number, "written otherwise than an outcome is")


def closed_at(line: Line) -> datetime:
    """When an outcome that was checked says it was declared."""
    _, fields = governance_of(line.document, "outcome", ValueError)
    return fields.instant("closed_at")


def check_close(number: int, declared: datetime, terms: FrozenProposal, *, all_spoke: bool) -> None:
    """Nothing, if the outcome was declared after the close, or when all had spoken where its rule closes then."""
    may_be_early = terms.rule.closes_early and all_spoke and declared >= terms.opens_at
    if declared < terms.closes_at and not may_be_early:
        raise EvidenceRefusal("outcome-early", number)


def revealed_nonce(line: Line, terms: FrozenProposal) -> str | None:
    """The nonce that the outcome reveals, where the frozen rule may come to a lot; None where it cannot."""
    if not needs_lot(terms):
        return None
    _, fields = governance_of(
        line.document, "outcome", lambda detail: EvidenceRefusal("outcome-lot", line.number, detail)
    )
    return fields.text("nonce")


def checked_lot(line: Line, terms: FrozenProposal, proposal: str, counted: Iterable[str]) -> Lot:
    """The lot over these digests, by the nonce that the outcome reveals and the proposal committed to."""
    with reading("outcome-lot", line.number):
        return drawn(terms, proposal, counted, revealed_nonce(line, terms) or "")
