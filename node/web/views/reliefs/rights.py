"""What this visitor may do in a relief now: one flag for each form on the page.

Called by the page of a relief. The fold decides again when a form comes in.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from federation.assembly.decide import OutcomeState
from node.governance.relief_words import name_in
from node.web.views.reliefs.lines import MOST_ROWS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from federation.assembly.relief.shapes import Plan, Stock
    from federation.assembly.relief.state import State
    from node.web.views.wording.setting import Setting

ADJUSTABLE = 3
"""Allotments that the form for a plan can lay down by hand; the API takes more."""
MOST_CHOICES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What may be done; `stock` is what the form for stock begins with, `left_out` whose last stock the plan is not."""

    stock: Mapping[str, str] | None = None
    may_endorse: bool = False
    may_deliver: bool = False
    may_appeal: bool = False
    may_plan: bool = False
    may_put: bool = False
    left_out: str = ""
    may_answer: bool = False
    bodies: Sequence[tuple[str, str]] = ()
    adjustable: Sequence[int] = tuple(range(ADJUSTABLE))


def rights(state: State, setting: Setting, *, is_operator: bool) -> Rights:
    """What an operator of this body may do; nobody else may do anything here."""
    if not is_operator:
        return Rights()
    if setting.body_did == state.relief.body:
        return _assembly_rights(state)
    if setting.body_did not in state.roster.bodies:
        return Rights()
    kind = state.roster.bodies[setting.body_did].constituent.kind
    is_in_time = setting.now <= state.relief.stock_until
    return Rights(
        stock=_typed(state.latest.get(setting.body_did)) if kind == "coop" and is_in_time else None,
        may_endorse=_may_endorse(state, setting.body_did),
        may_deliver=any(state.spans(plan) for plan in state.plans.values()),
        may_appeal=state.newest_plan is not None,
    )


def _assembly_rights(state: State) -> Rights:
    newest = state.newest_plan
    adjusted = {(each.body, name_in(state, each.body)) for each in state.latest.values() if _is_moved(each)}
    return Rights(
        may_plan=bool(state.latest) and state.survey_ending in {None, OutcomeState.PASSED},
        may_put=newest is not None and _may_put(state, newest),
        left_out=left_out(state, newest) if newest is not None else "",
        may_answer=True,
        bodies=sorted(adjusted, key=lambda each: each[1])[:MOST_CHOICES],
    )


def left_out(state: State, plan: Plan) -> str:
    """The names of those whose last stock a version does not rest on."""
    return ", ".join(name_in(state, body) for body in state.left_out(plan)[:MOST_ROWS])


def _is_moved(stock: Stock) -> bool:
    return any(line.shortage or line.surplus for line in stock.lines.values())


def _may_put(state: State, plan: Plan) -> bool:
    return state.survey_ending is OutcomeState.PASSED and state.is_endorsed(plan) and not state.is_put(plan)


def _may_endorse(state: State, body: str) -> bool:
    plan = state.newest_plan
    if plan is None or (plan.ref.digest, body) in state.endorsements:
        return False
    return any(each.body == body for each in plan.stocks) and not state.is_in_force(plan)


def _typed(stock: Stock | None) -> Mapping[str, str]:
    """The fields of the form for stock, as they were said last; empty where nothing was."""
    if stock is None:
        return defaultdict(str)
    typed = {"delegate": stock.delegate, "note": stock.note, "people": str(stock.people)}
    typed |= {"urgency": str(stock.urgency), "days_left": str(stock.days_left)}
    for key, line in stock.lines.items():
        typed |= {f"held-{key}": str(line.held), f"needed-{key}": str(line.needed)}
    return defaultdict(str, typed)
