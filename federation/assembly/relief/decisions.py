"""The assembly's proposals and outcomes as far as a relief needs them; whether they were counted right is for evidence.

Called by the fold. A relief rests on three: its survey, the proposal on a plan, and the ratification of that one.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from federation.assembly.decide import OutcomeState
from federation.assembly.fields import Fields, governance_of
from federation.assembly.references import Reference
from federation.assembly.refusals import ReliefRefusal
from federation.assembly.relief.force import Decision, Ending
from federation.assembly.relief.reading import digest_of, refuse
from federation.assembly.relief.state import State

EMERGENCY: Final = "emergency"


def read_decision(state: State, document: Mapping[str, object]) -> Decision:
    """The survey, a proposal on a plan that may be put to the decision now, or a ratification. Raises ReliefRefusal."""
    outer, fields = governance_of(document, "proposal", refuse)
    ref = _reference(outer)
    _check_assembly(state, outer, fields)
    if ref.digest in state.decisions:
        raise ReliefRefusal("relief-replay", ref.id)
    electorate = fields.within("electorate")
    statute = None if electorate.is_absent("statute") else electorate.digest("statute")
    plan = None if fields.is_absent("plan") else fields.reference("plan")
    ratifies = None if fields.is_absent("ratifies") else fields.within("ratifies").reference("proposal")
    decision = Decision(ref, plan, ratifies, statute)
    _check_electorate(state, decision)
    if ratifies is None and fields.members.get("type") != EMERGENCY:
        raise ReliefRefusal("relief-decision", ref.id)
    if ref != state.relief.survey:
        _check_place(state, decision)
    return decision


def read_ending(state: State, document: Mapping[str, object]) -> Ending:
    """The outcome of one of the proposals in the log.

    A second call may follow one without quorum, and a recount takes the place of the outcome that it names.
    """
    outer, fields = governance_of(document, "outcome", refuse)
    ending = Ending(
        _reference(outer),
        fields.reference("proposal"),
        OutcomeState(fields.one_of("outcome", tuple(OutcomeState))),
        fields.instant("closed_at"),
    )
    _check_assembly(state, outer, fields)
    if ending.proposal.digest not in state.decisions:
        raise ReliefRefusal("relief-decision-unknown", ending.proposal.id)
    known = state.endings.get(ending.proposal.digest)
    if known is not None and ending.ref in {known.ref, known.before.ref if known.before else None}:
        raise ReliefRefusal("relief-replay", ending.ref.id)
    first = _replaces(fields)
    if first is not None:
        return replace(ending, before=_replaced(known, first, ending))
    if known is not None and not _is_called_again(known, ending):
        raise ReliefRefusal("relief-decision", ending.ref.id)
    return ending


def _is_called_again(known: Ending, ending: Ending) -> bool:
    """Whether a later call ended after one without quorum."""
    is_later = ending.state is not OutcomeState.NO_QUORUM or ending.closed_at > known.closed_at
    return known.state is OutcomeState.NO_QUORUM and is_later


def _replaces(fields: Fields) -> Reference | None:
    """The outcome that a recount names as the first."""
    recount = None if fields.is_absent("recount") else fields.within("recount")
    return None if recount is None or recount.is_absent("first") else recount.reference("first")


def _replaced(known: Ending | None, first: Reference, ending: Ending) -> Ending:
    if known is None or (known.ref != first and known.state is OutcomeState.NO_QUORUM):
        raise ReliefRefusal("relief-decision-unknown", first.id)
    if known.ref != first or known.before is not None:
        raise ReliefRefusal("relief-decision", ending.ref.id)
    return known


def _check_electorate(state: State, decision: Decision) -> None:
    """The constituents of the assembly decide, under a statute of it that is here."""
    if decision.statute is None:
        raise ReliefRefusal("relief-decision", "it is not put to the constituents")
    statute = state.roster.statutes.get(decision.statute)
    if statute is None:
        raise ReliefRefusal("relief-statute-unknown", decision.statute)
    if statute.assembly != state.relief.body:
        raise ReliefRefusal("relief-decision", "it goes by the statute of another assembly")


def _check_place(state: State, decision: Decision) -> None:
    if decision.ratifies is not None:
        if decision.ratifies.digest not in state.decisions:
            raise ReliefRefusal("relief-decision-unknown", decision.ratifies.id)
        return
    if decision.plan is None:
        raise ReliefRefusal("relief-decision", "it is no proposal on a plan")
    plan = state.plan(decision.plan)
    if plan is None:
        raise ReliefRefusal("relief-plan-unknown", decision.plan.id)
    if not state.has_survey_passed:
        raise ReliefRefusal("relief-survey-open")
    if not state.is_endorsed(plan):
        raise ReliefRefusal("relief-not-endorsed", plan.ref.id)


def _check_assembly(state: State, outer: Fields, fields: Fields) -> None:
    if (outer.text("attributedTo"), fields.text("body")) != (state.relief.actor, state.relief.body):
        raise ReliefRefusal("relief-not-the-assembly", outer.text("id"))


def _reference(outer: Fields) -> Reference:
    return Reference(outer.text("id"), digest_of(outer.members))
