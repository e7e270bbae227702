"""What the page of a relief offers: to whom a form is shown, and that nothing that still arrives is out of sight."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from node.governance.relief_words import VOID
from tests.unit.relief import pages
from tests.unit.relief.worlds import NOW, World, did, outcome
from tests.web.sample import setting

if TYPE_CHECKING:
    from node.web.views.reliefs.page import ReliefPage

LATER = NOW + timedelta(days=6)


def forms(page: ReliefPage) -> dict[tuple[int, int], str]:
    """Who may say what, by version and number of the transfer."""
    return {(plan.version, way.number): way.form for plan in page.plans for way in plan.ways if way.form}


def replaced() -> World:
    """Under the first version apple sent 20 to birch; the second is in force."""
    world = World().surveyed().stocked()
    plan = world.in_force()
    world.take(world.delivery(plan, "apple", 1, "sent", 20))
    second = world.take(world.plan(2))
    world.take(*(world.endorsement(name, second) for name in ("apple", "birch", "cedar")))
    world.take(outcome("north", world.take(world.decision(second)), at=LATER))
    return world


def test_a_giver_is_offered_what_it_may_send_and_a_taker_what_may_arrive() -> None:
    giver, taker = pages.on_the_way(setting(), "apple"), pages.on_the_way(setting(), "dill")
    assert forms(giver) == dict.fromkeys([(1, 1), (1, 3), (1, 5), (1, 6), (1, 7)], "giver")
    assert forms(taker) == {(1, 4): "taker", (1, 2): "taker", (1, 6): "taker"}
    assert [way.number for way in giver.plans[0].ways] == [2, 3, 5, 6, 7, 1, 4]
    assert giver.plans[0].ways[0].sentence == "We give 22 kg of Flour to Dill."
    assert taker.plans[0].ways[0].sentence == "Apple gives us 22 kg of Flour."
    assert sum(VOID in line.sentence for line in giver.log) == 1


def test_what_is_on_its_way_under_a_replaced_version_can_arrive_on_the_page() -> None:
    world, now = replaced(), LATER + timedelta(days=1)
    taker = pages.page_at(world, "birch", setting(), now=now)
    giver = pages.page_at(world, "apple", setting(), now=now)
    assert [(plan.version, plan.chip.text) for plan in taker.plans] == [(2, "In force"), (1, "Replaced")]
    assert forms(taker) == {(1, 1): "taker", (2, 1): "taker"}
    assert {version for version, _ in forms(giver)} == {2}
    plan = next(each for each in world.log if each["governance"]["kind"] == "plan")
    world.take(world.delivery(plan, "birch", 1, "arrived", 20))
    assert [each.version for each in pages.page_at(world, "birch", setting(), now=now).plans] == [2]


def test_who_puts_a_plan_reads_whose_last_stock_it_passes_over() -> None:
    page = pages.before_the_council(setting())
    assert (page.rights.may_put, page.rights.left_out) == (True, "Elm")
    assert page.stocks[0].lines[0].balance == "100 kg too much"
    assert did("elm") in dict(page.rights.bodies)
