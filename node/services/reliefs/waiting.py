"""What a relief waits for from this body; asked by the doors and by the home page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.assembly.decide import OutcomeState
from federation.assembly.relief.moving import Way
from federation.assembly.relief.state import Step
from node.services.reliefs.log import load
from storage.governance import reliefs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from federation.assembly.relief.shapes import Plan
    from federation.assembly.relief.state import State
    from storage.engine import Tx
    from storage.records import ReliefRecord

LATEST = 20
"""How many reliefs are looked at: what waits in older ones is found on their pages."""
ENDED = frozenset({Step.DONE, Step.REFUSED})


def to_do(state: State, body: str, now: datetime) -> tuple[str, ...]:
    """What an operator of this body can do now: stock, plan, endorse, put, deliver or answer."""
    if state.step in ENDED:
        return ()
    found = _of_assembly(state, now) if body == state.relief.body else _of_body(state, body, now)
    return tuple(found)


async def everywhere(tx: Tx, body: str, now: datetime) -> list[tuple[ReliefRecord, tuple[str, ...]]]:
    """The reliefs that wait for something from this body, and for what."""
    found = [
        (record, to_do((await load(tx, record)).state, body, now)) for record in await reliefs.list(tx, limit=LATEST)
    ]
    return [(record, kinds) for record, kinds in found if kinds]


def _of_body(state: State, body: str, now: datetime) -> Iterator[str]:
    standing, plan = state.roster.bodies.get(body), state.newest_plan
    if standing is None:
        return
    if standing.constituent.kind == "coop" and body not in state.latest and now <= state.relief.stock_until:
        yield "stock"
    if plan is not None and state.decision_on(plan) is None and any(each.body == body for each in plan.stocks):
        yield from () if (plan.ref.digest, body) in state.endorsements else ("endorse",)
    if any(_is_awaited(state, each, body) for each in state.plans.values() if state.spans(each)):
        yield "deliver"


def _is_awaited(state: State, plan: Plan, body: str) -> bool:
    """Whether something is to leave from this body, or is on its way to it; under an older plan nothing leaves."""
    moved = state.moved(plan)
    is_coming = any(each.way is Way.SENT and each.transfer.taker == body for each in moved)
    is_leaving = any(each.way is Way.PLANNED and each.transfer.giver == body for each in moved)
    return is_coming or (is_leaving and plan == state.plan_in_force)


def _of_assembly(state: State, now: datetime) -> Iterator[str]:
    plan = state.newest_plan
    if plan is None and now > state.relief.stock_until and state.latest:
        yield "plan"
    is_asked = state.survey_ending is OutcomeState.PASSED and plan is not None and state.decision_on(plan) is None
    if is_asked and plan is not None and state.is_endorsed(plan):
        yield "put"
    if any(appeal.ref.digest not in state.answers for appeal in state.appeals.values()):
        yield "answer"
