"""Every kind of job has its lane, and only one."""

from __future__ import annotations

from collections import Counter

import pytest

from federation.peers.followers import COMPARE_FOLLOWERS
from federation.peers.reachability import CHECK_GONE
from node.jobs import JOBS, LANES


def test_every_kind_of_job_runs_in_exactly_one_lane() -> None:
    placed = Counter(kind for lane in LANES for kind in lane.kinds)

    assert placed == dict.fromkeys(JOBS, 1)


def test_comparing_followers_takes_no_place_of_other_work() -> None:
    (lane,) = [one for one in LANES if COMPARE_FOLLOWERS in one.kinds]

    assert (lane.kinds, lane.places) == ((COMPARE_FOLLOWERS,), 2)


@pytest.mark.parametrize("kind", ["catch-up", "fetch-activity", "compare-reports", CHECK_GONE, COMPARE_FOLLOWERS])
def test_peers_that_leave_us_waiting_keep_no_reminder_and_no_evidence_waiting(kind: str) -> None:
    (lane,) = [one for one in LANES if kind in one.kinds]

    assert {"remind", "gather", "fetch-evidence"}.isdisjoint(lane.kinds)
