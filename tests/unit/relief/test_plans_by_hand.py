"""The plan of five co-ops, worked out by hand in the comments."""

from __future__ import annotations

import pytest

from federation.assembly.refusals import ReliefRefusal
from federation.assembly.relief.computing import plan as plans
from federation.assembly.relief.plan_documents import read_plan
from federation.assembly.relief.shapes import Adjustment, Computed, Criterion, Share, StockLine
from tests.unit.relief.worlds import World, did, ref_of


def computed(world: World, adjustments: tuple[Adjustment, ...] = ()) -> Computed:
    return read_plan(world.surveyed().stocked().plan(adjustments=adjustments)).computed


def test_too_little_is_shared_in_proportion_to_shortage_and_score() -> None:
    """Apple has 100 too much and keeps a fifth, so 80 may leave; of cedar's 25 it is 20. 100 to give, 200 wanted.

    Scores in millionths: people count twice (of 20 at most), urgency once (of 10 at most).
        birch  2 x 20/20 + 10/10 = 3        lacks  40    40 x 3   = 120
        dill   2 x 10/20 +  5/10 = 1.5      lacks 100   100 x 1.5 = 150
        elm    2 x  5/20 + 10/10 = 1.5      lacks  60    60 x 1.5 =  90     together 360
    100 x 120/360 = 33 1/3, 100 x 150/360 = 41 2/3, 100 x 90/360 = 25. Rounded down that is 99; the one left over goes
    to the largest remainder, dill: 33, 42, 25.
    """
    found = computed(World())
    assert [(each.body, each.shortage, each.score, each.amount) for each in found.allotments] == [
        (did("birch"), 40, 3_000_000, 33),
        (did("dill"), 100, 1_500_000, 42),
        (did("elm"), 60, 1_500_000, 25),
    ]
    assert found.allotments[2].parts == {Criterion.PEOPLE: 500_000, Criterion.URGENCY: 1_000_000}
    assert not any(each.is_tied or each.is_adjusted for each in found.allotments)
    assert [(each.body, each.surplus, each.reserve, each.amount) for each in found.gifts] == [
        (did("apple"), 100, 20, 80),
        (did("cedar"), 25, 5, 20),
    ]


def test_things_stay_in_their_branch_where_they_can() -> None:
    """East: apple has 80 for birch's 33, 47 are left. West: cedar's 20 go to dill, who lacks 22 still.

    In North: of 47 the larger want, elm's 25, comes first, then dill's 22.
    """
    ways = [(each.number, each.giver, each.taker, each.amount) for each in computed(World()).transfers]
    assert ways == [
        (1, did("apple"), did("birch"), 33),
        (2, did("apple"), did("dill"), 22),
        (3, did("apple"), did("elm"), 25),
        (4, did("cedar"), did("dill"), 20),
    ]


def test_priority_serves_the_highest_score_and_says_where_only_the_did_decided() -> None:
    """Birch first: 40. Dill and elm have 1.5 each; 60 are left, and dill comes first in the order of DIDs."""
    found = computed(World(share=Share.PRIORITY))
    assert [(each.amount, each.is_tied) for each in found.allotments] == [(40, False), (60, True), (0, True)]


def test_what_one_cannot_take_is_shared_by_the_others() -> None:
    """With people alone, and birch with 100 of them: scores 1, 0.1 and 0.05.

    Speeds: birch 40 x 1 = 40, dill 100 x 0.1 = 10, elm 60 x 0.05 = 3, together 53. Birch would get 100 x 40/53 = 75 and
    lacks 40, so it gets 40. The 60 left: dill 60 x 10/13 = 46 2/13, elm 60 x 3/13 = 13 11/13, so 46 and 14.
    """
    world = World(criteria={Criterion.PEOPLE: 1})
    world.surveyed().stocked().take(world.stock("birch", seq=2, people=100))
    found = read_plan(world.plan()).computed
    assert [each.amount for each in found.allotments] == [40, 46, 14]


def test_enough_for_everybody_means_that_everybody_gets_what_it_lacks() -> None:
    """Apple with 1,030 may give 800 of its 1,000; cedar 20. 200 are wanted: 200 x 800/820 = 195 5/41 and 4 36/41.

    The one left over after 195 and 4 goes to cedar: 195 and 5, and 615 and 15 stay although they might leave.
    """
    world = World().surveyed().stocked()
    world.take(world.stock("apple", seq=2, lines=[StockLine("flour", 1_030, 30)]))
    found = read_plan(world.plan()).computed
    assert [each.amount for each in found.allotments] == [40, 100, 60]
    assert [(each.reserve, each.amount) for each in found.gifts] == [(200, 195), (5, 5)]


