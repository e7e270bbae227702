"""Whatever order the versions of a reply come in, and however often, the same one stands in the end (P15)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from node.community.opinions import chosen
from node.community.replies import supersedes

if TYPE_CHECKING:
    from node.community.replies import Version

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
VERSIONS = st.tuples(
    st.integers(0, 3).map(lambda minutes: NOON + timedelta(minutes=minutes)), st.text("ab", max_size=3)
)
OPTIONS = ["For", "Against", "Abstain"]


def standing(known: Version | None, new: Version) -> Version | None:
    return new if supersedes(new, known) else known


@given(st.lists(VERSIONS, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_any_order_with_repetitions_ends_in_the_same_version(versions: list[Version], chance: object) -> None:
    shuffled = [*versions, *versions]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # Hypothesis hands over a random.Random

    assert reduce(standing, shuffled, None) == reduce(standing, versions, None) == max(versions)


@given(st.sets(st.one_of(st.sampled_from(OPTIONS), st.text(max_size=8))))
def test_an_answer_is_one_option_letter_by_letter_or_nothing(names: set[str]) -> None:
    spelled = names & set(OPTIONS)

    assert chosen(names, OPTIONS) == (next(iter(spelled)) if len(spelled) == 1 else None)
