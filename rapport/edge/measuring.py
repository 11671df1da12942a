"""Measuring: what the edge counts for Prometheus."""

from __future__ import annotations

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

ARRIVALS = Counter(
    "rapport_intake_requests", "Requests at the doors, by door and outcome.", ["door", "outcome"]
)
INTAKE_SECONDS = Histogram(
    "rapport_intake_seconds",
    "From the first byte of a request to its answer, by door.",
    ["door"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
FLUSH_ROWS = Histogram(
    "rapport_intake_flush_rows",
    "Arrivals that shared a commit.",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512),
)
FLUSH_SECONDS = Histogram(
    "rapport_intake_flush_seconds",
    "Time of one flush.",
    buckets=(0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.25, 1, 15),
)
FLUSHES_FAILED = Counter("rapport_intake_flushes_failed", "Flushes that the database refused.")
BYTES_HELD = Gauge("rapport_intake_bytes_held", "Bytes of requests now in memory.")
STREAMS = Gauge("rapport_live_streams", "Pages that listen now.")
NEWS = Counter("rapport_live_events", "Events written to pages, by name.", ["event"])
JOURNAL_LAG = Histogram(
    "rapport_live_lag_seconds",
    "From the recording of an entry until the edge has read it.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)


def expose_metrics() -> tuple[bytes, str]:
    """All metrics of this process as text, and the content type of that text."""
    return generate_latest(REGISTRY), CONTENT_TYPE_LATEST


def count_arrival(door: str, outcome: str, seconds: float) -> None:
    """One request at a door: how it ended (stored, known, refused, away, gone, failed) and how long it took."""
    counter = _ARRIVALS.get((door, outcome))
    if counter is None:
        counter = _ARRIVALS[door, outcome] = ARRIVALS.labels(door, outcome)
    counter.inc()
    timer = _SECONDS.get(door)
    if timer is None:
        timer = _SECONDS[door] = INTAKE_SECONDS.labels(door)
    timer.observe(seconds)


_ARRIVALS: dict[tuple[str, str], Counter] = {}
_SECONDS: dict[str, Histogram] = {}
