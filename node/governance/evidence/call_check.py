"""Which call an outcome is of, checked: a second one follows a first that missed its quorum, at the time laid down.

Called by the walk for every outcome before anything in it is recomputed (G5).
"""

from dataclasses import replace
from typing import NoReturn

from federation.assembly.decide import OutcomeState, decide
from federation.assembly.fields import Fields, governance_of
from federation.assembly.references import Reference
from federation.assembly.roll_up import REACHED
from federation.assembly.tally import read_tally
from node.governance.calls import FIRST, Call, again, in_second_call, read_call
from node.governance.evidence.failures import EvidenceRefusal, reading
from node.governance.evidence.line import Line
from node.governance.evidence.shelf import Shelf
from node.governance.evidence.signatures import Signer, check_body_signature
from node.governance.proposals import FrozenProposal


def checked_call(
    shelf: Shelf, outcome: Line, by: Signer, terms: FrozenProposal, *, proposal: Reference
) -> tuple[Call | None, FrozenProposal]:
    """The call an outcome names, and the terms that hold in it. Raises EvidenceRefusal outcome-call."""
    fields = _governance(outcome)
    call = read_call(fields)
    second = in_second_call(terms)
    if call is None:
        return None, terms
    if second is None or call.again_at is not None or (call.first is None) != (call.number == FIRST):
        _refuse(outcome, "not a call of this rule")
    if call.first is None:
        if fields.text("outcome") == OutcomeState.NO_QUORUM and terms.upstream is None:
            _refuse(outcome, "its second call is still to come")
        return call, terms
    if fields.instant("closed_at") < second.closes_at:
        _refuse(outcome, "before the second call")
    first = shelf.take("outcome", call.first)
    check_body_signature(first, by, "outcome-signature")
    _check_first(first, terms, proposal)
    return call, second


def _check_first(line: Line, terms: FrozenProposal, proposal: Reference) -> None:
    """It is about this proposal, says when it is called again, and its own tally misses the quorum."""
    fields, following = _governance(line), again(terms.rule, terms.closes_at)
    assert following is not None, "looked at for rules with a second call"
    if fields.reference("proposal") != proposal or fields.text("body") != terms.body:
        _refuse(line, "about another proposal")
    if read_call(fields) != Call(FIRST, again_at=following[0]):
        _refuse(line, "no first call with a second one to come")
    with reading("outcome-call", line.number):
        reached, bodies = _bodies(fields)
        found = decide(terms.rule, read_tally(fields.within("tally")), reached=reached, bodies=bodies)
    if (found.state, found.reason) != (fields.text("outcome"), fields.text("reason")) or (
        found.state is not OutcomeState.NO_QUORUM
    ):
        _refuse(line, "its quorum was not missed")


def _bodies(fields: Fields) -> tuple[int | None, int | None]:
    """How many constituents reported, of how many; None for members."""
    if fields.is_absent("constituents"):
        return None, None
    statuses = [row.text("status") for row in fields.rows("constituents")]
    return sum(status in REACHED for status in statuses), len(statuses)


def _governance(line: Line) -> Fields:
    def refuse(detail: str, code: str = "outcome-call") -> EvidenceRefusal:
        return EvidenceRefusal(code, line.number, detail)

    _, fields = governance_of(line.document, "outcome", lambda detail: refuse(detail, "outcome-malformed"))
    return replace(fields, refuse=refuse)


def _refuse(line: Line, detail: str) -> NoReturn:
    raise EvidenceRefusal("outcome-call", line.number, detail)