def test_what_the_council_lays_down_is_taken_first() -> None:
    """Elm gets all of its 60 by hand. Of the 40 left birch gets 120/270, dill 150/270: 17 7/9 and 22 2/9: 18 and 22."""
    found = computed(World(), (Adjustment(did("elm"), "flour", 60, "Its mill is under water."),))
    assert [(each.amount, each.is_adjusted) for each in found.allotments] == [(18, False), (22, False), (60, True)]


def test_the_council_may_lay_down_what_somebody_gives_at_most() -> None:
    """Apple counted wrong and gives 30 of its 80 at most. With cedar's 20 that is 50, half of before.

    50 x 120/360 = 16 2/3, 50 x 150/360 = 20 5/6, 50 x 90/360 = 12 1/2: 16, 20 and 12, and the two left over go to dill
    and birch: 17, 21 and 12.
    """
    found = computed(World(), (Adjustment(did("apple"), "flour", 30, "Half of it was wet."),))
    assert [(each.amount, each.is_adjusted) for each in found.allotments] == [(17, False), (21, False), (12, False)]
    assert [(each.surplus, each.reserve, each.amount) for each in found.gifts] == [(100, 70, 30), (25, 5, 20)]


@pytest.mark.parametrize(
    ("body", "good", "amount"),
    [
        ("elm", "flour", 61),
        ("apple", "flour", 81),
        ("dill", "water", 1),
        ("nobody", "flour", 1),
        ("dill", "flour", 101),
    ],
)
def test_nothing_is_laid_down_beyond_what_is_lacked(body: str, good: str, amount: int) -> None:
    with pytest.raises(ReliefRefusal) as refused:
        computed(World(), (Adjustment(did(body), good, amount, "A reason."),))
    assert refused.value.code == "relief-adjustment"


def test_nothing_is_laid_down_beyond_what_there_is_or_twice() -> None:
    both = (Adjustment(did("elm"), "flour", 60, "One."), Adjustment(did("dill"), "flour", 41, "Two."))
    twice = (Adjustment(did("elm"), "flour", 1, "One."), Adjustment(did("elm"), "flour", 2, "Two."))
    for adjustments in (both, twice):
        with pytest.raises(ReliefRefusal) as refused:
            computed(World(), adjustments)
        assert refused.value.code == "relief-adjustment"


def test_days_left_count_for_more_the_fewer_they_are() -> None:
    """1 / (days + 1) against the largest: elm 1, birch 1/2, dill 1/4; of the need birch lacks 4/5, dill 1, elm 3/4."""
    found = computed(World(criteria={Criterion.DAYS_LEFT: 1, Criterion.SHORTFALL: 2}))
    assert [(each.parts[Criterion.DAYS_LEFT], each.parts[Criterion.SHORTFALL]) for each in found.allotments] == [
        (500_000, 1_600_000),
        (250_000, 2_000_000),
        (1_000_000, 1_500_000),
    ]


def test_a_later_plan_counts_what_has_moved() -> None:
    """Apple sent birch 33, which arrived as 30, and elm 25, which were lost.

    Apple had 100 too much and has 42 left, of which 33 may leave (a fifth, rounded up, stays); cedar still 20: 53.
    Birch lacks 10 of its 40, dill 100, elm 60. Scores are as before (what is lacked does not count in them):
    10 x 3 = 30, 100 x 1.5 = 150, 60 x 1.5 = 90, together 270.
    53 x 30/270 = 5 8/9, 53 x 150/270 = 29 4/9, 53 x 90/270 = 17 2/3, so 6, 29 and 18.
    """
    world = World().surveyed().stocked()
    plan = world.in_force()
    said = [
        world.delivery(plan, "apple", 1, "sent", 33),
        world.delivery(plan, "birch", 1, "arrived", 30),
        world.delivery(plan, "apple", 3, "sent", 25),
        world.delivery(plan, "elm", 3, "failed", 0),
    ]
    world.take(*said)
    found = read_plan(world.plan(2, deliveries=[ref_of(each) for each in said])).computed
    assert [(each.surplus, each.reserve) for each in found.gifts] == [(42, 9), (25, 5)]
    assert [(each.shortage, each.amount) for each in found.allotments] == [(10, 6), (100, 29), (60, 18)]


def test_a_plan_of_more_transfers_than_a_plan_may_have_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World().surveyed().stocked()
    monkeypatch.setattr(plans, "MOST_TRANSFERS", 1)

    with pytest.raises(ReliefRefusal) as refused:
        world.plan()

    assert refused.value.code == "relief-too-large"
