"""Which call an outcome is of, and whether it is recounted, checked: what it says, and the outcome that went before it.

Called by the walk: a second call follows a first that missed its quorum (G5), a recount the first outcome (G6).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, NoReturn

from federation.assembly.decide import OutcomeState, decide
from federation.assembly.fields import Fields, governance_of
from federation.assembly.references import Reference
from federation.assembly.roll_up import REACHED
from federation.assembly.tally import read_tally
from node.governance.calls import FIRST, Call, again, in_second_call, read_call
from node.governance.evidence.failures import EvidenceRefusal, reading
from node.governance.evidence.line import Line
from node.governance.evidence.outcome_check import check_close
from node.governance.evidence.report import Level
from node.governance.evidence.shelf import Shelf
from node.governance.evidence.signatures import Signer, check_body_signature
from node.governance.evidence.terms_check import Mandate
from node.governance.proposals import FrozenProposal
from node.governance.recounts import Recount, check_added, is_anybody_out, read_recount


def checked_call(
    shelf: Shelf, outcome: Line, by: Signer, terms: FrozenProposal, *, proposal: Reference, mandate: Mandate | None
) -> tuple[Call | None, FrozenProposal]:
    """The call an outcome names, and the terms that hold in it. Raises EvidenceRefusal outcome-call.

    An answer to an assembly, whose `mandate` is None where that is not in the evidence, is called again if that ends
    before the assembly's close, and only then.
    """
    fields = _governance(outcome)
    call = read_call(fields)
    second = in_second_call(terms)
    if call is None and second is None:
        return None, terms
    if call is None or second is None or call.again_at is not None or (call.first is None) != (call.number == FIRST):
        _refuse(outcome, "not a call of this rule")
    if call.first is None:
        has_time = terms.upstream is None or (mandate is not None and second.closes_at < mandate.closes_at)
        if fields.text("outcome") == OutcomeState.NO_QUORUM and has_time:
            _refuse(outcome, "its second call is still to come")
        return call, terms
    if fields.instant("closed_at") < second.closes_at:
        _refuse(outcome, "before the second call")
    if mandate is not None and second.closes_at >= mandate.ends_at:
        _refuse(outcome, "its second call ended when the assembly's was over")
    first = shelf.take("outcome", call.first)
    check_body_signature(first, by, "outcome-signature")
    _check_first(first, terms, proposal)
    return call, second


def checked_recount(outcome: Line, until: datetime | None) -> Recount | None:
    """What the outcome says, which must be what follows where a recount is done at `until`, None where there is none.

    Raises EvidenceRefusal outcome-recount.
    """
    fields = _of_recount(outcome)
    stated = read_recount(fields)
    if stated is not None and stated.first is not None:
        if until is None or stated.until is not None:
            raise fields.refuse("nothing here is recounted")
        if fields.instant("closed_at") < until:
            raise fields.refuse("before the time for late positions was over")
        return stated
    is_to_come = until is not None and is_anybody_out(row.text("status") for row in fields.rows("constituents"))
    if stated != (Recount(until=until) if is_to_come else None):
        raise fields.refuse("another time for late positions than the statute gives")
    return stated


def check_replaced(
    outcome: Line, first: Line, level: Level, *, signed_at: Mapping[str, datetime], until: datetime
) -> None:
    """Nothing, if `first`, which was walked to this level, was to be recounted and the outcome only adds to it."""
    if level.decided is None or level.decided.recount is None or level.decided.recount.until != until:
        raise EvidenceRefusal("outcome-recount", first.number, "not to be recounted")
    with reading("outcome-recount", outcome.number):
        check_added(_rows(first), _rows(outcome), signed_at, until)


def _rows(line: Line) -> list[Mapping[str, Any]]:
    return [row.members for row in _of_recount(line).rows("constituents")]


def _of_recount(outcome: Line) -> Fields:
    fields = _governance(outcome)
    return replace(fields, refuse=lambda detail: EvidenceRefusal("outcome-recount", outcome.number, detail))


def _check_first(line: Line, terms: FrozenProposal, proposal: Reference) -> None:
    """It is about this proposal, says when it is called again, and its own tally misses the quorum."""
    fields, following = _governance(line), again(terms.rule, terms.closes_at)
    assert following is not None, "looked at for rules with a second call"
    if fields.reference("proposal") != proposal or fields.text("body") != terms.body:
        _refuse(line, "about another proposal")
    if read_call(fields) != Call(FIRST, again_at=following[0]):
        _refuse(line, "no first call with a second one to come")
    if not (fields.is_absent("nonce") and fields.is_absent("lot")):
        _refuse(line, "it reveals the lot of the second")
    reached, bodies = _bodies(fields)
    check_close(line.number, fields.instant("closed_at"), terms, all_spoke=_all_spoke(fields, terms))
    with reading("outcome-call", line.number):
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


def _all_spoke(fields: Fields, terms: FrozenProposal) -> bool:
    """By its own word: what was cast and reported in a first call may have been superseded in the second."""
    reached, bodies = _bodies(fields)
    if bodies is None:
        return fields.within("ballots").integer("count") == terms.electorate.count
    return reached == bodies


def _governance(line: Line) -> Fields:
    def refuse(detail: str, code: str = "outcome-call") -> EvidenceRefusal:
        return EvidenceRefusal(code, line.number, detail)

    _, fields = governance_of(line.document, "outcome", lambda detail: refuse(detail, "outcome-malformed"))
    return replace(fields, refuse=refuse)


def _refuse(line: Line, detail: str) -> NoReturn:
    raise EvidenceRefusal("outcome-call", line.number, detail)
