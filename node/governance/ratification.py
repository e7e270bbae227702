"""Ratification: what an assembly decided binds nobody before enough constituents have said so again, in their own time.

Called when a decision passes, when a constituent is asked to ratify one, and by the verifier (G6). Ratifying is a
second proposal on the same text under the same statute; silence is in its electorate and so does not ratify.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from federation.assembly.decide import OutcomeState
from federation.assembly.rules import Rule
from federation.assembly.statute import Statute
from node.governance.proposals import RATIFICATION, FrozenProposal
from node.governance.refusals import Refusal

PENDING: Final = "pending"
RATIFIED: Final = "ratified"
NOT_RATIFIED: Final = "not_ratified"


def needs_ratification(statute: Statute | None, state: OutcomeState, *, is_root: bool) -> bool:
    """Whether a decision of an assembly that ended so must be ratified; an answer to one above binds nobody itself."""
    return is_root and state is OutcomeState.PASSED and statute is not None and statute.terms.ratification is not None


def counted_under(statute: Statute, terms: FrozenProposal) -> Statute:
    """The statute as positions on this proposal are counted under it."""
    return replace(statute, terms=statute.terms.for_ratification()) if terms.ratifies else statute


def rule_and_window(statute: Statute) -> tuple[Rule, timedelta] | None:
    """The rule of a ratification under this statute and how long it is open; None where none is laid down."""
    rule, ratification = statute.terms.ratification_rule(), statute.terms.ratification
    return (rule, timedelta(seconds=ratification.within_seconds)) if rule and ratification else None


def check_ratification(terms: FrozenProposal, *, of: FrozenProposal, statute: Statute) -> None:
    """Nothing, if this proposal ratifies that one as their statute lays it down; otherwise refuses proposal-invalid."""
    laid_down = rule_and_window(statute)
    if laid_down is None or terms.type != RATIFICATION or terms.upstream or of.upstream or of.ratifies:
        raise Refusal("proposal-invalid", "nothing here is to be ratified")
    rule, window = laid_down
    if terms.rule != rule or terms.closes_at - terms.opens_at != window:
        raise Refusal("proposal-invalid", "it is not ratified by this rule or within this time")
    same = (terms.body, terms.actor, terms.electorate, terms.text_digest)
    if same != (of.body, of.actor, of.electorate, of.text_digest):
        raise Refusal("proposal-invalid", "the ratification is of another text, statute or body")
