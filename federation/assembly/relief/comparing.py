"""A plan against its own recomputation: what it rests on must be here, and everything else must follow from it.

Called by the fold for each plan; the assembly computes with the same function before it signs one.
"""

from collections import Counter
from collections.abc import Sequence

from federation.assembly.references import Reference
from federation.assembly.refusals import ReliefRefusal
from federation.assembly.relief.computing.matching import Path
from federation.assembly.relief.computing.plan import Basis, computed
from federation.assembly.relief.shapes import Adjustment, Computed, Delivery, Plan, Rested, Sent, Stock
from federation.assembly.relief.state import State


def compute(
    state: State,
    *,
    statutes: Sequence[str],
    stocks: Sequence[Rested],
    deliveries: Sequence[Reference] = (),
    adjustments: Sequence[Adjustment] = (),
) -> Computed:
    """What follows from these statutes, stocks and deliveries under the relief's criteria. Raises ReliefRefusal."""
    sent, arrived = _moved(state, [_delivery(state, ref) for ref in deliveries])
    rested = {each.body: _stock(state, each) for each in stocks}
    basis = Basis(
        relief=state.relief,
        stocks=rested,
        paths=_paths(state, statutes, rested),
        sent=sent,
        arrived=arrived,
        adjustments=adjustments,
    )
    return computed(basis)


def check_computed(state: State, plan: Plan) -> None:
    """Nothing, if the plan says what follows; otherwise refuses `relief-plan-computed` with where it first differs."""
    follows = compute(
        state,
        statutes=plan.statutes,
        stocks=plan.stocks,
        deliveries=plan.deliveries,
        adjustments=plan.adjustments,
    )
    for name in ("allotments", "gifts", "transfers"):
        _check_rows(name, getattr(plan.computed, name), getattr(follows, name))


def _check_rows(name: str, claimed: Sequence[object], follows: Sequence[object]) -> None:
    for place, (one, other) in enumerate(zip(claimed, follows, strict=False), start=1):
        if one != other:
            raise ReliefRefusal("relief-plan-computed", f"{name}, row {place}")
    if len(claimed) != len(follows):
        raise ReliefRefusal("relief-plan-computed", f"{name}: {len(claimed)} rows, {len(follows)} follow")


def _stock(state: State, rested: Rested) -> Stock:
    stock = state.stocks.get(rested.ref.digest)
    if stock is None:
        raise ReliefRefusal("relief-plan-stock-unknown", rested.ref.id)
    if (stock.ref, stock.body) != (rested.ref, rested.body):
        raise ReliefRefusal("relief-plan-stock", rested.ref.id)
    return stock


def _paths(state: State, statutes: Sequence[str], stocks: dict[str, Stock]) -> dict[str, Path]:
    """Where each of these bodies stands by these statutes alone."""
    roster = state.roster.only(statutes)
    for body in stocks:
        if body not in roster.bodies:
            raise ReliefRefusal("relief-plan-stock", f"{body} stands in none of the statutes of the plan")
    return {body: roster.bodies[body].path for body in stocks}


def _delivery(state: State, ref: Reference) -> Delivery:
    said = state.deliveries.get(ref.digest)
    if said is None:
        raise ReliefRefusal("relief-plan-delivery-unknown", ref.id)
    if said.ref != ref:
        raise ReliefRefusal("relief-plan-delivery", ref.id)
    return said


def _moved(state: State, said: Sequence[Delivery]) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    """What left and what came, by body and good; what is on its way counts as come until its taker says otherwise."""
    places = {(each.plan.digest, each.transfer, each.body): each for each in said}
    if len(places) < len(said):
        raise ReliefRefusal("relief-plan-delivery", "one body speaks twice of one transfer")
    sent: Counter[tuple[str, str]] = Counter()
    arrived: Counter[tuple[str, str]] = Counter()
    for plan in state.plans.values():
        numbers = sorted({each.transfer for each in said if each.plan == plan.ref})
        for transfer in (plan.computed.transfers[number - 1] for number in numbers):
            left = places.get((plan.ref.digest, transfer.number, transfer.giver))
            came = places.get((plan.ref.digest, transfer.number, transfer.taker))
            sent[transfer.giver, transfer.good] += left.amount if left and left.state is Sent.SENT else 0
            counted = came or left
            arrived[transfer.taker, transfer.good] += (
                counted.amount if counted and counted.state is not Sent.FAILED else 0
            )
    return sent, arrived
