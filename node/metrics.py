"""What a node counts for Prometheus, in a registry of its own so that several nodes fit in one process.

Used by wiring and app.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest


def _counter(registry: CollectorRegistry, name: str, text: str, labels: tuple[str, ...]) -> Counter:
    return Counter(f"rochdale_{name}", text, labels, registry=registry)


@dataclass(frozen=True, slots=True)
class Metrics:
    """Counters by name; `wire` counts what the federation floor reports as (event, label)."""

    registry: CollectorRegistry
    jobs: Counter
    ballots: Counter
    requests: Counter
    wire: Counter
    thrown_away: Counter
    stranger_bytes: Gauge = field(compare=False)
    due: Gauge = field(compare=False)

    def text(self) -> bytes:
        """The exposition text of all counters."""
        return generate_latest(self.registry)

    def count_wire(self, event: str, label: str) -> None:
        """One more of a wire event."""
        self.wire.labels(event, label).inc()


def new_metrics() -> Metrics:
    """Fresh counters at zero."""
    registry = CollectorRegistry()
    return Metrics(
        registry=registry,
        jobs=_counter(registry, "jobs", "Job rows run, by kind and outcome.", ("kind", "outcome")),
        ballots=_counter(registry, "ballots", "Ballots received by this deciding body.", ("status",)),
        requests=_counter(registry, "requests", "HTTP requests answered, by method and status.", ("method", "status")),
        wire=_counter(registry, "wire", "Events of the peer protocol.", ("event", "label")),
        thrown_away=_counter(registry, "thrown_away", "What nobody needed any more, by what it was.", ("what",)),
        stranger_bytes=Gauge(
            "rochdale_stranger_bytes", "What hosts without ties to this body left here today.", registry=registry
        ),
        due=Gauge("rochdale_deliveries_due", "Deliveries waiting to be sent.", registry=registry),
    )
