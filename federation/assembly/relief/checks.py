"""Whether a document has a place in the log: who says it, of what, and whether it has been said before.

Called by the fold for each document it takes in; every refusal of a relief but those of shape is raised here or in
`decisions`.
"""

from datetime import datetime
from typing import Final

from federation.assembly.references import Reference
from federation.assembly.refusals import ReliefRefusal
from federation.assembly.relief.comparing import check_computed
from federation.assembly.relief.shapes import (
    MOST_TIMES,
    Answer,
    Appeal,
    Delivery,
    Endorsement,
    Plan,
    Sent,
    Stock,
    Transfer,
)
from federation.assembly.relief.state import State

MOST_APPEALS: Final = 20
"""How often one body may appeal in one relief."""


def check_stock(state: State, stock: Stock, at: datetime | None) -> None:
    """Nothing, if the co-op may report this stock and its time is not over by the clock of the assembly."""
    _check_speaker(state, stock)
    if state.roster.standing(stock.body).constituent.kind != "coop":
        raise ReliefRefusal("relief-not-a-coop", stock.body)
    known = {good.key for good in state.relief.goods}
    for good in stock.lines:
        if good not in known:
            raise ReliefRefusal("relief-good-unknown", good)
    if stock.ref.digest in state.stocks:
        raise ReliefRefusal("relief-replay", stock.ref.id)
    if at is not None and at > state.relief.stock_until:
        raise ReliefRefusal("relief-stock-late", stock.ref.id)
    current = state.latest.get(stock.body)
    if current is not None and stock.seq <= current.seq:
        _check_number(stock.body, sum(each.body == stock.body for each in state.stocks.values()), MOST_TIMES)


def check_plan(state: State, plan: Plan) -> None:
    """Nothing, if it is the assembly's, new, and follows from stocks, statutes and deliveries that are here."""
    _check_assembly(state, plan)
    if plan.ref.digest in state.plans:
        raise ReliefRefusal("relief-replay", plan.ref.id)
    check_computed(state, plan)


def check_endorsement(state: State, said: Endorsement) -> None:
    """Nothing, if the co-op has a delegate in the council of this version who has not spoken, or not in favour yet."""
    _check_speaker(state, said)
    plan = _plan(state, said.plan)
    rested = next((each for each in plan.stocks if each.body == said.body), None)
    if rested is None:
        raise ReliefRefusal("relief-no-delegate", said.body)
    if state.stocks[rested.ref.digest].delegate != said.delegate:
        raise ReliefRefusal("relief-delegate", said.delegate)
    known = state.endorsements.get((said.plan.digest, said.body))
    if known is not None and (known.is_in_favour or not said.is_in_favour):
        raise ReliefRefusal("relief-replay" if known.ref == said.ref else "relief-endorsed-twice", said.ref.id)


def check_delivery(state: State, said: Delivery) -> None:
    """Nothing, if the giver or taker says something new of a transfer of a plan that is in force, or once was.

    Whether it counts is not asked here: that depends on what else is in the log.
    """
    _check_speaker(state, said)
    plan = _plan(state, said.plan)
    _check_role(_transfer(state, plan, said.transfer), said)
    if said.ref.digest in state.deliveries:
        raise ReliefRefusal("relief-replay", said.ref.id)
    if not state.spans(plan):
        raise ReliefRefusal("relief-not-in-force", plan.ref.id)
    spoken = state.spoken.get((plan.ref.digest, said.transfer, said.body), ())
    _check_number(said.body, len(spoken), MOST_TIMES)


def check_appeal(state: State, appeal: Appeal) -> None:
    """Nothing, if a body below the assembly appeals against something that is here, and has not done so too often."""
    _check_speaker(state, appeal)
    plan = _plan(state, appeal.plan)
    if appeal.transfer is not None:
        _transfer(state, plan, appeal.transfer)
    if appeal.ref.digest in state.appeals:
        raise ReliefRefusal("relief-replay", appeal.ref.id)
    _check_number(appeal.body, sum(each.body == appeal.body for each in state.appeals.values()), MOST_APPEALS)


def check_answer(state: State, answer: Answer) -> None:
    """Nothing, if the assembly answers an appeal that is here and has no answer, or upholds what it turned down."""
    _check_assembly(state, answer)
    appeal = state.appeals.get(answer.appeal.digest)
    if appeal is None or appeal.ref != answer.appeal:
        raise ReliefRefusal("relief-appeal-unknown", answer.appeal.id)
    known = state.answers.get(answer.appeal.digest)
    if known is not None and (known.is_upheld or not answer.is_upheld):
        raise ReliefRefusal("relief-replay" if known.ref == answer.ref else "relief-answered", answer.ref.id)


def _check_speaker(state: State, entry: Stock | Endorsement | Delivery | Appeal) -> None:
    _check_relief(state, entry.relief)
    if state.relief.statute not in state.roster.statutes:
        raise ReliefRefusal("relief-statute-unknown", state.relief.statute)
    if state.roster.standing(entry.body).constituent.actor != entry.actor:
        raise ReliefRefusal("relief-body-actor", entry.actor)


def _check_assembly(state: State, entry: Plan | Answer) -> None:
    _check_relief(state, entry.relief)
    if (entry.actor, entry.body) != (state.relief.actor, state.relief.body):
        raise ReliefRefusal("relief-not-the-assembly", entry.ref.id)


def _check_relief(state: State, relief: Reference) -> None:
    if relief != state.relief.ref:
        raise ReliefRefusal("relief-other", relief.id)


def _plan(state: State, ref: Reference) -> Plan:
    plan = state.plan(ref)
    if plan is None:
        raise ReliefRefusal("relief-plan-unknown", ref.id)
    return plan


def _transfer(state: State, plan: Plan, number: int) -> Transfer:
    transfer = state.transfer_of(plan, number)
    if transfer is None:
        raise ReliefRefusal("relief-transfer-unknown", str(number))
    return transfer


def _check_role(transfer: Transfer, said: Delivery) -> None:
    if said.body not in {transfer.giver, transfer.taker}:
        raise ReliefRefusal("relief-delivery-body", said.body)
    other = Sent.ARRIVED if said.body == transfer.giver else Sent.SENT
    if said.state is other:
        raise ReliefRefusal("relief-delivery-state", said.state)
    if said.amount > transfer.amount:
        raise ReliefRefusal("relief-delivery-amount", f"{said.amount} of {transfer.amount}")


def _check_number(body: str, known: int, most: int) -> None:
    if known >= most:
        raise ReliefRefusal("relief-too-often", body)
