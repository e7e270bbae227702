"""Small federations of the simulator end where the central recount ends, whatever network and bad nodes do (P19)."""

from __future__ import annotations

import pytest

from federation.assembly.positions import derive_choice
from tests.scale.play import play
from tests.scale.recount import recount
from tests.scale.tree import Behaviour, census, grow


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("coops", "levels"), [(9, 3), (64, 4), (81, 5)])
def test_every_level_ends_as_the_recount_says(coops: int, levels: int, seed: int) -> None:
    top = grow(coops=coops, members=coops * 20, levels=levels, faulty_share=0.3, seed=seed)

    played, truths = play(top, seed=seed), recount(top)

    for number, truth in truths.items():
        tally = played.tallies[number]
        assert (tally.in_favour, tally.against, tally.abstain, tally.electorate) == truth.counts
        assert derive_choice(played.outcomes[number]) == truth.choice


def test_every_behaviour_is_met_and_told_apart() -> None:
    top = grow(coops=200, members=2000, levels=3, faulty_share=0.5, seed=7)

    played = play(top, seed=7)

    assert {str(behaviour) for behaviour in Behaviour} <= census(top).keys()
    assert played.statuses.keys() == {"counted", "no_quorum", "late", "missing", "invalid", "equivocation"}


def test_the_network_changes_the_messages_and_never_the_outcome() -> None:
    top = grow(coops=49, members=490, levels=3, faulty_share=0.2, seed=3)

    runs = [play(top, seed=seed) for seed in range(4)]

    assert len({str(sorted(run.tallies.items())) for run in runs}) == 1
    assert len({sum(level.messages for level in run.levels.values()) for run in runs}) > 1
