"""Children on a core of their own, and how much memory they took; called by the benchmarks.

What is measured runs on the first core, load and counterparts on the last. Where the system has no affinity, or one
core, both share.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import sys
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.rig.rows import Figure

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[3]
START_SECONDS = 60.0
STOP_SECONDS = 30.0


@cache
def cores() -> tuple[int, ...]:
    """The cores this process had when it was first asked; () where the system does not tell."""
    return tuple(sorted(os.sched_getaffinity(0))) if sys.platform == "linux" else ()


@contextmanager
def measured_core() -> Iterator[None]:
    """Children started inside get the first core; this process keeps to the last one afterwards."""
    if sys.platform != "linux" or not cores():
        yield
        return
    os.sched_setaffinity(0, {cores()[0]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, {cores()[-1]})


def peak_mib(pid: int) -> int | None:
    """The most memory a running process has had resident."""
    with contextlib.suppress(OSError):
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
        return int(found[1]) // 1024 if found else None
    return None


def cpu_seconds(pid: int) -> float | None:
    """What a process has computed so far, with all its threads."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return None


class Meter:
    """Begins to measure processes that do one work when it is made."""

    def __init__(self, *pids: int) -> None:
        self.pids = pids
        self.began = self._computed()

    def figure(self, *, items: int, seconds: float) -> Figure:
        """Items per second, and what one cost; the peak is that of the whole life of the largest process."""
        ended = self._computed()
        cpu_ms = None if self.began is None or ended is None else 1000 * (ended - self.began) / items
        peaks = [peak for pid in self.pids if (peak := peak_mib(pid)) is not None]
        return Figure(value=items / seconds, cpu_ms=cpu_ms, peak_mib=max(peaks, default=None))

    def _computed(self) -> float | None:
        computed = [seconds for pid in self.pids if (seconds := cpu_seconds(pid)) is not None]
        return sum(computed) if len(computed) == len(self.pids) else None


def listeners(port: int) -> int:
    """How many processes share a port of this machine; 0 where the system does not tell."""
    with contextlib.suppress(OSError):
        sockets = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
        return sum(one[1].endswith(f":{port:04X}") and one[3] == "0A" for one in sockets)
    return 0


@asynccontextmanager
async def served(
    command: Sequence[str], port: int, *, log: Path, is_measured: bool = True, **environment: str
) -> AsyncIterator[int]:
    """The process id of a server, once its port answers; stopped afterwards.

    It has the measured core, or else the one of this process. RuntimeError with the end of its log when it does not
    come up.
    """
    with log.open("ab") as output, measured_core() if is_measured else contextlib.nullcontext():
        process = subprocess.Popen(  # noqa: ASYNC220  # returns at once
            command, cwd=ROOT, env=os.environ | environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        await _until_open(port, process, log)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(_wait, process)


async def _until_open(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(START_SECONDS):
            while process.poll() is None:
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    return
                await asyncio.sleep(0.02)
    raise RuntimeError(f"{process.args!r} did not come up: {_end_of(log)}")


def _end_of(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-500:]


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def run_measured(module: str, *arguments: str) -> Mapping[str, float]:
    """The figures that `python -m tests.benchmarks.MODULE ARGUMENTS` prints last, run on the measured core."""
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", *arguments]
    with measured_core():
        child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    printed, _ = child.communicate()
    if child.returncode:
        raise RuntimeError(f"{' '.join(command[1:])} failed")
    return read_figures(printed)


def read_figures(printed: str) -> Mapping[str, float]:
    """`name=value` pairs of the last line."""
    return {name: float(value) for name, value in (pair.split("=") for pair in printed.splitlines()[-1].split())}


def print_figures(**figures: float) -> None:
    """The last line of a measured child: its figures, and the most memory it had."""
    told = {**figures, "peak_mib": peak_mib(os.getpid()) or 0}
    sys.stdout.write(" ".join(f"{name}={value}" for name, value in told.items()) + "\n")
