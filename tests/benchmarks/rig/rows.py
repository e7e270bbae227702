"""What a benchmark found, and what it is compared with; filled by each benchmark, shown and written by `__main__`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Unit = Literal["per s", "s", "ms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure. `cpu_ms` is what the server's process computed for one item, also true where other programs compete.

    `peak_mib` is the most memory the process had resident. None where the system does not tell, or nothing was asked.
    """

    value: float
    cpu_ms: float | None = None
    peak_mib: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One comparison. `path` says what was measured, `against` with what; both values are in `unit`.

    `limit` is None when it was not measured, and `remark` says why.
    """

    path: str
    unit: Unit
    ours: Figure
    against: str
    limit: Figure | None
    remark: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times as fast as the limit we are by the clock; below 1 we are slower."""
        if self.limit is None:
            return None
        ours, limit = self.ours.value, self.limit.value
        return ours / limit if self.unit == "per s" else limit / ours

    @property
    def cpu_ratio(self) -> float | None:
        """The same by CPU time for each item."""
        if self.limit is None or not self.limit.cpu_ms or not self.ours.cpu_ms:
            return None
        return self.limit.cpu_ms / self.ours.cpu_ms

    def to_document(self) -> dict[str, Any]:
        """The row as benchmarks.json holds it."""
        return {**asdict(self), "ratio": self.ratio, "cpu_ratio": self.cpu_ratio}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much is measured. `seconds` is how long a server is loaded; the others are counts."""

    seconds: float
    inboxes: int
    ballots: int
    coops: int


QUICK = Scale(seconds=0.2, inboxes=10, ballots=200, coops=5)
USUAL = Scale(seconds=3.0, inboxes=1_000, ballots=100_000, coops=500)
FULL = Scale(seconds=10.0, inboxes=5_000, ballots=1_000_000, coops=10_000)
