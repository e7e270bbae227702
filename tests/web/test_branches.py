"""A federation too big for one page: one body at a time, nothing out of reach, and squares that stay light."""

from __future__ import annotations

from collections import Counter

import pytest

from node.web.views.bodies.branches import MOST_FOUND, PER_PAGE, Asked, BranchPage, branch, branch_page, depth
from node.web.views.bodies.mosaic import mosaic
from node.web.views.federation import FederationFacts, roots
from tests.web import crowd, sample

SETTING = sample.setting()
FACTS = crowd.crowd()
(TOP,) = [branch(place, FACTS) for place in roots(FACTS)]


def page(facts: FederationFacts = FACTS, **asked: object) -> BranchPage:
    return branch_page(TOP, Asked(**asked), facts, SETTING)  # type: ignore[arg-type]  # strings and numbers by name


def numbers(shown: BranchPage) -> dict[str, int]:
    return {key: int(number.replace(",", "")) for key, _, number in shown.counts}


def test_every_body_of_a_big_federation_is_counted_once_where_it_sits() -> None:
    said = Counter(TOP.said)

    assert (TOP.bodies, depth(TOP), len(TOP.said)) == (10_211, 4, 10_000)
    assert numbers(page()) == said
    assert said["silent"] > 500


def test_the_top_shows_its_constituents_with_all_that_lies_below_them() -> None:
    shown = page()

    assert [line.body.name for line in shown.lines] == list(crowd.PLACES)
    assert [line.count for line in shown.lines] == [1_020] * 10
    assert sum(int(number.replace(",", "")) for line in shown.lines for _, _, number in line.counts) == 10_000
    assert (shown.way, shown.earlier, shown.later) == ([], None, None)


def test_one_goes_down_the_tree_and_up_again() -> None:
    shown = page(body=crowd.did("Coast 2"), decision="https://world.example/proposals/1")

    assert [step.label for step in shown.way] == ["World", "Coast"]
    assert "body=did%3Aweb%3Acoast.example" in shown.way[1].href
    assert all("decision=https" in step.href for step in shown.way)
    assert all(line.inside is None and line.picture is None for line in shown.lines)


def test_constituents_beyond_one_page_are_on_the_next() -> None:
    first, second = page(body=crowd.did("Coast 2")), page(body=crowd.did("Coast 2"), page=2)

    assert (first.first, first.total, len(first.lines)) == (1, crowd.COOPS, PER_PAGE)
    assert (second.first, len(second.lines)) == (PER_PAGE + 1, crowd.COOPS - PER_PAGE)
    assert (first.earlier, second.later) == (None, None)
    assert "page=2" in str(first.later)
    assert "page" not in str(second.earlier)


@pytest.mark.parametrize("number", [0, -3, 3, 10**8])
def test_a_page_that_is_not_there_is_the_nearest(number: int) -> None:
    shown = page(body=crowd.did("Coast 2"), page=number)

    assert shown.first == (1 if number < 1 else PER_PAGE + 1)


def test_a_body_nobody_knows_is_the_top() -> None:
    assert page(body="did:web:nobody.example").focus.name == "World"


def test_a_name_leads_to_the_page_that_shows_it() -> None:
    (link,) = page(name="valley 20 CO-OP 47").found or ()

    assert (link.label, link.note) == ("Valley 20 co-op 47", "World / Valley / Valley 20")
    assert link.href == "/federation?body=did%3Aweb%3Avalley-20.example&page=2"
    assert "Valley 20 co-op 47" in [line.body.name for line in page(body=crowd.did("Valley 20"), page=2).lines]


def test_names_found_are_bounded_and_none_is_said() -> None:
    assert len(page(name="co-op").found or ()) == MOST_FOUND
    assert page(name="nowhere").found == []
    assert page().found is None


def test_a_body_that_was_late_is_silent_in_the_squares() -> None:
    facts = FederationFacts(
        statutes={crowd.did("Coast 1"): FACTS.statutes[crowd.did("Coast 1")]},
        positions={crowd.did("Coast 1 co-op 3"): sample.position("Eixample", "Barcelona", "for", status="late")},
    )

    assert set(branch(roots(facts)[0], facts).said) == {"silent"}


def test_statutes_that_name_each_other_end() -> None:
    record = FACTS.statutes[crowd.did("Coast")]
    ring = crowd.statute("Coast 1", ["Coast"], {"Coast": []})
    facts = FederationFacts(statutes={record.assembly_did: record, ring.assembly_did: ring})

    top = branch(next(iter(TOP.below)).place, facts)

    assert depth(top) == 3


def test_equal_neighbours_are_one_strip() -> None:
    drawn = mosaic(["for", "for", "against", "for"], across=3)

    assert dict(drawn.paths) == {"for": "M0 0h11v5h-11zM0 6h5v5h-5z", "against": "M12 0h5v5h-5z"}
    assert (drawn.width, drawn.height) == (17, 11)


def test_ten_thousand_squares_are_light() -> None:
    picture = page().picture

    assert picture is not None
    assert sum(len(strips) for _, strips in picture.paths) < 200_000
