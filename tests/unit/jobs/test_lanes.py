"""Every kind of job has its lane, and only one."""

from __future__ import annotations

from collections import Counter

from federation.peers.followers import COMPARE_FOLLOWERS
from node.jobs import JOBS, LANES


def test_every_kind_of_job_runs_in_exactly_one_lane() -> None:
    placed = Counter(kind for lane in LANES for kind in lane.kinds)

    assert placed == dict.fromkeys(JOBS, 1)


def test_comparing_followers_takes_no_place_of_other_work() -> None:
    (lane,) = [one for one in LANES if COMPARE_FOLLOWERS in one.kinds]

    assert (lane.kinds, lane.places) == ((COMPARE_FOLLOWERS,), 2)
