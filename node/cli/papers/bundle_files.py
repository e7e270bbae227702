"""Large bundles on small machines: lines stay in the file, and all cores look at them; called by `verify`."""

from __future__ import annotations

import os
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO, TypeVar, overload

if TYPE_CHECKING:
    from concurrent.futures import Future

LARGEST_LINE_BYTES = 64 * 1024 * 1024
WORTH_PROCESSES_BYTES = 4 * 1024 * 1024
AHEAD = 2
"""Runs of lines waiting for each process; more would only fill memory."""

Given = TypeVar("Given")
Found = TypeVar("Found")


class FileLines(Sequence[bytes]):
    """The lines of a file, eight bytes of memory each; one too long to be ours is cut, which the check refuses."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._starts = array("Q")
        start = 0
        while line := stream.readline(LARGEST_LINE_BYTES):
            self._starts.append(start)
            start += len(line)

    def __len__(self) -> int:
        return len(self._starts)

    @overload
    def __getitem__(self, place: int) -> bytes: ...
    @overload
    def __getitem__(self, place: slice) -> list[bytes]: ...
    def __getitem__(self, place: int | slice) -> bytes | list[bytes]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        self._stream.seek(self._starts[place])
        return self._stream.readline(LARGEST_LINE_BYTES)


def spread(work: Callable[[Given], Found], runs: Iterable[Given]) -> Iterator[Found]:
    """What `work` makes of each run, in order, with one process for each core; only a few runs are held at a time."""
    cores = os.cpu_count() or 1
    waiting: deque[Future[Found]] = deque()
    pending = iter(runs)
    with ProcessPoolExecutor(cores) as pool:
        waiting.extend(pool.submit(work, run) for run in islice(pending, cores * AHEAD))
        while waiting:
            found = waiting.popleft().result()
            waiting.extend(pool.submit(work, run) for run in islice(pending, 1))
            yield found
