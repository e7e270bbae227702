"""Plans: nobody gets more than it lacks or gives more than it may, sums match, and order does not matter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from federation.assembly.references import Reference
from federation.assembly.relief.computing.plan import Basis, computed
from federation.assembly.relief.shapes import Adjustment, Criterion, Good, Relief, Share, Stock, StockLine

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from federation.assembly.relief.shapes import Computed

NOW = datetime(2026, 11, 2, tzinfo=UTC)
NOWHERE = Reference("", "")
PATHS = (("top",), ("top", "east"), ("top", "east", "old"), ("top", "west"))
lines = st.tuples(st.integers(0, 40), st.integers(0, 40))
bodies = st.dictionaries(
    st.sampled_from([f"did:web:{letter}" for letter in "abcdef"]),
    st.tuples(lines, lines, st.integers(0, 50), st.integers(0, 10), st.integers(0, 30), st.sampled_from(PATHS)),
)
reliefs = st.builds(
    Relief,
    ref=st.just(NOWHERE),
    actor=st.just(""),
    body=st.just("top"),
    statute=st.just(""),
    title=st.just(""),
    text=st.just(""),
    goods=st.just((Good("flour", "Flour", "kg"), Good("water", "Water", "l"))),
    criteria=st.sampled_from(
        (dict.fromkeys(Criterion, 1), {Criterion.PEOPLE: 3}, {Criterion.URGENCY: 1_000, Criterion.DAYS_LEFT: 7})
    ),
    share=st.sampled_from(Share),
    reserve=st.sampled_from((Fraction(0), Fraction(1, 3), Fraction(99, 100))),
    council=st.just(Fraction(1, 2)),
    survey=st.just(NOWHERE),
    stock_until=st.just(NOW),
    signed_at=st.just(NOW),
)


def stock(body: str, flour: tuple[int, int], water: tuple[int, int], *more: int) -> Stock:
    return Stock(
        ref=NOWHERE,
        actor="",
        relief=NOWHERE,
        body=body,
        seq=1,
        delegate="",
        lines={"flour": StockLine("flour", *flour), "water": StockLine("water", *water)},
        people=more[0],
        urgency=more[1],
        days_left=more[2],
        note="",
        signed_at=NOW,
    )


def _scaled(line: tuple[int, int], unit: int) -> tuple[int, int]:
    held, needed = line
    return held * unit, max(0, needed * unit - needed)


@st.composite
def bases(draw: st.DrawFn) -> Basis:
    """A plan's basis; some of what it gives or takes without adjustments is laid down by hand, or less than that."""
    drawn, unit = draw(bodies), draw(st.sampled_from((1, 7, 10**12 + 1)))
    basis = Basis(
        relief=draw(reliefs),
        stocks={
            body: stock(body, _scaled(row[0], unit), _scaled(row[1], unit), *row[2:5]) for body, row in drawn.items()
        },
        paths={body: row[5] for body, row in drawn.items()},
        sent={},
        arrived={},
        adjustments=(),
    )
    every = draw(st.integers(1, 4))
    plan = computed(basis)
    gets = [Adjustment(each.body, each.good, each.amount // every, "By hand.") for each in plan.allotments[every::4]]
    spared = [(each, each.surplus - each.reserve) for each in plan.gifts[every - 1 :: 3]]
    gives = [Adjustment(each.body, each.good, spare // every, "By hand.") for each, spare in spared if spare]
    return replace(basis, adjustments=tuple(gets if draw(st.booleans()) else gives))


@given(bases())
def test_nobody_gets_more_than_it_lacks_and_nobody_gives_more_than_its_surplus_without_the_reserve(
    basis: Basis,
) -> None:
    found = computed(basis)
    lacking = {(each.body, each.good) for each in found.allotments}
    for one in found.allotments:
        assert 0 <= one.amount <= one.shortage == basis.stocks[one.body].lines[one.good].shortage
    for gift in found.gifts:
        assert gift.surplus == basis.stocks[gift.body].lines[gift.good].surplus
        assert gift.reserve >= gift.surplus * basis.relief.reserve
        assert 0 <= gift.amount <= gift.surplus - gift.reserve
        assert (gift.body, gift.good) not in lacking


@given(bases())
def test_transfers_bring_exactly_what_is_given_to_those_who_get_it(basis: Basis) -> None:
    found = computed(basis)
    assert [each.number for each in found.transfers] == list(range(1, len(found.transfers) + 1))
    assert all(each.amount > 0 and each.giver != each.taker for each in found.transfers)
    assert summed(found, "giver") == {(each.body, each.good): each.amount for each in found.gifts if each.amount}
    assert summed(found, "taker") == {(each.body, each.good): each.amount for each in found.allotments if each.amount}
    assert len({(each.giver, each.taker, each.good) for each in found.transfers}) == len(found.transfers)
    for good in ("flour", "water"):
        ways = [each for each in found.transfers if each.good == good]
        ends = {each.giver for each in ways} | {each.taker for each in ways}
        assert len(ways) < max(1, len(ends)), "each transfer ends a gift or a want"


@given(bases())
def test_all_that_is_there_is_handed_out_as_long_as_somebody_lacks_it(basis: Basis) -> None:
    found = computed(basis)
    for good in ("flour", "water"):
        free = sum(each.surplus - each.reserve for each in found.gifts if each.good == good)
        fixed = sum(each.amount for each in found.allotments if each.good == good and each.is_adjusted)
        open_wants = sum(each.shortage for each in found.allotments if each.good == good and not each.is_adjusted)
        handed = sum(each.amount for each in found.allotments if each.good == good)
        assert handed == fixed + min(free - fixed, open_wants)


@given(bases(), st.randoms(use_true_random=False))
def test_the_order_in_which_stock_is_listed_changes_nothing(basis: Basis, chance: Random) -> None:
    names = list(basis.stocks)
    chance.shuffle(names)
    turned = replace(
        basis, stocks={name: basis.stocks[name] for name in names}, adjustments=tuple(reversed(basis.adjustments))
    )
    assert computed(turned) == computed(basis)


@given(bases(), st.integers(1, 10**6))
def test_more_supply_never_lowers_what_is_handed_out_nor_what_anybody_gets_by_priority(basis: Basis, more: int) -> None:
    helper = stock("did:web:z", (more, 0), (more, 0), 1, 1, 1)
    richer = replace(basis, stocks={**basis.stocks, helper.body: helper}, paths={**basis.paths, helper.body: PATHS[0]})
    before, after = computed(basis), computed(richer)
    assert sum(each.amount for each in after.allotments) >= sum(each.amount for each in before.allotments)
    if basis.relief.share is Share.PRIORITY:
        for one, other in zip(before.allotments, after.allotments, strict=True):
            assert one.amount <= other.amount


@given(bases())
def test_a_higher_score_never_gets_a_smaller_part_of_what_it_lacks(basis: Basis) -> None:
    """Beyond the one unit that rounding may move; of equal scores, priority serves the earlier DID."""
    is_priority = basis.relief.share is Share.PRIORITY
    found = [each for each in computed(basis).allotments if not each.is_adjusted]
    for one in found:
        for other in found:
            if one.good == other.good and one.score >= other.score + is_priority:
                assert (one.amount + 1) * other.shortage >= (other.amount - 1) * one.shortage


@given(bases())
def test_a_branch_that_can_help_itself_gets_nothing_from_outside_while_it_gives_outside(basis: Basis) -> None:
    """No branch both gives to others and gets from others the same good."""
    found = computed(basis)
    for branch in PATHS[1:]:
        for good in ("flour", "water"):
            inside = {body for body, path in basis.paths.items() if path[: len(branch)] == branch}
            ways = [each for each in found.transfers if each.good == good]
            gives = any(each.giver in inside and each.taker not in inside for each in ways)
            gets = any(each.taker in inside and each.giver not in inside for each in ways)
            assert not (gives and gets)


def summed(found: Computed, end: str) -> Mapping[tuple[str, str], int]:
    sums: dict[tuple[str, str], int] = {}
    for each in found.transfers:
        place = (getattr(each, end), each.good)
        sums[place] = sums.get(place, 0) + each.amount
    return sums
