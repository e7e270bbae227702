"""`python -m tests.scale`: federations growing tenfold, each against the central recount, measured."""

from __future__ import annotations

import argparse
import resource
import time

from rich.console import Console
from rich.table import Table

from federation.assembly.positions import derive_choice
from tests.scale.play import Played, play
from tests.scale.recount import Truth, recount
from tests.scale.tree import census, grow

SEED = 1844


def main() -> None:
    """Print one table for each size; exits 1 if any level ends otherwise than the recount."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--coops", type=int, default=10_000, help="co-ops of the largest federation")
    asked.add_argument("--members", type=int, default=1_000_000, help="members of the largest federation")
    asked.add_argument("--levels", type=int, default=4)
    asked.add_argument("--faulty", type=float, default=0.05, help="share of nodes that are silent, late or lie")
    told = asked.parse_args()
    console, is_right = Console(), True
    for shrink in (100, 10, 1):
        is_right &= run(console, told.coops // shrink, told.members // shrink, told.levels, told.faulty)
    raise SystemExit(0 if is_right else 1)


def run(console: Console, coops: int, members: int, levels: int, faulty: float) -> bool:
    """Whether a federation of that size ended as the recount says."""
    top = grow(coops=coops, members=members, levels=levels, faulty_share=faulty, seed=SEED)
    counted = census(top)
    started, processor = time.perf_counter(), time.process_time()
    played = play(top, seed=SEED)
    seconds, processor = time.perf_counter() - started, time.process_time() - processor
    truths = recount(top)
    wrong = [number for number, truth in truths.items() if not _agrees(played, number, truth)]
    mebibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    console.print(_table(played, f"{coops:,} co-ops, {counted['members']:,} members, {levels} levels"))
    console.print(
        f"{seconds:.1f} s ({processor:.1f} s of processor), {mebibytes} MiB at most, "
        f"{'the same as' if not wrong else f'{len(wrong)} bodies otherwise than'} the central recount; "
        f"reports: {dict(played.statuses)}\n",
        highlight=False,
    )
    return not wrong


def _table(played: Played, title: str) -> Table:
    table = Table(
        "Level", "Bodies", "Messages", "per body", "Seconds", "ms per body", title=title, title_justify="left"
    )
    for number, level in sorted(played.levels.items()):
        table.add_row(
            str(number),
            f"{level.bodies:,}",
            f"{level.messages:,}",
            f"{level.messages / level.bodies:.2f}",
            f"{level.seconds:.2f}",
            f"{level.seconds / level.bodies * 1000:.2f}",
        )
    return table


def _agrees(played: Played, number: int, truth: Truth) -> bool:
    tally = played.tallies[number]
    counts = (tally.in_favour, tally.against, tally.abstain, tally.electorate)
    return counts == truth.counts and derive_choice(played.outcomes[number]) == truth.choice


if __name__ == "__main__":
    main()
