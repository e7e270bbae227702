"""A body that contradicts itself, or says what it may not any more: every reader makes the same of it in any order."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest

from federation.assembly.relief.log import apply, fold, start
from federation.assembly.relief.moving import Way
from node.governance.relief_words import VOID, sentence
from tests.unit.relief.worlds import NOW, World, did, outcome, ref_of

if TYPE_CHECKING:
    from federation.assembly.relief.moving import Moved
    from federation.assembly.relief.state import State

Document = dict[str, Any]


def in_every_order(world: World, *documents: Document) -> State:
    """What comes of them after this log, which must be the same in every order."""
    found = [fold(world.state, [(each, world.at) for each in order])[0] for order in permutations(documents)]
    assert all(state == found[0] for state in found)
    return found[0]


def first_way(state: State, version: int = 1) -> Moved:
    plan = state.version(version)
    assert plan is not None
    return state.moved(plan)[0]


def superseded(world: World, at: Any) -> tuple[Document, Document]:
    """The first version, and an outcome that brings the second into force at that moment, not taken in yet."""
    first = world.in_force()
    second = world.take(world.plan(2))
    world.take(*(world.endorsement(name, second) for name in ("apple", "birch", "cedar")))
    return first, outcome("north", world.take(world.decision(second)), at=at)


def test_two_stocks_under_one_number_both_stand_and_a_plan_may_rest_on_either() -> None:
    """Whoever tells the assembly one thing and a neighbour another does not keep the plan from that neighbour."""
    world = World().surveyed().stocked()
    other = world.stock("apple", people=9_000)
    mine = next(each for each in world.log if each["governance"].get("body") == did("apple"))
    plan = world.plan()

    neighbour = start(world.relief)
    for document in [*(each for each in world.log[1:] if each is not mine), other, mine, plan]:
        neighbour = apply(neighbour, document, None)
    both = in_every_order(world, other, plan)

    assert neighbour.plan(ref_of(plan)) is not None
    assert both.latest[did("apple")].ref == max((ref_of(mine), ref_of(other)), key=lambda ref: ref.digest)


def test_stock_that_comes_after_a_later_one_has_its_place() -> None:
    world = World().surveyed().stocked()
    state = in_every_order(world, world.stock("apple", seq=2, people=2), world.stock("apple", seq=3, people=3))
    assert state.latest[did("apple")].seq == 3
    assert len(state.stocks) == 7


def test_two_plans_of_one_version_both_stand_and_the_decision_says_which_holds() -> None:
    world = World().surveyed().stocked()
    one, other = world.take(world.plan(), world.plan(text="Another.")), world.log[-2]
    world.take(*(world.endorsement(name, one) for name in ("apple", "birch", "cedar")))
    world.take(outcome("north", world.take(world.decision(one))))
    holds = world.state.plan_in_force
    assert holds is not None
    assert (holds.ref, world.state.version(1)) == (ref_of(one), holds)
    assert {ref_of(one), ref_of(other)} == {plan.ref for plan in world.state.plans.values()}


def test_a_delegate_who_is_for_and_against_is_for() -> None:
    """So nobody can keep a decision from one neighbour by telling it something else than the others."""
    world = World().surveyed().stocked()
    plan = world.take(world.plan())
    against, in_favour = world.endorsement("apple", plan, in_favour=False), world.endorsement("apple", plan)
    state = in_every_order(world, against, in_favour)
    assert state.endorsed_by(world.version(1)) == (1, 0, 5)


def test_an_appeal_that_was_turned_down_and_upheld_is_upheld() -> None:
    world = World().surveyed().stocked()
    appeal = world.take(world.appeal(world.in_force(), "dill", 1))
    state = in_every_order(world, world.answer(appeal, upheld=False), world.answer(appeal, upheld=True))
    assert first_way(state).way is Way.HELD


def test_of_two_outcomes_without_quorum_the_later_one_is_recounted() -> None:
    world = World()
    world.take(*world.statutes, world.survey)
    one = outcome("north", world.survey, "no_quorum")
    two = outcome("north", world.survey, "no_quorum", at=NOW + timedelta(days=1))
    turned = outcome("north", world.survey, number=1, at=NOW + timedelta(days=2), first=two)
    assert in_every_order(world, one, two, turned).has_survey_passed


@pytest.mark.parametrize(("after", "way"), [(0, Way.SENT), (1, Way.PLANNED)])
def test_nothing_leaves_under_a_plan_after_a_later_one_came_into_force(after: int, way: Way) -> None:
    """A giver who says otherwise is heard, on every node, and it does not count; the taker may say what came."""
    moment = NOW + timedelta(days=6)
    world = World().surveyed().stocked()
    plan, passed = superseded(world, moment)
    sent = world.delivery(plan, "apple", 1, "sent", 33, at=moment + timedelta(milliseconds=after))
    state = in_every_order(world, sent, passed)
    assert first_way(state).way is way
    assert (VOID in sentence(state, sent)) == (way is Way.PLANNED)
    assert VOID not in sentence(world.state, sent), "nobody can say so of what has no place in the log yet"
    arrived = apply(state, world.delivery(plan, "birch", 1, "arrived", 30, at=moment + timedelta(days=1)), None)
    assert first_way(arrived).way is Way.ARRIVED


def test_what_left_before_a_later_plan_is_not_made_more_afterwards() -> None:
    moment = NOW + timedelta(days=6)
    world = World().surveyed().stocked()
    plan, passed = superseded(world, moment)
    before = world.delivery(plan, "apple", 1, "sent", 20, at=moment)
    more = world.delivery(plan, "apple", 1, "sent", 33, seq=2, at=moment + timedelta(days=1))
    found = first_way(in_every_order(world, before, more, passed))
    assert (found.way, found.sent and found.sent.amount) == (Way.SENT, 20)


def test_the_plan_before_holds_again_when_a_recount_turns_the_later_one() -> None:
    since, until = NOW + timedelta(days=6), NOW + timedelta(days=8)
    world = World().surveyed().stocked()
    plan, passed = superseded(world, since)
    turned = outcome("north", world.log[-1], "rejected", number=1, at=until, first=passed)
    state = in_every_order(world, passed, turned)
    ways = []
    for moment in (until, until + timedelta(milliseconds=1)):
        world.state = state
        world.take(world.delivery(plan, "apple", 1, "sent", 33, at=moment))
        ways.append(first_way(world.state).way)
    assert state.plan_in_force == state.version(1)
    assert ways == [Way.PLANNED, Way.SENT]


def test_what_left_before_a_hold_stays_sent_whatever_is_said_afterwards() -> None:
    world = World().surveyed().stocked()
    plan = world.in_force()
    appeal = world.take(world.appeal(plan, "dill", 1))
    before = world.delivery(plan, "apple", 1, "sent", 20, at=NOW + timedelta(days=3))
    more = world.delivery(plan, "apple", 1, "sent", 33, seq=2)
    found = first_way(in_every_order(world, before, more, world.answer(appeal, upheld=True)))
    assert (found.way, found.sent and found.sent.amount, found.held_by) == (Way.SENT, 20, None)


def test_a_plan_that_is_put_again_keeps_what_left_under_its_first_decision() -> None:
    turned_at = NOW + timedelta(days=7)
    world = World().surveyed().stocked()
    plan = world.in_force()
    passed, decision = world.log[-1], world.log[-2]
    sent = world.delivery(plan, "apple", 1, "sent", 33, at=turned_at)
    turned = outcome("north", decision, "rejected", number=1, at=turned_at, first=passed)
    state = in_every_order(world, sent, turned, world.decision(plan, number=5))
    assert (state.plan_in_force, first_way(state).way) == (None, Way.SENT)


def test_a_giver_may_still_say_that_it_failed() -> None:
    world = World().surveyed().stocked()
    plan, passed = superseded(world, NOW + timedelta(days=6))
    late = NOW + timedelta(days=9)
    world.take(passed, world.delivery(plan, "apple", 1, "sent", 33), world.delivery(plan, "birch", 1, "failed", 0))
    assert first_way(world.state).way is Way.FAILED
    world.take(world.delivery(plan, "apple", 2, "failed", 0, at=late))
    assert world.state.moved(world.version(1))[1].way is Way.FAILED


def test_more_that_arrived_than_was_sent_is_nothing_missing() -> None:
    world = World().surveyed().stocked()
    plan = world.in_force()
    world.take(world.delivery(plan, "apple", 1, "sent", 20), world.delivery(plan, "birch", 1, "arrived", 30))
    assert first_way(world.state).missing == 0
