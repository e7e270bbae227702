"""A log in parts, in any order, adds up to the same as the whole: what a process remembers is as good as reading all.

The log has contradictions: two stocks under one number, two plans of one version, a delegate who is for and against,
two answers to one appeal, words under a plan that another replaced, and a recount that turned that one.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from federation.assembly.relief.log import fold, start
from tests.unit.relief.worlds import NOW, World, outcome

if TYPE_CHECKING:
    from federation.assembly.relief.log import Arrived
    from federation.assembly.relief.state import State

LATER = NOW + timedelta(days=6)
DAY = timedelta(days=1)


@cache
def contradictory() -> World:
    world = World(terms={"ratification": {"kind": "threshold", "share": "1/2", "within_seconds": 86_400}})
    world.surveyed().stocked()
    world.take(world.stock("apple", seq=2, people=9), world.stock("apple", seq=2, people=8), world.stock("dill", seq=3))
    plan = ratified(world, 1, NOW + DAY)
    world.take(world.plan(text="Another of this version."))
    world.take(world.endorsement("dill", plan, in_favour=False), world.endorsement("dill", plan))
    world.take(*(world.appeal(plan, "dill", number) for number in (2, 3)))
    world.take(*(world.answer(world.log[place], upheld=True) for place in (-2, -1)))
    world.take(world.delivery(plan, "apple", 1, "sent", 20), world.delivery(plan, "birch", 1, "arrived", 20))
    world.take(*(world.delivery(plan, "apple", 1, "sent", 33, seq=seq, at=LATER + seq * DAY) for seq in (2, 3)))
    world.take(world.delivery(plan, "apple", 3, "sent", 1), world.delivery(plan, "apple", 3, "sent", 2))
    ratified(world, 2, LATER)
    ratifying, passed = world.log[-2:]
    world.take(outcome("north", ratifying, "rejected", number=1, at=LATER + 2 * DAY, first=passed))
    return world


def ratified(world: World, version: int, at: datetime) -> dict[str, Any]:
    plan = world.in_force(version)
    ratifying = world.take(world.ratification(world.log[-2], world.log[-1]))
    world.take(outcome("north", ratifying, at=at))
    return plan


def folded(*parts: list[Arrived]) -> tuple[State, int]:
    """The state after one part and the next, with what was left of each offered again; and how many have no place."""
    state = start(contradictory().relief)
    left: list[Arrived] = []
    for part in parts:
        state, _, left = fold(state, [*left, *part])
    return state, len(left)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_log_in_parts_in_any_order_is_the_whole_log(data: st.DataObject) -> None:
    world = contradictory()
    statutes = len(world.statutes)
    rest: list[Arrived] = [(document, None) for document in world.log[1 + statutes :]]
    base: list[Arrived] = [(document, None) for document in world.statutes]
    whole, none_left = folded([*base, *rest])
    shuffled = data.draw(st.permutations(rest))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rest)), max_size=8)))
    parts = [shuffled[one:other] for one, other in zip([0, *cuts], [*cuts, len(rest)], strict=True)]
    state, left = folded(base, *parts)
    plan = whole.plan_in_force

    assert (state.step, state.plan_in_force, none_left) == (whole.step, plan, 0)
    assert state == whole
    assert all(state.moved(each) == whole.moved(each) for each in whole.plans.values())
    assert left <= 1  # a word against, after the one for
